import { createToken, type TokenType } from 'chevrotain';

function token(name: string): TokenType {
  return createToken({ name, pattern: /NOT_LEXED_BY_PATTERN/ });
}

/** Token types of a shell script; reserved words have their own where a command may begin. */
export const shellTokens = {
  Word: token('Word'),
  Assignment: token('Assignment'),
  Redirect: token('Redirect'),
  Arithmetic: token('Arithmetic'),
  Newline: token('Newline'),
  Semicolon: token('Semicolon'),
  DoubleSemicolon: token('DoubleSemicolon'),
  Ampersand: token('Ampersand'),
  And: token('And'),
  Or: token('Or'),
  Pipe: token('Pipe'),
  Open: token('Open'),
  Close: token('Close'),
  OpenBrace: token('OpenBrace'),
  CloseBrace: token('CloseBrace'),
  Bang: token('Bang'),
  If: token('If'),
  Then: token('Then'),
  Elif: token('Elif'),
  Else: token('Else'),
  Fi: token('Fi'),
  For: token('For'),
  In: token('In'),
  Do: token('Do'),
  Done: token('Done'),
  While: token('While'),
  Case: token('Case'),
  Esac: token('Esac'),
  Function: token('Function'),
} as const;

/** Reserved words, which are such only where a command may begin. */
export const reservedWords: ReadonlyMap<string, TokenType> = new Map([
  ['if', shellTokens.If],
  ['then', shellTokens.Then],
  ['elif', shellTokens.Elif],
  ['else', shellTokens.Else],
  ['fi', shellTokens.Fi],
  ['for', shellTokens.For],
  ['do', shellTokens.Do],
  ['done', shellTokens.Done],
  ['while', shellTokens.While],
  ['until', shellTokens.While],
  ['case', shellTokens.Case],
  ['esac', shellTokens.Esac],
  ['function', shellTokens.Function],
  ['{', shellTokens.OpenBrace],
  ['}', shellTokens.CloseBrace],
  ['!', shellTokens.Bang],
]);

/** Reserved words after which a command may begin. */
export const opening = new Set<TokenType>([
  shellTokens.If,
  shellTokens.Then,
  shellTokens.Elif,
  shellTokens.Else,
  shellTokens.Do,
  shellTokens.While,
  shellTokens.OpenBrace,
  shellTokens.Bang,
]);

/** Commands whose operands are assignments, which may be arrays. */
export const declaring = new Set(['declare', 'typeset', 'local', 'readonly', 'export']);

/** What a compound command's first line is about. */
export function headerOf(keyword: TokenType): 'for' | 'case' | 'function' | undefined {
  if (keyword === shellTokens.For) return 'for';
  if (keyword === shellTokens.Case) return 'case';
  return keyword === shellTokens.Function ? 'function' : undefined;
}
