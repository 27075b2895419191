import type { Exposure, Finding, ReportDiagnostic } from '../report/report.ts';
import { lineStarts, positionAt } from '../source/source.ts';
import type { Source } from '../source/source.ts';
import { findingKinds } from './registry.ts';

export interface Suppressed {
  readonly findings: readonly Finding[];
  /** Directives that lack a reason, name no finding, or silence nothing. */
  readonly diagnostics: readonly ReportDiagnostic[];
}

/**
 * Marks findings that a comment in the rules silences: `# fw-audit: ignore[FW2001] reason` on the rule's line or in the comment
 * lines right above it, or the same text in the rule's own comment (`--comment "fw-audit: ignore[unassigned-port] reason"`). Codes
 * and names both do, several with commas. Without a reason nothing is silenced.
 *
 * A finding about a row is silenced only if every rule that lets the row in says so: a new rule that opens the same port is never
 * hidden by an old rule's comment.
 */
export function suppress(
  findings: readonly Finding[],
  exposures: readonly Exposure[],
  sources: readonly Source[],
): Suppressed {
  const directives = sources.flatMap(directivesOf);
  if (directives.length === 0) return { findings, diagnostics: [] };
  const byPlace = new Map<string, Directive[]>();
  for (const directive of directives) {
    const key = `${directive.source.path}\n${directive.appliesTo}`;
    byPlace.set(key, [...(byPlace.get(key) ?? []), directive]);
  }
  const used = new Set<Directive>();
  const silencing = (finding: Finding, path: string, line: number): Directive | undefined =>
    byPlace
      .get(`${path}\n${line}`)
      ?.find(({ names, reason }) => reason !== '' && (names.has(finding.code) || names.has(finding.name)));
  const marked = findings.map((finding): Finding => {
    if (finding.suppressed !== undefined || finding.location === undefined) return finding;
    const { location, exposure } = finding;
    const rules = exposure === undefined ? [] : (exposures[exposure]?.rules ?? []);
    const places = rules.length === 0 ? [location] : rules;
    const found = places.map(({ path, line }) => silencing(finding, path, line));
    for (const directive of found) if (directive !== undefined) used.add(directive);
    if (found.some((directive) => directive === undefined)) return finding;
    const reasons = [...new Set(found.map((directive) => directive!.reason))];
    return { ...finding, suppressed: { by: 'comment', reason: reasons.join('; ') } };
  });
  return { findings: marked, diagnostics: directives.flatMap((one) => remarksOn(one, used.has(one))) };
}

interface Directive {
  readonly source: Source;
  /** Offset of `fw-audit:`. */
  readonly at: number;
  readonly end: number;
  readonly names: ReadonlySet<string>;
  readonly reason: string;
  /** The line of the rule it speaks of. */
  readonly appliesTo: number;
}

const marker = 'fw-audit:';

function directivesOf(source: Source): Directive[] {
  const found: Directive[] = [];
  for (let at = source.text.indexOf(marker); at >= 0; at = source.text.indexOf(marker, at + 1)) {
    const { line } = positionAt(source, at);
    const starts = lineStarts(source);
    const start = starts[line - 1]!;
    const text = source.text.slice(start, starts[line] ?? source.text.length).replace(/[\r\n]+$/, '');
    const rest = text.slice(at - start + marker.length);
    const match = /^[ \t]*ignore[ \t]*\[([^\]]*)\]/.exec(rest);
    if (match === null) continue;
    const isComment = /^\s*#/.test(text);
    found.push({
      source,
      at,
      end: at + marker.length + match[0].length,
      names: new Set(match[1]!.split(',').map((name) => canonical(name.trim()))),
      reason: reasonIn(rest.slice(match[0].length), quoteAround(text.slice(0, at - start))),
      appliesTo: isComment ? nextRuleLine(source, line) : line,
    });
  }
  return found;
}

function canonical(name: string): string {
  return /^fw\d+$/i.test(name) ? name.toUpperCase() : name;
}

/** The quote that is open where the directive begins, if any: its reason ends where the string does. */
function quoteAround(before: string): string | undefined {
  let open: string | undefined;
  for (let i = 0; i < before.length; i++) {
    const character = before[i]!;
    if (character === '\\') i++;
    else if (open === undefined ? character === '"' || character === "'" : character === open)
      open = open === undefined ? character : undefined;
  }
  return open;
}

function reasonIn(text: string, quote: string | undefined): string {
  const end = quote === undefined ? -1 : text.indexOf(quote);
  return (end < 0 ? text : text.slice(0, end)).replace(/^[\s:–—-]+/, '').trim();
}

/** The first line after `line` that is neither blank nor a comment. */
function nextRuleLine(source: Source, line: number): number {
  const starts = lineStarts(source);
  for (let next = line + 1; next <= starts.length; next++) {
    const text = source.text.slice(starts[next - 1]!, starts[next] ?? source.text.length);
    if (!/^\s*(#|$)/.test(text)) return next;
  }
  return line;
}

const knownNames = new Set(findingKinds.flatMap(({ code, name }) => [code, name]));

function remarksOn(directive: Directive, used: boolean): ReportDiagnostic[] {
  const from = positionAt(directive.source, directive.at);
  const to = positionAt(directive.source, directive.end);
  const remark = (
    code: string,
    severity: ReportDiagnostic['severity'],
    message: string,
    help: string,
  ): ReportDiagnostic => ({
    code,
    severity,
    message,
    help,
    location: {
      path: directive.source.path,
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
    },
  });
  const unknown = [...directive.names].filter((name) => !knownNames.has(name));
  if (unknown.length > 0)
    return [
      remark(
        'FW3021',
        'warning',
        `there is no finding “${unknown[0]!}” to ignore`,
        'Write a code or a name: ignore[FW2001], ignore[unassigned-port].',
      ),
    ];
  if (directive.reason === '')
    return [
      remark(
        'FW3020',
        'warning',
        'this comment ignores findings without saying why, so it counts for nothing',
        'Write the reason after the bracket: fw-audit: ignore[FW2001] metering, OPS-1234.',
      ),
    ];
  if (used) return [];
  return [
    remark(
      'FW3022',
      'note',
      'this comment ignores nothing: the rule has no such finding, or another rule lets the same packets in',
      'Remove the comment, or put the same on every rule that lets these packets in.',
    ),
  ];
}
