/** A part of a shell pattern: a character as it stands, any one of a set, any one, or any number of them. */
type Piece =
  | { readonly kind: 'character'; readonly character: string }
  | {
      readonly kind: 'set';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    }
  | { readonly kind: 'one' }
  | { readonly kind: 'many' };

/** Texts and patterns beyond this are not worked out. */
const longest = 4000;

/** Pieces of a pattern as 2.14 of the Shell Command Language has them; undefined for what is not read here (classes, extended patterns). */
function piecesOf(pattern: string): readonly Piece[] | undefined {
  if (pattern.length > longest || /\[[:=.]|[@?*+!]\(/.test(pattern)) return undefined;
  const pieces: Piece[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '*') pieces.push({ kind: 'many' });
    else if (character === '?') pieces.push({ kind: 'one' });
    else if (character === '\\') pieces.push({ kind: 'character', character: pattern[++at] ?? '\\' });
    else if (character === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end < 0) {
        pieces.push({ kind: 'character', character });
        continue;
      }
      const inner = pattern.slice(at + 1, end);
      const negated = /^[!^]/.test(inner);
      const ranges = [...(negated ? inner.slice(1) : inner).matchAll(/([^])-([^])|([^])/g)].map(
        (found): readonly [string, string] => [found[1] ?? found[3] ?? '', found[2] ?? found[3] ?? ''],
      );
      pieces.push({ kind: 'set', negated, ranges });
      at = end;
    } else pieces.push({ kind: 'character', character });
  }
  return pieces;
}

function fitsOne(piece: Piece, character: string): boolean {
  switch (piece.kind) {
    case 'character':
      return piece.character === character;
    case 'set':
      return piece.ranges.some(([from, to]) => from <= character && character <= to) !== piece.negated;
    default:
      return true;
  }
}

/** Goes back to the last `*` only, which is enough. */
function fits(pieces: readonly Piece[], text: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let from = 0;
  while (at < text.length) {
    const piece = pieces[next];
    if (piece?.kind === 'many') {
      star = next++;
      from = at;
    } else if (piece !== undefined && fitsOne(piece, text[at]!)) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++from;
    } else return false;
  }
  return pieces.slice(next).every((piece) => piece.kind === 'many');
}

/** Whether a pattern fits a whole text; undefined where that is not worked out. */
export function fitsPattern(text: string, pattern: string): boolean | undefined {
  if (!/[*?[\\]/.test(pattern)) return text === pattern;
  const pieces = text.length > longest ? undefined : piecesOf(pattern);
  return pieces === undefined ? undefined : fits(pieces, text);
}

/** `${text#pattern}` and its likes: the text without its shortest (`#`, `%`) or longest (`##`, `%%`) beginning or end that fits. */
export function trimmed(
  text: string,
  operator: '#' | '##' | '%' | '%%',
  pattern: string,
): string | undefined {
  if (text.length > longest) return undefined;
  const pieces = piecesOf(pattern);
  if (pieces === undefined) return undefined;
  const lengths = Array.from({ length: text.length + 1 }, (_, i) => i);
  if (operator.length === 2) lengths.reverse();
  for (const length of lengths) {
    const cut = operator.startsWith('#') ? length : text.length - length;
    const part = operator.startsWith('#') ? text.slice(0, cut) : text.slice(cut);
    if (fits(pieces, part)) return operator.startsWith('#') ? text.slice(cut) : text.slice(0, cut);
  }
  return text;
}
