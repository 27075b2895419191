import { oneLine } from './plain-text.ts';

/** Text in which nothing is Markdown, HTML, a mention or a reference to an issue. */
export function text(value: string): string {
  return oneLine(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]()|~#!]/g, (character) => `\\${character}`)
    .replaceAll('@', '@<!-- -->');
}

/** A code span that holds any text, in a table as well. */
export function code(value: string): string {
  const shown = oneLine(value).replaceAll('|', '\\|');
  const longest = Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}
