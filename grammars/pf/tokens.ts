import { createToken, Lexer } from 'chevrotain';
import type { IToken, TokenType } from 'chevrotain';

/** A token of pf.conf(5). Offsets are those of the source; a token that came out of a macro has the offsets of its `$name`. */
export interface PfToken extends IToken {
  readonly endOffset: number;
  /** True for a string in quotes: never a keyword, and never a macro reference. */
  readonly quoted: boolean;
  /** True if the token was read from the value of a macro. */
  readonly expanded: boolean;
}

/** Everything that may stand inside the parentheses of an option list (`keep state (...)`). */
export const Inner: TokenType = createToken({ name: 'Inner', pattern: Lexer.NA });

function token(name: string, label?: string): TokenType {
  return createToken({ name, label: label ?? name, pattern: Lexer.NA, categories: [Inner] });
}

/** `STRING` of parse.y: a bare word that is no keyword, or anything in quotes. */
export const Text = token('Text', 'a word');
/** `NUMBER` of parse.y: decimal digits that end at a space, `)`, `,`, `/`, `}` or `=`. Digits that end elsewhere are a Text. */
export const NumberToken = token('Number', 'a number');
/** A character that starts nothing in pf.conf. */
export const Other = token('Other', 'an unknown character');
/** A quote that is never closed. */
export const OpenQuote = token('OpenQuote', 'an unclosed quote');
/** `$name` where no macro of that name is defined. */
export const UndefinedMacro = token('UndefinedMacro', 'an undefined macro');
export const Newline = token('Newline', 'the end of the line');

export const LBrace = token('LBrace', '{');
export const RBrace = token('RBrace', '}');
export const LParen = createToken({ name: 'LParen', label: '(', pattern: Lexer.NA });
export const RParen = createToken({ name: 'RParen', label: ')', pattern: Lexer.NA });
export const Comma = token('Comma', ',');
export const Slash = token('Slash', '/');
export const Bang = token('Bang', '!');
export const Equal = token('Equal', '=');
export const NotEqual = token('NotEqual', '!=');
export const Less = token('Less', '<');
export const LessEqual = token('LessEqual', '<=');
export const Greater = token('Greater', '>');
export const GreaterEqual = token('GreaterEqual', '>=');
/** `><` (inside) and `<>` (outside). */
export const PortBinary = token('PortBinary', '>< or <>');
export const Minus = token('Minus', '-');
export const Arrow = token('Arrow', '->');

/**
 * Keywords by their spelling, of all dialects together (the `lookup` tables of the parse.y files). Words that only occur inside
 * statements which are read as plain token lists (`set`, `altq`, `queue`, `ether`) are left as Text.
 */
export const keywords: ReadonlyMap<string, TokenType> = new Map(
  [
    ['pass', 'block', 'match', 'drop', 'return', 'return-rst', 'return-icmp', 'return-icmp6'],
    ['anchor', 'nat-anchor', 'rdr-anchor', 'binat-anchor', 'scrub-anchor', 'dummynet-anchor', 'fwd-anchor'],
    ['nat', 'rdr', 'binat', 'no', 'scrub', 'antispoof', 'for', 'table', 'file', 'load', 'include', 'set'],
    ['altq', 'queue', 'ether', 'dummynet'],
    ['in', 'out', 'log', 'quick', 'on', 'inet', 'inet6', 'proto', 'all', 'from', 'to', 'any', 'port', 'os'],
    ['no-route', 'urpf-failed', 'route', 'rdomain', 'received-on', 'bridge-to'],
    [
      'user',
      'group',
      'flags',
      'icmp-type',
      'icmp6-type',
      'code',
      'tos',
      'keep',
      'modulate',
      'synproxy',
      'state',
    ],
    ['fragment', 'allow-opts', 'label', 'ridentifier', 'dnpipe', 'dnqueue', 'tag', 'tagged', 'probability'],
    ['rtable', 'divert-to', 'divert-reply', 'divert-packet', 'nat-to', 'rdr-to', 'binat-to', 'af-to'],
    ['route-to', 'reply-to', 'dup-to', 'fastroute', 'once', 'max-pkt-rate', 'max-pkt-size', 'prio', 'weight'],
    ['static-port', 'round-robin', 'random', 'source-hash', 'bitmask', 'least-states', 'sticky-address'],
    ['endpoint-independent', 'map-e-portset', 'prefer-ipv6-nexthop'],
    ['no-df', 'min-ttl', 'max-mss', 'set-tos', 'random-id', 'reassemble'],
  ]
    .flat()
    .map((word) => [word, token(`'${word}'`, word)] as const),
);

export const allTokens: readonly TokenType[] = [
  Inner,
  Text,
  NumberToken,
  Other,
  OpenQuote,
  UndefinedMacro,
  Newline,
  LBrace,
  RBrace,
  LParen,
  RParen,
  Comma,
  Slash,
  Bang,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  PortBinary,
  Minus,
  Arrow,
  ...keywords.values(),
];

/** The token type of a keyword; asking for a word that is none is a bug. */
export function keyword(word: string): TokenType {
  const type = keywords.get(word);
  if (type === undefined) throw new Error(`not a pf keyword: ${word}`);
  return type;
}
