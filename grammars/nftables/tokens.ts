import { createToken, Lexer, type TokenType } from 'chevrotain';

/**
 * The words of nft(8), after `src/scanner.l` of nftables 1.1.
 *
 * nft's scanner has some 450 keywords that switch on and off by context. Here every word is one token, `Word`; the ones that the
 * parser must choose by get a type of their own (see scanner.ts), all in the category `Word`, so that a
 * chain may still be called `counter`. Which fields a header has is data (vocabulary.ts), not grammar.
 */
export const Word = createToken({ name: 'Word', pattern: /[A-Za-z_.][A-Za-z0-9_./-]*\*?/ });

/** What ends a statement. */
export const Separator = createToken({ name: 'Separator', pattern: Lexer.NA });
/** What stands between the two sides of a comparison. */
export const RelationSign = createToken({ name: 'RelationSign', pattern: Lexer.NA });
export const BinarySign = createToken({ name: 'BinarySign', pattern: Lexer.NA });

export const Newline = createToken({ name: 'Newline', pattern: /\n/, categories: [Separator] });
/** `\` at the end of a line joins it with the next. */
const Blank = createToken({ name: 'Blank', pattern: /(?:[ \t\r]|\\\r?\n)+/, group: Lexer.SKIPPED });
/** `nft -a` writes the kernel's number of an object at the end of its line. */
export const Handle = createToken({ name: 'Handle', pattern: /#[ \t]*handle[ \t]+\d+[^\n]*/ });
const Comment = createToken({ name: 'Comment', pattern: /#[^\n]*/, group: Lexer.SKIPPED });

/** No escapes inside; may span lines; a `*` right after belongs to an interface pattern. */
export const String_ = createToken({ name: 'String', pattern: /"[^"]*"/, line_breaks: true });

export const Ipv4 = createToken({ name: 'Ipv4', pattern: /\d+\.\d+\.\d+\.\d+/ });
export const Ipv6 = createToken({
  name: 'Ipv6',
  pattern:
    /(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){6}\d+\.\d+\.\d+\.\d+|(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?::(?:(?:[0-9A-Fa-f]{1,4}:){0,6}\d+\.\d+\.\d+\.\d+|[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?/,
});
export const Mac = createToken({
  name: 'Mac',
  pattern: /[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){5}(?![0-9A-Fa-f:])/,
});
/**
 * Two short hexadecimal numbers with a colon between them are one word where this follows them: a traffic class, `1:12`, and by the same
 * rule a time, `08:00` (scanner.l, `{classid}/[ \t\n:\-},]`).
 */
export const Pair = createToken({
  name: 'Pair',
  pattern: /[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}(?=[ \t\r\n:\-},])/,
  categories: [Word],
});
/** `1d2h`, `30s`, `500ms`, and other numbers with letters behind them. */
export const Quantity = createToken({ name: 'Quantity', pattern: /\d+[A-Za-z][A-Za-z0-9]*/ });
export const Number_ = createToken({ name: 'Number', pattern: /0[xX][0-9A-Fa-f]+|\d+/ });

const word = (name: string): TokenType => createToken({ name, pattern: Lexer.NA, categories: [Word] });

/** A header protocol; the next word says whether it starts a field or is a value (`ip protocol tcp`). */
export const Header = word('Header');
export const Meta = word('Meta');
/** Keys of `meta` that may stand alone: `iifname`, `mark`, `oif` … */
export const MetaKey = word('MetaKey');
export const Ct = word('Ct');
export const Fib = word('Fib');
export const Rt = word('Rt');
export const Socket = word('Socket');
export const Osf = word('Osf');
export const Ipsec = word('Ipsec');
export const Numgen = word('Numgen');
export const Hash = word('Hash');
export const Tunnel = word('Tunnel');
export const Exthdr = word('Exthdr');

export const Verdict = word('Verdict');
export const Jump = word('Jump');
export const MapWord = word('MapWord');
export const Vmap = word('Vmap');
export const SetWord = word('SetWord');
export const Reject = word('Reject');
export const Log = word('Log');
export const Limit = word('Limit');
export const Quota = word('Quota');
export const Counter = word('Counter');
export const Last = word('Last');
export const Nat = word('Nat');
export const Masquerade = word('Masquerade');
export const Tproxy = word('Tproxy');
export const Synproxy = word('Synproxy');
export const Notrack = word('Notrack');
export const Queue = word('Queue');
export const Dup = word('Dup');
export const Flow = word('Flow');
export const Meter = word('Meter');
export const Xt = word('Xt');
export const SetOperation = word('SetOperation');
export const Reset = word('Reset');
export const Comment_ = word('CommentWord');

export const Table = word('Table');
export const Chain = word('Chain');
export const RuleWord = word('RuleWord');
export const Element = word('Element');
export const Elements = word('Elements');
export const Flowtable = word('Flowtable');
export const Secmark = word('Secmark');
export const Ruleset = word('Ruleset');
export const Type = word('Type');
export const Typeof = word('Typeof');
export const Policy = word('Policy');
export const Hook = word('Hook');
export const Device = word('Device');
export const Devices = word('Devices');
export const Priority = word('Priority');
export const Flags = word('Flags');
export const Include = word('Include');
export const Define = word('Define');
export const Undefine = word('Undefine');
/** `add`, `delete` and `update` are `SetOperation`; these are commands only. */
export const CommandWord = word('CommandWord');

/** `timeout`, `expires`: options of set elements. */
export const Lifetime = word('Lifetime');

const sign = (name: string, pattern: string, ...categories: TokenType[]): TokenType =>
  createToken({ name, pattern, categories });

export const NotEqual = sign('NotEqual', '!=', RelationSign);
export const Equal = sign('Equal', '==', RelationSign);
export const LessOrEqual = sign('LessOrEqual', '<=', RelationSign);
export const GreaterOrEqual = sign('GreaterOrEqual', '>=', RelationSign);
export const ShiftLeft = sign('ShiftLeft', '<<', BinarySign);
export const ShiftRight = sign('ShiftRight', '>>', BinarySign);
export const Less = sign('Less', '<', RelationSign);
export const Greater = sign('Greater', '>', RelationSign);
export const Assign = sign('Assign', '=');
export const Not = sign('Not', '!', RelationSign);
export const And = sign('And', '&', BinarySign);
export const Or = sign('Or', '|', BinarySign);
export const Xor = sign('Xor', '^', BinarySign);
export const LeftBrace = sign('LeftBrace', '{');
export const RightBrace = sign('RightBrace', '}');
export const LeftParen = sign('LeftParen', '(');
export const RightParen = sign('RightParen', ')');
export const LeftBracket = sign('LeftBracket', '[');
export const RightBracket = sign('RightBracket', ']');
export const Comma = sign('Comma', ',');
export const Dot = sign('Dot', '.');
export const Colon = sign('Colon', ':');
export const Semicolon = sign('Semicolon', ';', Separator);
export const Slash = sign('Slash', '/');
export const Dash = sign('Dash', '-');
export const Plus = sign('Plus', '+');
export const Star = sign('Star', '*');
export const Dollar = sign('Dollar', '$');
export const At = sign('At', '@');
/** A character that nft's scanner calls unexpected junk. */
export const Junk = createToken({ name: 'Junk', pattern: /[^\s]/ });

const keywordTypes: readonly (readonly [TokenType, string])[] = [
  [
    Header,
    'ether vlan arp ip ip6 icmp icmpv6 igmp tcp udp udplite sctp dccp th ah esp comp gre gretap geneve vxlan ' +
      'hbh rt0 rt2 rt4 srh frag dst mh ll nh ih inner',
  ],
  [Meta, 'meta'],
  [
    MetaKey,
    'mark iif iifname iiftype oif oifname oiftype skuid skgid nftrace rtclassid ibriport obriport ibridgename ' +
      'obridgename ibrname obrname iifgroup oifgroup cgroup pkttype cpu time hour day',
  ],
  [Ct, 'ct'],
  [Fib, 'fib'],
  [Rt, 'rt'],
  [Socket, 'socket'],
  [Osf, 'osf'],
  [Ipsec, 'ipsec'],
  [Numgen, 'numgen'],
  [Hash, 'jhash symhash'],
  [Tunnel, 'tunnel'],
  [Exthdr, 'exthdr'],
  [Verdict, 'accept drop continue return'],
  [Jump, 'jump goto'],
  [MapWord, 'map'],
  [Vmap, 'vmap'],
  [SetWord, 'set'],
  [Reject, 'reject'],
  [Log, 'log'],
  [Limit, 'limit'],
  [Quota, 'quota'],
  [Counter, 'counter'],
  [Last, 'last'],
  [Nat, 'snat dnat redirect'],
  [Masquerade, 'masquerade fullcone'],
  [Tproxy, 'tproxy'],
  [Synproxy, 'synproxy'],
  [Notrack, 'notrack'],
  [Queue, 'queue'],
  [Dup, 'dup fwd'],
  [Flow, 'flow'],
  [Meter, 'meter'],
  [Xt, 'xt'],
  [SetOperation, 'add update delete'],
  [Reset, 'reset'],
  [Comment_, 'comment'],
  [Lifetime, 'timeout expires'],
  [Table, 'table'],
  [Chain, 'chain'],
  [RuleWord, 'rule'],
  [Element, 'element'],
  [Elements, 'elements'],
  [Flowtable, 'flowtable'],
  [Secmark, 'secmark'],
  [Ruleset, 'ruleset'],
  [Type, 'type'],
  [Typeof, 'typeof'],
  [Policy, 'policy'],
  [Hook, 'hook'],
  [Device, 'device'],
  [Devices, 'devices'],
  [Priority, 'priority'],
  [Flags, 'flags'],
  [Include, 'include'],
  [Define, 'define redefine'],
  [Undefine, 'undefine'],
  [CommandWord, 'create insert replace destroy flush rename list monitor describe export import'],
  [Equal, 'eq'],
  [NotEqual, 'ne'],
  [Less, 'lt'],
  [Greater, 'gt'],
  [LessOrEqual, 'le'],
  [GreaterOrEqual, 'ge'],
  [And, 'and'],
  [Or, 'or'],
  [Xor, 'xor'],
  [Not, 'not'],
  [ShiftLeft, 'lshift'],
  [ShiftRight, 'rshift'],
];

/** Which token type a word gets; words that are missing stay `Word`. */
export const keywords: ReadonlyMap<string, TokenType> = new Map(
  keywordTypes.flatMap(([type, words]) => words.split(' ').map((text) => [text, type] as const)),
);

/** In the order in which patterns are tried. */
export const lexedTokens: readonly TokenType[] = [
  Blank,
  Newline,
  Handle,
  Comment,
  String_,
  Mac,
  Ipv6,
  Pair,
  Ipv4,
  Quantity,
  Number_,
  Dot,
  Word,
  NotEqual,
  Equal,
  LessOrEqual,
  GreaterOrEqual,
  ShiftLeft,
  ShiftRight,
  Less,
  Greater,
  Assign,
  Not,
  And,
  Or,
  Xor,
  LeftBrace,
  RightBrace,
  LeftParen,
  RightParen,
  LeftBracket,
  RightBracket,
  Comma,
  Colon,
  Semicolon,
  Slash,
  Dash,
  Plus,
  Star,
  Dollar,
  At,
  Junk,
];

export const vocabulary: readonly TokenType[] = [
  Separator,
  RelationSign,
  BinarySign,
  ...lexedTokens,
  ...new Set(keywordTypes.map(([type]) => type).filter((type) => !lexedTokens.includes(type))),
];
