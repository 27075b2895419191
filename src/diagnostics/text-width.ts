import { eastAsianWidth } from 'get-east-asian-width';

const plain = /^[\x20-\x7e]*$/;
const combining = /\p{Mark}/u;

/**
 * Columns that a text takes in a terminal. The text must have been through `visibleText`: it holds no controls and no joiners.
 *
 * The npm package string-width gives the same numbers for such text (a test compares them), but its Intl.Segmenter costs 25 ms at the
 * start, as much as Node itself.
 */
export function textWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  return combining.test(character) ? 0 : eastAsianWidth(code);
}

/** The text cut to at most `width` columns, with `ellipsis` where something is missing. */
export function fitText(text: string, width: number, ellipsis: string): string {
  if (textWidth(text) <= width) return text;
  const room = width - textWidth(ellipsis);
  if (room <= 0) return ellipsis.slice(0, Math.max(0, width));
  let kept = '';
  let used = 0;
  for (const character of text) {
    const columns = characterWidth(character);
    if (used + columns > room) break;
    kept += character;
    used += columns;
  }
  return kept.trimEnd() + ellipsis;
}

/** The text in lines of at most `width` columns, broken at blanks; a longer word stands on a line of its own. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  if (line !== '') lines.push(line);
  return lines;
}
