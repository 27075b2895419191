import type { TokenType } from 'chevrotain';
import { LiteralTests } from './literal-tests.ts';
import { isLiteral } from './literals.ts';
import { afterBlanks, beginningOfRule, endOfCounter, endOfRun, endsRule, mayBeLiteral } from './rule-text.ts';
import type { Statement } from './syntax.ts';
import * as t from './tokens.ts';

/** Reads the statement that begins at an offset, as the grammar does, and says where it ends; undefined if it cannot. */
export type ReadStatement = (
  at: number,
) => { readonly statement: Statement; readonly end: number } | undefined;

/** What is known of a piece of text: the statement that it is, that one goes on behind it, or that it is none that a plain rule has. */
type Known = Statement | 'goes on' | 'unfit';

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
export const counted: Statement = { kind: 'effectless', what: 'counter', text: 'counter', at: 0 };

// What is tried here and then left to the grammar must not cost more than that, whatever the text.

/** Characters of a rule. */
const longest = 4096;
/** How often a statement goes on behind a word that might begin another. */
const mostParts = 8;

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
  /** Where the last word of each ends. */
  readonly ends: number[] = [];
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
        if (next < 0 || !endsRule(text.charCodeAt(next))) return false;
      } else if (role === 'begins') {
        next = this.readNext(next);
        if (next < 0) return false;
      } else return false;
      if (endsRule(text.charCodeAt(next))) {
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
    const counterEnd = endOfCounter(text, start);
    if (counterEnd >= 0) {
      this.take(counted, counterEnd);
      return afterBlanks(text, counterEnd);
    }
    let wordStart = start;
    let wordEnd = endOfRun(text, start);
    for (let parts = 0; parts < mostParts;) {
      const next = afterBlanks(text, wordEnd);
      let nextEnd = -1;
      let isOver = endsRule(text.charCodeAt(next));
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
          this.take(known, wordEnd);
          return next;
        }
      }
      wordStart = next;
      wordEnd = nextEnd;
    }
    return -1;
  }

  private take(statement: Statement, end: number): void {
    this.statements[this.count] = statement;
    this.ends[this.count++] = end;
    this.end = end;
  }

  /** The statement `[start, end)`, whose last word begins at `wordStart`; the word behind it ends at `nextEnd`, if there is one. */
  private known(start: number, wordStart: number, end: number, nextEnd: number): Known | undefined {
    const { text } = this;
    if (mayBeLiteral(text.charCodeAt(wordStart))) {
      const alike = this.tests.get(text.slice(start, wordStart));
      if (alike !== undefined && isLiteral(text, wordStart, end)) return alike.of(text.slice(wordStart, end));
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
    const alike = new LiteralTests(left, relation);
    this.tests.set(this.text.slice(start, wordStart), alike);
    return alike.of(this.text.slice(wordStart, end));
  }
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
