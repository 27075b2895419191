/**
 * Text from an input as it may be shown to people.
 *
 * Names and comments in a rule file are whoever's wrote it: an escape sequence could repaint the terminal, a bidirectional override
 * could make a line read as another (Unicode TR 36, "Trojan Source"). Such characters are shown by their code.
 */
export function visibleText(text: string, { ascii = false }: { readonly ascii?: boolean } = {}): string {
  return text.replace(ascii ? notPlainAscii : deceptive, codeOf);
}

// Controls (C0, DEL, C1), soft hyphen, Arabic letter mark, zero-width and direction marks, line and paragraph separators,
// invisible operators, BOM, interlinear annotation, halves of surrogate pairs, tag characters. The zero-width joiner stays out
// of names too: no rule file needs it.
const deceptive =
  /[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

const notPlainAscii = /[^\x20-\x7e]/gu;

function codeOf(character: string): string {
  const code = character.codePointAt(0)!;
  if (code === 9) return '\\t';
  if (code === 10) return '\\n';
  if (code === 13) return '\\r';
  const digits = code.toString(16);
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`;
}
