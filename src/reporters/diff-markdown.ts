import type { Change, Decided, Difference } from '../report/difference.ts';
import { portsText } from '../report/row-text.ts';
import { fromText, remarks, summaryText } from './diff-terminal.ts';
import { code, text } from './markdown-text.ts';

/** GitHub's limit of a comment is 65,536 characters. */
const limit = 65_000;

/** For a pull-request comment: what changes for packets, as a table. */
export function diffMarkdown(difference: Difference): string {
  for (const most of [200, 50, 15]) {
    const page = pageOf(difference, most);
    if (page.length <= limit) return page;
  }
  return pageOf(difference, 3).slice(0, limit);
}

function pageOf(difference: Difference, most: number): string {
  const { changes, before, after } = difference;
  const paths = [before, after].map((inputs) => inputs.map(({ path }) => code(path)).join(', '));
  const parts = [
    `### fw-audit diff: ${text(summaryText(difference))}`,
    `${paths[0]} → ${paths[1]}`,
    ...(changes.length === 0 ? [] : [table(changes, most)]),
    ...remarks(difference).map((sentence) => text(sentence)),
  ];
  return `${parts.join('\n\n')}\n`;
}

const marks = { opened: '🔴 opened', closed: '🟠 closed', conditions: '🟡 conditions' } as const;

function table(changes: readonly Change[], most: number): string {
  const rows = changes
    .slice(0, most)
    .map(
      (change) =>
        `| ${marks[change.kind]} | ${code(portsText(change))} ${change.direction} ${change.family === 'ipv4' ? 'IPv4' : 'IPv6'} | ${text(fromText(change))} | ${decided(change.before)} | ${decided(change.after)} |`,
    );
  const more = changes.length - rows.length;
  return [
    '| Change | Port | From | Was | Is |',
    '| :-- | :-- | :-- | :-- | :-- |',
    ...rows,
    ...(more > 0 ? [`\n… and ${more} more`] : []),
  ].join('\n');
}

const words = { allow: 'allowed', conditional: 'conditional', deny: 'denied' } as const;

function decided({ verdict, action, rules, conditions }: Decided): string {
  const rule = rules[rules.length - 1];
  const by =
    rule === undefined
      ? ''
      : rule.line > 0
        ? ` ${code(`${rule.path}:${rule.line}`)}`
        : ` (${text(rule.text)})`;
  const hangs = conditions.length === 0 ? '' : `<br><sub>hangs on: ${text(conditions.join('; '))}</sub>`;
  return `${action === 'reject' ? 'rejected' : words[verdict]}${by}${hangs}`;
}
