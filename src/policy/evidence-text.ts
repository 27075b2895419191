import type { EvidenceLine } from './evidence.ts';

const columns: readonly (readonly [title: string, of: (line: EvidenceLine) => string])[] = [
  ['Input', (line) => line.input],
  ['Port or protocol', (line) => line.ports],
  ['Service', (line) => line.service],
  ['Direction', (line) => line.direction],
  ['From', (line) => line.from],
  ['Family', (line) => line.families.join(', ')],
  ['Business need', (line) => line.reason],
  ['Owner', (line) => line.owner],
  ['Approval', (line) => line.approval],
  ['Until', (line) => line.expires],
  ['Policy entry', (line) => line.entry],
  ['Rules', (line) => line.rules],
];

/** RFC 4180; `cell` makes a value safe for spreadsheets. */
export function evidenceCsv(lines: readonly EvidenceLine[], cell: (value: string) => string): string {
  return [columns.map(([title]) => title), ...lines.map((line) => columns.map(([, of]) => cell(of(line))))]
    .map((row) => `${row.join(',')}\r\n`)
    .join('');
}

export function evidenceMarkdown(lines: readonly EvidenceLine[], day: string, open: number): string {
  const rows = lines.map((line) => `| ${columns.map(([, of]) => markdownCell(of(line))).join(' | ')} |`);
  return `# Services, protocols and ports that are allowed

As of ${day}. ${
    open === 0
      ? 'Everything that is open is justified.'
      : `Not in this list: ${open} open ${open === 1 ? 'row' : 'rows'} without a justification in force.`
  }

| ${columns.map(([title]) => title).join(' | ')} |
|${columns.map(() => ' :-- |').join('')}
${rows.join('\n')}
`;
}

function markdownCell(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]()|~#!]/g, (character) => `\\${character}`);
}
