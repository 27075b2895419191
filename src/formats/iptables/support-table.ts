import { matchSupport, optionSupport, targetSupport, type SupportLevel } from './support.ts';

interface Row {
  readonly level: SupportLevel;
  readonly note: string;
}

function table(heading: string, prefix: string, rows: ReadonlyMap<string, Row>): string {
  const lines = [...rows].map(([name, { level, note }]) => `| \`${prefix}${name}\` | ${level} | ${note} |`);
  return [`| ${heading} | understood | |`, '| --- | --- | --- |', ...lines].join('\n');
}

/** What is understood of iptables and how far, as Markdown: the tables that the lowering itself goes by. */
export function supportTable(): string {
  return [
    '### Options of the command',
    table('option', '--', optionSupport),
    '### Matches',
    table('match', '-m ', matchSupport),
    '### Targets',
    table('target', '-j ', targetSupport),
  ].join('\n\n');
}
