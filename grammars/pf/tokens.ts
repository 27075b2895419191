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

/** A token as it stands in the text. Large files have millions of them, and the tree keeps many: they are as small as can be. */
export class PlainToken implements PfToken {
  readonly tokenType: TokenType;
  readonly tokenTypeIdx: number;
  readonly image: string;
  readonly startOffset: number;

  constructor(type: TokenType, image: string, startOffset: number) {
    this.tokenType = type;
    this.tokenTypeIdx = type.tokenTypeIdx!;
    this.image = image;
    this.startOffset = startOffset;
  }

  get endOffset(): number {
    return this.startOffset + this.image.length - 1;
  }

  get quoted(): boolean {
    return false;
  }

  get expanded(): boolean {
    return false;
  }
}

/** Thrown when a word that stands nowhere is asked where it stands. */
export const placeNeeded = new Error('a word that rules share has no place in the text');

/** A token that all rules with the same words share (see SharedRule): it stands nowhere, and asking where throws `placeNeeded`. */
export class SharedToken implements PfToken {
  readonly tokenType: TokenType;
  readonly tokenTypeIdx: number;
  readonly image: string;
  readonly quoted: boolean;
  readonly expanded: boolean;

  constructor(type: TokenType, image: string, quoted: boolean, expanded: boolean) {
    this.tokenType = type;
    this.tokenTypeIdx = type.tokenTypeIdx!;
    this.image = image;
    this.quoted = quoted;
    this.expanded = expanded;
  }

  get startOffset(): number {
    throw placeNeeded;
  }

  get endOffset(): number {
    throw placeNeeded;
  }
}

/** Makes shared tokens: of numbers, keywords and signs, which are few, one for each. */
export class SharedTokens {
  private readonly known = new Map<TokenType, Map<string, SharedToken>>();

  make(type: TokenType, image: string, quoted: boolean, expanded: boolean): SharedToken {
    if (type === Text || expanded) return new SharedToken(type, image, quoted, expanded);
    let ofType = this.known.get(type);
    if (ofType === undefined) this.known.set(type, (ofType = new Map()));
    let token = ofType.get(image);
    if (token === undefined) ofType.set(image, (token = new SharedToken(type, image, false, false)));
    return token;
  }
}

/** Everything that may stand inside the parentheses of an option list (`keep state (...)`). */
export const Inner: TokenType = createToken({ name: 'Inner', pattern: Lexer.NA });

function category(name: string, label: string): TokenType {
  return createToken({ name, label, pattern: Lexer.NA, categories: [] });
}

/** A word or number (`numberstring`). */
export const Atom = category('Atom', 'a word or a number');
export const Action = category('Action', 'pass or match');
export const Direction = category('Direction', 'in or out');
export const FamilyWord = category('FamilyWord', 'inet or inet6');
export const StateMode = category('StateMode', 'keep, modulate, synproxy or no');
export const UnaryOperator = category('UnaryOperator', '=, !=, <, <=, > or >=');
/** Options that stand alone. */
export const Flag = category('Flag', 'fragment, allow-opts or once');
/** Options with one word behind them. */
export const Setting = category('Setting', 'label, tos or another option with a value');

function token(name: string, label?: string, ...categories: TokenType[]): TokenType {
  return createToken({ name, label: label ?? name, pattern: Lexer.NA, categories: [Inner, ...categories] });
}

/** `STRING` of parse.y: a bare word that is no keyword, or anything in quotes. */
export const Text = token('Text', 'a word', Atom);
/** `NUMBER` of parse.y: decimal digits that end at a space, `)`, `,`, `/`, `}` or `=`. Digits that end elsewhere are a Text. */
export const NumberToken = token('Number', 'a number', Atom);
/** `source` before `limiter`; anywhere else it is a Text, for older systems know no such keyword. */
export const SourceWord = token('Source', 'source');
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
export const Equal = token('Equal', '=', UnaryOperator);
export const NotEqual = token('NotEqual', '!=', UnaryOperator);
export const Less = token('Less', '<', UnaryOperator);
export const LessEqual = token('LessEqual', '<=', UnaryOperator);
export const Greater = token('Greater', '>', UnaryOperator);
export const GreaterEqual = token('GreaterEqual', '>=', UnaryOperator);
/** `><` (inside) and `<>` (outside). */
export const PortBinary = token('PortBinary', '>< or <>');
export const Minus = token('Minus', '-');
export const Arrow = token('Arrow', '->');

const categoryOf: ReadonlyMap<string, TokenType> = new Map([
  ...['pass', 'match'].map((word) => [word, Action] as const),
  ...['in', 'out'].map((word) => [word, Direction] as const),
  ...['inet', 'inet6'].map((word) => [word, FamilyWord] as const),
  ...['keep', 'modulate', 'synproxy', 'no'].map((word) => [word, StateMode] as const),
  ...['fragment', 'allow-opts', 'once'].map((word) => [word, Flag] as const),
  ...['label', 'ridentifier', 'probability', 'tos', 'rtable', 'max-pkt-size'].map(
    (word) => [word, Setting] as const,
  ),
]);

interface KeywordEntry {
  readonly type: TokenType;
  /** The one string that all tokens of this keyword share, so that no token keeps a piece of the source alive. */
  readonly word: string;
}

/**
 * Keywords by their spelling, of all dialects together (the `lookup` tables of the parse.y files). Words that only occur inside
 * statements which are read as plain token lists (`set`, `altq`, `queue`, `ether`) are left as Text.
 */
export const keywords: ReadonlyMap<string, KeywordEntry> = new Map(
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
    ['no-df', 'min-ttl', 'max-mss', 'set-tos', 'random-id', 'reassemble', 'limiter'],
  ]
    .flat()
    .map((word) => {
      const kind = categoryOf.get(word);
      return [word, { type: token(`'${word}'`, word, ...(kind === undefined ? [] : [kind])), word }] as const;
    }),
);

export const allTokens: readonly TokenType[] = [
  Inner,
  Atom,
  Action,
  Direction,
  FamilyWord,
  StateMode,
  UnaryOperator,
  Flag,
  Setting,
  Text,
  NumberToken,
  SourceWord,
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
  ...[...keywords.values()].map(({ type }) => type),
];

/** The token type of a keyword; asking for a word that is none is a bug. */
export function keyword(word: string): TokenType {
  const entry = keywords.get(word);
  if (entry === undefined) throw new Error(`not a pf keyword: ${word}`);
  return entry.type;
}
