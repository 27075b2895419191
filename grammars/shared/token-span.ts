import type { IToken } from 'chevrotain';
import type { Span } from '../../src/source/source.ts';

/** The half-open span of a token; `base` is the offset of the lexed text in its source. (Chevrotain's `endOffset` is inclusive.) */
export function tokenSpan(token: IToken, source: number, base = 0): Span {
  return { source, start: base + token.startOffset, end: base + (token.endOffset ?? token.startOffset) + 1 };
}
