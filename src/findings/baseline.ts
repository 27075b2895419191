import type { Finding, Location } from '../report/report.ts';
import { positionAt } from '../source/source.ts';
import type { Source } from '../source/source.ts';

/** Findings known before, by fingerprint. */
export type Baseline = ReadonlySet<string>;

export type BaselineReading =
  | { readonly ok: true; readonly baseline: Baseline }
  | { readonly ok: false; readonly message: string; readonly help: string; readonly location: Location };

/**
 * The present findings as a file for `--baseline`. Sorted by path, code and fingerprint, one finding a line, so that a new version
 * differs from the old in the findings that came and went, and in nothing else. What a comment silences is not in it.
 */
export function baselineText(findings: readonly Finding[]): string {
  const entries = findings
    .filter(({ suppressed }) => suppressed?.by !== 'comment')
    .map(({ code, name, fingerprint, location, message }) => ({
      fingerprint,
      code,
      name,
      ...(location === undefined ? {} : { path: location.path }),
      message,
    }))
    .sort(
      (a, b) =>
        compare(a.path ?? '', b.path ?? '') ||
        compare(a.code, b.code) ||
        compare(a.fingerprint, b.fingerprint),
    );
  const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`);
  return `{\n  "version": 1,\n  "findings": [${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n  `}]\n}\n`;
}

export function parseBaseline(source: Source): BaselineReading {
  const wrong = (message: string, offset = 0): BaselineReading => {
    const at = positionAt(source, offset);
    return {
      ok: false,
      message,
      help: 'Write a new one with --write-baseline.',
      location: {
        path: source.path,
        line: at.line,
        column: at.column,
        endLine: at.line,
        endColumn: at.column,
      },
    };
  };
  let data: unknown;
  try {
    data = JSON.parse(source.text);
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '');
    return wrong('the baseline is not valid JSON', position === null ? 0 : Number(position[1]));
  }
  if (typeof data !== 'object' || data === null || !('version' in data) || data.version !== 1)
    return wrong('the baseline is not of version 1');
  const findings = 'findings' in data ? data.findings : undefined;
  if (!Array.isArray(findings)) return wrong('the baseline has no list of findings');
  const fingerprints = findings.map((one: unknown) =>
    typeof one === 'object' && one !== null && 'fingerprint' in one ? one.fingerprint : undefined,
  );
  const bad = fingerprints.findIndex((one) => typeof one !== 'string');
  if (bad >= 0) return wrong(`finding ${bad + 1} of the baseline has no fingerprint`);
  return { ok: true, baseline: new Set(fingerprints as string[]) };
}

/** Marks the findings that the baseline knows; only the others count. */
export function applyBaseline(
  findings: readonly Finding[],
  baseline: Baseline,
  path: string,
): readonly Finding[] {
  return findings.map((finding) =>
    finding.suppressed === undefined && baseline.has(finding.fingerprint)
      ? { ...finding, suppressed: { by: 'baseline', reason: `known before, listed in ${path}` } }
      : finding,
  );
}

/** By code unit, so that every machine sorts alike. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
