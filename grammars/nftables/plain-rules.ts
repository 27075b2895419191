import type { TokenType } from 'chevrotain';
import { isLiteral } from './literals.ts';
import { LiteralTest } from './plain-rule.ts';
import type { Expression, Relation, Statement } from './syntax.ts';
import * as t from './tokens.ts';

/** Reads the statement that begins at an offset, as the grammar does, and says where it ends; undefined if it cannot. */
export type ReadStatement = (
  at: number,
) => { readonly statement: Statement; readonly end: number } | undefined;

/** What is known of a piece of text: the statement that it is, that one goes on behind it, or that it is none that a plain rule has. */
type Known = Statement | 'goes on' | 'unfit';

/** Comparisons that are alike up to the literal at their end. */
interface LiteralTests {
  readonly left: Expression;
  readonly relation: Relation;
  /** By the literal's text. */
  readonly tests: Map<string, LiteralTest>;
}

/** Words that begin a statement in a plain rule. Inside of one they may stand too: what the grammar made of the text tells. */
const beginnings: ReadonlySet<TokenType> = new Set([
  ...[t.Header, t.Meta, t.MetaKey, t.Ct, t.Fib, t.Rt, t.Exthdr, t.Socket, t.Ipsec, t.Numgen, t.Hash],
  ...[t.Verdict, t.Jump, t.Log, t.Counter, t.Limit, t.Quota, t.Last, t.Reject],
]);
/** Words of statements that make several rules, change the packet, or change sets. */
const strangers: ReadonlySet<TokenType> = new Set([
  ...[t.Vmap, t.MapWord, t.Nat, t.Masquerade, t.Tproxy, t.Synproxy, t.Notrack, t.Queue, t.Dup, t.Flow],
  ...[t.SetWord, t.SetOperation, t.Meter, t.Xt],
]);

type Role = 'begins' | 'comment' | 'stranger';
const roles: ReadonlyMap<string, Role> = new Map(
  [...t.keywords].flatMap(([word, type]): (readonly [string, Role])[] =>
    beginnings.has(type)
      ? [[word, 'begins']]
      : type === t.Comment_
        ? [[word, 'comment']]
        : strangers.has(type)
          ? [[word, 'stranger']]
          : [],
  ),
);

