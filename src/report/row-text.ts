import { outlineOf, type RowOutline } from './row-outline.ts';
import type { Condition, Exposure, FromElement } from './report.ts';

const protocolTitles = new Map([
  ['icmp', 'ICMP'],
  ['icmpv6', 'ICMPv6'],
  ['any', 'every other protocol'],
]);

/** `3092/tcp`, `8000-8100/udp`, `ICMP`, `protocol 89`. */
export function portsText(row: Pick<Exposure, 'ports' | 'protocol'>): string {
  if (row.ports === null)
    return (
      protocolTitles.get(row.protocol) ??
      (/^[0-9]+$/.test(row.protocol) ? `protocol ${row.protocol}` : row.protocol.toUpperCase())
    );
  const { from, to } = row.ports;
  return from === to ? `${from}/${row.protocol}` : `${from}-${to}/${row.protocol}`;
}

/** `anywhere`, `10.0.0.0/8`, `anywhere on eth0`, `10.0.0.0/8, 192.0.2.1 and 3 more`. */
export function fromText(row: Exposure): string {
  const outline = outlineOf(row);
  if (!outline.short) return outlinedSources(outline, 2);
  const texts = [...new Set(row.from.map(elementText))];
  if (texts.length <= 3) return joinWithAnd(texts);
  return `${texts.slice(0, 2).join(', ')} and ${texts.length - 2} more`;
}

/** The first few sources and how many more there are, without listing them all. */
export function outlinedSources({ anySource, firstPrefixes, prefixes }: RowOutline, most: number): string {
  if (anySource) return 'anywhere';
  const shown = firstPrefixes.slice(0, most);
  return prefixes === shown.length
    ? joinWithAnd(shown)
    : `${shown.join(', ')} and ${prefixes - shown.length} more`;
}

/** `anywhere`, `10.0.0.0/8 on eth0`. */
export function elementText(element: FromElement): string {
  const sources =
    element.sources === undefined
      ? 'anywhere'
      : element.sources.length <= 2
        ? element.sources.join(', ')
        : `${element.sources.slice(0, 2).join(', ')} and ${element.sources.length - 2} more`;
  const names = element.inInterfaces;
  if (names === undefined) return sources;
  return `${sources} on ${names.map((name) => (name.startsWith('!') ? `any interface but ${name.slice(1)}` : name)).join(', ')}`;
}

export function joinWithAnd(words: readonly string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]!}`;
}

/** `is open to anywhere`, `is forwarded from 10.0.0.0/8`, `is let out`; `may be …` for a possible row. */
export function openText(row: Exposure): string {
  const be = row.certainty === 'certain' ? 'is' : 'may be';
  switch (row.direction) {
    case 'in':
      return `${be} open to ${fromText(row)}`;
    case 'forward':
      return `${be} forwarded from ${fromText(row)}`;
    case 'out':
      return `${be} let out`;
  }
}

/** `md-cg-http`, or what is known of an unassigned port. */
export function useText(row: Exposure): string {
  const uses = [...new Set(row.uses.map(({ use }) => use))];
  return uses.length === 0 ? '' : `; known to be used by ${joinWithAnd(uses)}`;
}

/** What a row is, without where it stands and its family: the part of a fingerprint that all row findings share. */
export function rowIdentity(row: Exposure): string[] {
  return [
    row.direction,
    row.protocol,
    row.ports === null ? '' : `${row.ports.from}-${row.ports.to}`,
    row.certainty,
    sourceIdentity(row),
  ];
}

/** Short lists are told apart by all they hold, long ones by their size and beginning. */
function sourceIdentity(row: Exposure): string {
  const { short, prefixes, firstPrefixes } = outlineOf(row);
  return short ? JSON.stringify(row.from) : JSON.stringify([prefixes, firstPrefixes]);
}

/** `explain` takes one port; a range is shown by its first. */
export function explainCommand(row: Exposure): string {
  return row.ports === null ? 'fw-audit explain' : `fw-audit explain ${row.ports.from}/${row.protocol}`;
}

/** Every source prefix of the row once; `any` if some element names none. */
export function sourcesText(row: Exposure): string {
  if (row.from.some(({ sources }) => sources === undefined)) return 'any';
  return [...new Set(row.from.flatMap(({ sources }) => sources ?? []))].join(' ');
}

/** `limit: avg 5/min (rules.txt:7)`. */
export function conditionText({ text, rule }: Condition): string {
  return rule === undefined ? text : `${text} (${rule.path}:${rule.line})`;
}
