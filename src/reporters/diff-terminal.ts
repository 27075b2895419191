import type { Change, Decided, Difference } from '../report/difference.ts';
import { elementText, joinWithAnd, portsText } from '../report/row-text.ts';
import type { FromElement, ReportInput } from '../report/report.ts';
import type { RenderOptions } from './reporter.ts';
import { missingPrefixes } from './terminal/all-but.ts';
import { severityMark, type Style, styleFor } from './terminal/style.ts';
import { counted } from './terminal/words.ts';

/** Changes that a person is shown unless they ask for all. */
const most = 100;

const titles = {
  opened: 'Opened',
  closed: 'Closed',
  conditions: 'On other conditions',
} as const satisfies Record<Change['kind'], string>;

/** What changes for packets: what opens first, each with who decided before and who decides now. */
export function diffTerminal(
  difference: Difference,
  options: Pick<RenderOptions, 'columns' | 'color' | 'unicode' | 'quiet' | 'verbose'>,
): string {
  const style = styleFor(options.color, options.unicode, Math.max(40, options.columns));
  const lines: string[] = [];
  if (!options.quiet)
    lines.push(...header('before', difference.before, style), ...header('after', difference.after, style));
  let left = options.verbose ? Infinity : most;
  for (const kind of ['opened', 'closed', 'conditions'] as const) {
    const changes = difference.changes.filter((change) => change.kind === kind);
    if (changes.length === 0 || (options.quiet && kind === 'conditions')) continue;
    lines.push('', style.bold(titles[kind]));
    const shown = changes.slice(0, left);
    left -= shown.length;
    for (const change of shown) lines.push(...changeLines(change, style));
    if (shown.length < changes.length)
      lines.push(
        style.dim(`     ${counted(changes.length - shown.length, 'more row')}; --verbose shows all`),
      );
  }
  if (!options.quiet) {
    lines.push('', style.bold(summaryText(difference)));
    for (const sentence of remarks(difference)) lines.push(style.safe(sentence));
  }
  while (lines[0] === '') lines.shift();
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function header(side: string, inputs: readonly ReportInput[], style: Style): string[] {
  return inputs.map(({ path, dialect, families, rules }) => {
    const names = families.map((family) => (family === 'ipv4' ? 'IPv4' : 'IPv6')).join(' and ');
    const what = [dialect, names].filter((part) => part !== '').join(', ');
    return `${side.padEnd(7)}${[style.bold(style.safe(path)), style.safe(what), counted(rules, 'rule')].join(style.separator)}`;
  });
}

function changeLines(change: Change, style: Style): string[] {
  const { severity, direction, family } = change;
  const mark = style.mark(severity, ` ${severityMark(severity, style.unicode)}  `);
  const service = change.assignment?.service === undefined ? '' : ` (${change.assignment.service})`;
  const where = [direction, family === 'ipv4' ? 'IPv4' : 'IPv6'].join(', ');
  return [
    `${mark}${style.bold(style.safe(`${portsText(change)}${service}`))} from ${style.safe(fromText(change))}${style.separator}${where}`,
    ...decidedLines('was', change.before, style),
    ...decidedLines('now', change.after, style),
  ];
}

const words = { allow: 'allowed', conditional: 'conditional', deny: 'denied' } as const;

function decidedLines(when: string, { verdict, action, rules, conditions }: Decided, style: Style): string[] {
  const how = action === 'reject' ? 'rejected' : words[verdict];
  const rule = rules[rules.length - 1];
  const by =
    rule === undefined
      ? 'by default'
      : rule.line > 0
        ? `${style.safe(`${rule.path}:${rule.line}`)}  ${style.dim(style.safe(rule.text))}`
        : style.dim(style.safe(rule.text));
  return [
    `       ${when} ${how.padEnd(12)}${by}`.trimEnd(),
    ...conditions.map((condition) => style.dim(`           hangs on: ${style.safe(condition)}`)),
  ];
}

/** Up to three sources, and how many more. */
export function fromText({ from }: Pick<Change, 'from'>): string {
  const texts = [...new Set(from.map((element) => elementText(withoutGaps(element))))];
  return texts.length <= 3
    ? joinWithAnd(texts)
    : `${texts.slice(0, 2).join(', ')} and ${texts.length - 2} more`;
}

/** `anywhere but 198.51.100.0/24` for a list of all the other prefixes. */
function withoutGaps(element: FromElement): FromElement {
  const missing = element.sources === undefined ? undefined : missingPrefixes(element.sources);
  return missing === undefined || missing.length === 0
    ? element
    : { ...element, sources: [`anywhere but ${missing.join(' and ')}`] };
}

export function summaryText({ before, after, changes, diagnostics, summary }: Difference): string {
  const unread = [...(before.length === 0 ? ['before'] : []), ...(after.length === 0 ? ['after'] : [])];
  if (unread.length > 0)
    return `Nothing was compared: no export was read of the side ${unread.join(' and ')}.`;
  if (changes.length === 0)
    return diagnostics.some(({ severity }) => severity === 'error')
      ? 'No packet that could be compared changes its verdict, but not everything could be read.'
      : 'Every packet that was compared keeps its verdict.';
  const parts = [
    ...(summary.opened > 0 ? [`${counted(summary.opened, 'row')} opened`] : []),
    ...(summary.closed > 0 ? [`${counted(summary.closed, 'row')} closed`] : []),
    ...(summary.conditions > 0 ? [`${counted(summary.conditions, 'row')} on other conditions`] : []),
  ];
  return joinWithAnd(parts);
}

/** What was not compared, and what had to be assumed. */
export function remarks({ notCompared, assumptions }: Difference): readonly string[] {
  return [
    ...notCompared.map(
      ({ direction, family, missing }) =>
        `Not compared: ${direction}, ${family === 'ipv4' ? 'IPv4' : 'IPv6'}, which the export ${missing} does not cover.`,
    ),
    ...assumptions.map((assumption) => `Assumed: ${assumption}.`.replace(/\.\.$/, '.')),
  ];
}
