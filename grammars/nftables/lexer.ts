import { Lexer, type IToken } from 'chevrotain';
import { keywords, lexedTokens, Word } from './tokens.ts';

let lexer: Lexer | undefined;

/** Cuts nft text into tokens; a character that nft does not know becomes a `Junk` token, so nothing is lost. */
export function lexNftables(text: string): IToken[] {
  lexer ??= new Lexer([...lexedTokens], {
    positionTracking: 'onlyOffset',
    skipValidations: true,
    ensureOptimizations: false,
  });
  const { tokens } = lexer.tokenize(text);
  classify(tokens);
  return tokens;
}

/**
 * Gives keywords their types. A look-up after lexing is several times cheaper than a `longer_alt` on each of some 130 patterns,
 * all of which begin with a letter.
 */
function classify(tokens: readonly IToken[]): void {
  for (const token of tokens) {
    if (token.tokenType !== Word) continue;
    const type = keywords.get(token.image);
    if (type === undefined) continue;
    token.tokenType = type;
    token.tokenTypeIdx = type.tokenTypeIdx!;
  }
}
