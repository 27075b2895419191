import { outlineOf } from '../report/row-outline.ts';
import type { Exposure, Finding, Location, RuleReference, Severity } from '../report/report.ts';
import { lineText } from '../source/source.ts';
import type { Source } from '../source/source.ts';
import type { FindingContext, FindingDraft, FindingKind } from './finding-kind.ts';
import { fingerprintOf, fingerprintText } from './fingerprint.ts';
import { findingKinds } from './registry.ts';

export type { FindingContext, FindingKind, UselessRule } from './finding-kind.ts';
export { findingKinds } from './registry.ts';
export { isAtLeast } from './row-severity.ts';

/** The findings that a search for rules without effect is needed for. */
export const uselessRuleFindings: readonly string[] = ['dead-rule', 'shadowed-rule', 'redundant-rule'];

/** The kind of a code (`FW2001`) or name (`unassigned-port`). */
export function findingKind(codeOrName: string): FindingKind | undefined {
  return findingKinds.find(({ code, name }) => code === codeOrName.toUpperCase() || name === codeOrName);
}

/**
 * All findings, worst first; of one severity in the order of their codes, and of one code in the order of the exposures.
 * A policy's `severity` replaces the built-in one; `none` takes the finding out.
 */
export function findingsOf(context: FindingContext): readonly Finding[] {
  const bySource = new Map(context.sources.map((source) => [source.path, source]));
  const found = findingKinds.flatMap((kind) =>
    mergeFamilies(kind.find(context), context).flatMap(({ draft, families }): Found[] => {
      const severity = context.policy?.severity.get(kind.name) ?? draft.severity ?? kind.severity;
      return severity === 'none' ? [] : [{ kind, severity, draft, families }];
    }),
  );
  let fingerprints: readonly string[] | undefined;
  const findings = found.map(({ kind, severity, draft }, index): Finding => {
    let place: { readonly at: Location | undefined } | undefined;
    return {
      code: kind.code,
      name: kind.name,
      severity,
      get message() {
        return draft.message;
      },
      get help() {
        return draft.help;
      },
      ...(draft.exposure === undefined ? {} : { exposure: draft.exposure }),
      get location() {
        return (place ??= { at: placeOf(draft, context, bySource) }).at;
      },
      // The table that a person reads shows none.
      get fingerprint() {
        return (fingerprints ??= fingerprintsOf(found, context))[index]!;
      },
    };
  });
  return findings
    .map((finding, index) => ({ finding, index }))
    .sort((a, b) => severityOrder(b.finding) - severityOrder(a.finding) || a.index - b.index)
    .map(({ finding }) => finding);
}

interface Found extends MergedDraft {
  readonly kind: FindingKind;
  readonly severity: Severity;
}

/** Two rules that say the same are two findings: the second one's fingerprint says that it is the second. */
function fingerprintsOf(found: readonly Found[], context: FindingContext): readonly string[] {
  const seen = new Map<string, number>();
  return found.map(({ kind, draft, families }) => {
    const text = fingerprintText(kind.code, pathOf(draft, context), [...draft.identity, ...families]);
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    return fingerprintOf(text) + (count === 1 ? '' : `-${count}`);
  });
}

interface MergedDraft {
  readonly draft: FindingDraft;
  /** Those of the rows it speaks of. */
  readonly families: readonly string[];
}

/**
 * One rule often opens the same over IPv4 and IPv6. That is one finding, about the first of the two rows; its fingerprint names
 * both families, so that a family which is opened later is news.
 */
function mergeFamilies(drafts: readonly FindingDraft[], context: FindingContext): readonly MergedDraft[] {
  const rowOf = ({ exposure }: FindingDraft): Exposure | undefined =>
    exposure === undefined ? undefined : context.exposures[exposure];
  const familiesOfAll = new Set(drafts.flatMap((draft) => rowOf(draft)?.family ?? []));
  if (familiesOfAll.size <= 1)
    return drafts.map((draft) => ({ draft, families: rowOf(draft) === undefined ? [] : [...familiesOfAll] }));
  const words = drafts.map((draft) => {
    const row = rowOf(draft);
    return row === undefined
      ? ''
      : JSON.stringify([row.input, draft.severity, draft.message, ...draft.identity]);
  });
  const familiesOf = new Map<string, Set<string>>();
  for (const [index, draft] of drafts.entries()) {
    const row = rowOf(draft);
    if (row === undefined) continue;
    const families = familiesOf.get(words[index]!);
    if (families === undefined) familiesOf.set(words[index]!, new Set([row.family]));
    else families.add(row.family);
  }
  const merged = new Map<string, { draft: FindingDraft; families: Set<string> }>();
  for (const [index, draft] of drafts.entries()) {
    const row = rowOf(draft);
    // Without a row to compare, every draft stands alone; so do rows of which no other family's says the same.
    if (row === undefined || familiesOf.get(words[index]!)!.size === 1) {
      merged.set(String(index), { draft, families: new Set(row === undefined ? [] : [row.family]) });
      continue;
    }
    const key = JSON.stringify([words[index], outlineOf(row).leadingRule]);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { draft, families: new Set([row.family]) });
    // Two rows of one family stand alone as well.
    else if (known.families.has(row.family))
      merged.set(`${key} ${index}`, { draft, families: new Set([row.family]) });
    else known.families.add(row.family);
  }
  return [...merged.values()].map(({ draft, families }) => ({ draft, families: [...families].sort() }));
}

function severityOrder({ severity }: Finding): number {
  return ['none', 'note', 'low', 'medium', 'high'].indexOf(severity);
}

function pathOf(draft: FindingDraft, context: FindingContext): string {
  if (draft.exposure !== undefined)
    return context.inputs[context.exposures[draft.exposure]!.input]?.path ?? '';
  return draft.at?.path ?? '';
}

function placeOf(
  draft: FindingDraft,
  context: FindingContext,
  bySource: ReadonlyMap<string, Source>,
): Location | undefined {
  const { at } = draft;
  if (at === undefined) return undefined;
  if (at.line > 0) return at.path === '' ? undefined : locationOf(at, bySource);
  // An implicit default is written nowhere; its finding stands at the head of the input.
  const path = pathOf(draft, context);
  return path === '' ? undefined : locationOf({ path, line: 1, text: '' }, bySource);
}

function locationOf(at: RuleReference | Location, bySource: ReadonlyMap<string, Source>): Location {
  if ('column' in at) return at;
  const source = bySource.get(at.path);
  const line = source === undefined ? at.text : lineText(source, at.line);
  const indent = line.length - line.trimStart().length;
  return {
    path: at.path,
    line: at.line,
    column: indent + 1,
    endLine: at.line,
    endColumn: Math.max(line.trimEnd().length, indent) + 1,
  };
}