/** Counters differ in every rule of a listing, and their numbers decide nothing. */
const countedSoFar = /counter packets \d+ bytes \d+(?=[ \t\r\n;#}]|$)/y;
const counted: Statement = { kind: 'effectless', what: 'counter', text: 'counter', at: 0 };

// What is tried here and then left to the grammar must not cost more than that, whatever the text.

/** Characters of a rule. */
const longest = 4096;
/** How often a statement goes on behind a word that might begin another. */
const mostParts = 8;
/** Characters in front of a rule. */
const mostBlanks = 256;

/** The grammar takes a chain in braces wherever it takes a verdict. */
const rulesInside = /(?:jump|goto)[ \t\r]*\{/;

/**
 * Reads rules whose statements stand on one line, between blanks, and mean the same wherever they stand. Most rules are made of
 * statements that have been read before: the grammar reads each of them once, where it is met first, and by its text it is known again
 * from then on. Where the grammar stops depends on a statement's own words and on the one behind it (it looks one token ahead), so both
 * are part of what is remembered. Comparisons with numbers and addresses are mostly new: there, the text before the literal is known again.
 */
export class PlainRules {
  /** Of the rule that `read` has read; the next one's take their places. */
  readonly statements: Statement[] = [];
  count = 0;
  comment: string | undefined;
  start = 0;
  /** Where its last word ends. */
  end = 0;
  /** Where the token behind it begins. */
  stop = 0;

  private readonly text: string;
  private readonly readStatement: ReadStatement;
  private readonly tests = new Map<string, LiteralTests>();
  /** Statements with the word behind them. */
  private readonly followed = new Map<string, Known>();
  /** Statements at the end of a rule. */
  private readonly last = new Map<string, Known>();

  constructor(text: string, readStatement: ReadStatement) {
    this.text = text;
    this.readStatement = readStatement;
  }

  /** Reads the rule that begins at the offset, or behind separators there. False if it is not plain, or no rule. */
  read(at: number): boolean {
    const { text } = this;
    let next = beginningOfRule(text, at);
    this.start = next;
    this.count = 0;
    this.comment = undefined;
    let role = this.roleAt(next, endOfRun(text, next));
    if (role !== 'begins') return false;
    while (role !== undefined) {
      if (role === 'comment') {
        next = this.readComment(next);
        // It is the last of a rule.
        if (next < 0 || !this.isEnd(next)) return false;
      } else if (role === 'begins') {
        next = this.readNext(next);
        if (next < 0) return false;
      } else return false;
      if (this.isEnd(next)) {
        this.stop = next;
        return true;
      }
      role = this.roleAt(next, endOfRun(text, next));
    }
    return false;
  }

  private roleAt(start: number, end: number): Role | undefined {
    const c = this.text.charCodeAt(start);
    return c >= 97 && c <= 122 ? roles.get(this.text.slice(start, end)) : undefined;
  }

  private isEnd(at: number): boolean {
    const c = this.text.charCodeAt(at);
    // A newline, `;`, `}`, `#`, or NaN at the end of the text.
    return c === 10 || c === 59 || c === 125 || c === 35 || c !== c;
  }

  /** `comment "…"`; what stands behind it, or -1. */
  private readComment(at: number): number {
    const { text } = this;
    const open = afterBlanks(text, at + 'comment'.length);
    const close = text.charCodeAt(open) === 34 ? text.indexOf('"', open + 1) : -1;
    if (close < 0 || endOfRun(text, open) !== close + 1) return -1;
    this.comment = text.slice(open + 1, close);
    this.end = close + 1;
    return afterBlanks(text, close + 1);
  }

  /** Reads one statement; what stands behind it, or -1. */
  private readNext(start: number): number {
    const { text } = this;
    countedSoFar.lastIndex = start;
    if (text.charCodeAt(start) === 99 && countedSoFar.test(text)) {
      this.statements[this.count++] = counted;
      this.end = countedSoFar.lastIndex;
      return afterBlanks(text, this.end);
    }
    let wordStart = start;
    let wordEnd = endOfRun(text, start);
    for (let parts = 0; parts < mostParts;) {
      const next = afterBlanks(text, wordEnd);
      let nextEnd = -1;
      let isOver = this.isEnd(next);
      if (!isOver) {
        nextEnd = endOfRun(text, next);
        if (nextEnd < 0 || nextEnd - this.start > longest) return -1;
        const role = this.roleAt(next, nextEnd);
        if (role === 'stranger') return -1;
        isOver = role !== undefined;
      }
      if (isOver) {
        parts++;
        const known = this.known(start, wordStart, wordEnd, nextEnd);
        if (known === undefined || known === 'unfit' || (known === 'goes on' && nextEnd < 0)) return -1;
        if (known !== 'goes on') {
          this.statements[this.count++] = known;
          this.end = wordEnd;
          return next;
        }
      }
      wordStart = next;
      wordEnd = nextEnd;
    }
    return -1;
  }

  /** The statement `[start, end)`, whose last word begins at `wordStart`; the word behind it ends at `nextEnd`, if there is one. */
  private known(start: number, wordStart: number, end: number, nextEnd: number): Known | undefined {
    const { text } = this;
    if (mayBeLiteral(text.charCodeAt(wordStart))) {
      const alike = this.tests.get(text.slice(start, wordStart));
      if (alike !== undefined && isLiteral(text, wordStart, end))
        return literalTest(alike, text.slice(wordStart, end));
    }
    const memory = nextEnd < 0 ? this.last : this.followed;
    const key = text.slice(start, nextEnd < 0 ? end : nextEnd);
    let known = memory.get(key);
    if (known === undefined) {
      known = this.learn(start, wordStart, end);
      // An error may lie anywhere behind; what it says of this text is nothing to remember.
      if (known !== undefined) memory.set(key, known);
    }
    return known;
  }

  private learn(start: number, wordStart: number, end: number): Known | undefined {
    const read = this.readStatement(start);
    if (read === undefined) return undefined;
    if (read.end < end) return 'unfit';
    if (read.end > end) return 'goes on';
    const { statement } = read;
    if (!isFit(statement) || rulesInside.test(this.text.slice(start, end))) return 'unfit';
    if (
      statement.kind !== 'match' ||
      statement.right.at !== wordStart ||
      !isLiteral(this.text, wordStart, end)
    )
      return statement;
    const { left, relation } = statement;
    const alike: LiteralTests = { left, relation, tests: new Map() };
    this.tests.set(this.text.slice(start, wordStart), alike);
    return literalTest(alike, this.text.slice(wordStart, end));
  }
}

function literalTest({ left, relation, tests }: LiteralTests, written: string): LiteralTest {
  let test = tests.get(written);
  if (test === undefined) {
    test = new LiteralTest(left, relation, written);
    tests.set(written, test);
  }
  return test;
}

/** Statements that say all there is to say of them by their words. */
function isFit(statement: Statement): boolean {
  switch (statement.kind) {
    case 'match':
    case 'effectless':
    case 'condition':
    case 'reject':
    case 'verdict':
      return true;
    default:
      return false;
  }
}

/** Behind separators and blanks; of many, in front of some. */
function beginningOfRule(text: string, at: number): number {
  for (const stop = at + mostBlanks; at < stop; at++) {
    const c = text.charCodeAt(at);
    if (c !== 10 && c !== 59 && c !== 32 && c !== 9 && c !== 13) break;
  }
  return at;
}

function afterBlanks(text: string, at: number): number {
  for (let c = text.charCodeAt(at); c === 32 || c === 9 || c === 13; c = text.charCodeAt(++at));
  return at;
}

/** Digits, letters of hexadecimal numbers, a colon, a brace. */
function mayBeLiteral(c: number): boolean {
  return (c >= 48 && c <= 58) || c === 123 || ((c | 32) >= 97 && (c | 32) <= 102);
}

/**
 * Where a run of characters without blanks ends; strings and braces belong to it with the blanks in them. -1 if it holds what no plain
 * rule has: variables, joined lines, braces over several lines.
 */
function endOfRun(text: string, at: number): number {
  for (let open = false; ; at++) {
    const c = text.charCodeAt(at);
    if (c > 63 && c !== 92 && c < 123) continue;
    switch (c) {
      case 34:
        at = text.indexOf('"', at + 1);
        if (at < 0) return -1;
        break;
      case 36:
      case 92:
        return -1;
      case 123:
        if (open) return -1;
        open = true;
        break;
      case 125:
        if (!open) return at;
        open = false;
        break;
      case 32:
      case 9:
      case 13:
        if (open) break;
        return at;
      case 10:
      case 59:
      case 35:
        return open ? -1 : at;
      default:
        if (c !== c) return open ? -1 : at;
    }
  }
}
