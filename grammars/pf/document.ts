import type { TokenType } from 'chevrotain';
import type { Source, Span } from '../../src/source/source.ts';
import { whenNeeded } from '../shared/when-needed.ts';
import { PfParser } from './parser.ts';
import { PfScanner } from './scanner.ts';
import { ListNumbers, SharedRules } from './shared-rule.ts';
import type { SharedRule } from './shared-rule.ts';
import { readStatement } from './statement.ts';
import type { Include, LoadAnchor, Statement } from './syntax.ts';
import {
  Bang,
  Comma,
  keyword,
  LBrace,
  LParen,
  Newline,
  OpenQuote,
  RBrace,
  RParen,
  PlainToken,
  SourceWord,
  UndefinedMacro,
} from './tokens.ts';
import type { PfToken } from './tokens.ts';

/** Reads a file that the text includes; a string is the reason why not. */
export type IncludeReader = (path: string, from: Source) => readonly Source[] | string;

export interface PfDocument {
  readonly statements: readonly Statement[];
  /** The sources read: the main one and what it includes, in the order met. */
  readonly sources: readonly Source[];
  /** Lines that look like statements and belong to a comment that ends in a backslash. */
  readonly swallowed: readonly Span[];
  /** Set if reading stopped early, and why. */
  readonly stopped?: { readonly span: Span; readonly reason: string };
}

/** pfctl nests anchors 64 deep (PF_ANCHOR_STACK_MAX) and includes 16 deep; lists nest as deep as one likes, but nobody does. */
const deepest = 64;
const deepestInclude = 16;
/** Tokens of broken statements may be read again from the next line, but only this often all together. */
const rereadLimit = 4;

const listKeywords: ReadonlySet<string> = new Set(
  'on proto from to port os user group icmp-type icmp6-type for queue'.split(' '),
);
const statementKeywords: ReadonlySet<string> = new Set(
  'pass block match anchor table set antispoof scrub nat rdr binat altq load include'.split(' '),
);

/**
 * Reads pf.conf(5) text into statements. Never throws: what cannot be read is a statement with a problem. `definitions` are the macros
 * of `pfctl -D`, which the file cannot define anew (parse.y, symset with `persist`).
 */
export function parsePf(
  source: Source,
  include: IncludeReader,
  definitions: ReadonlyMap<string, string> = new Map(),
): PfDocument {
  const reader = new DocumentReader(include, new Macros(definitions));
  const statements = reader.read(source, 0);
  sharedParser().release();
  return {
    statements,
    sources: reader.sources,
    swallowed: reader.swallowed,
    ...(reader.stopped === undefined ? {} : { stopped: reader.stopped }),
  };
}

/** The tokens of one statement, and how it ended. */
interface Collected {
  readonly tokens: PfToken[];
  /** `open`: an anchor's `{`; `close`: a lone `}`. */
  readonly end: 'line' | 'open' | 'close' | 'file';
  /** Set if the grammar wants a line end before or after the brace and there is none. */
  readonly crowded?: PfToken;
}

/** Macros defined so far; those given from outside stay as they are. */
class Macros {
  private values: Map<string, string>;
  private kept = false;
  private readonly given: ReadonlyMap<string, string>;

  constructor(given: ReadonlyMap<string, string>) {
    this.given = given;
    this.values = new Map(given);
  }

  get(name: string): string | undefined {
    return this.values.get(name);
  }

  set(name: string, value: string): void {
    if (this.given.has(name)) return;
    const before = this.values.get(name);
    if (this.kept && before !== undefined && before !== value) {
      this.values = new Map(this.values);
      this.kept = false;
    }
    this.values.set(name, value);
  }

  /** Macros whose values stay what they are now: another object once one of them is defined anew. */
  now(): ReadonlyMap<string, string> {
    this.kept = true;
    return this.values;
  }
}

class DocumentReader {
  readonly sources: Source[] = [];
  readonly swallowed: Span[] = [];
  stopped: PfDocument['stopped'] = undefined;
  private readonly macros: Macros;
  private readonly parser = sharedParser();
  private readonly numbers = new ListNumbers();
  private readonly include: IncludeReader;

  constructor(include: IncludeReader, macros: Macros) {
    this.include = include;
    this.macros = macros;
  }

  read(source: Source, includeDepth: number): readonly Statement[] {
    this.sources.push(source);
    const reader = new SourceReader(source, this.macros, this.parser, {
      numbers: this.numbers,
      load: (statement, path) => this.load(statement, path, source, includeDepth),
      stop: (span, reason) => (this.stopped ??= { span, reason }),
    });
    const statements = reader.statements();
    for (const offset of reader.carriedComments) this.swallowedAt(offset, source);
    return statements;
  }

  /** Of a comment that goes on, a line may be one of a statement that somebody took out; one that begins a statement is hardly meant. */
  private swallowedAt(offset: number, source: Source): void {
    const newline = source.text.indexOf('\n', offset);
    const line = source.text.slice(offset, newline < 0 ? undefined : newline).trimEnd();
    const word = /^[ \t]*([a-z-]+)/.exec(line)?.[1] ?? '';
    if (!statementKeywords.has(word)) return;
    const start = offset + line.length - line.trimStart().length;
    this.swallowed.push({ source: source.id, start, end: offset + line.length });
  }

  private load(statement: Include | LoadAnchor, path: string, from: Source, depth: number): void {
    if (depth >= deepestInclude) {
      statement.unread = `includes are nested more than ${deepestInclude} deep`;
      return;
    }
    const found = this.include(path, from);
    if (typeof found === 'string') statement.unread = found;
    else statement.body = found.flatMap((source) => this.read(source, depth + 1));
  }
}

interface SourceReaderHost {
  readonly numbers: ListNumbers;
  readonly load: (statement: Include | LoadAnchor, path: string) => void;
  readonly stop: (span: Span, reason: string) => void;
}

class SourceReader {
  private readonly scanner: PfScanner;
  private pending: PfToken | undefined;
  private reread = 0;
  private shared: SharedRules | undefined;
  private sharedFor: ReadonlyMap<string, string> | undefined;
  private readonly source: Source;
  private readonly macros: Macros;
  private readonly parser: PfParser;
  private readonly host: SourceReaderHost;

  constructor(source: Source, macros: Macros, parser: PfParser, host: SourceReaderHost) {
    this.source = source;
    this.macros = macros;
    this.parser = parser;
    this.host = host;
    this.scanner = new PfScanner(source.text, macros);
  }

  get carriedComments(): readonly number[] {
    return this.scanner.carriedComments;
  }

  statements(): readonly Statement[] {
    const stack: Statement[][] = [[]];
    for (;;) {
      for (let rule = this.sharedRule(); rule !== undefined; rule = this.sharedRule())
        stack[stack.length - 1]!.push(rule);
      const collected = this.collect(stack.length > 1);
      const { tokens, end } = collected;
      if (tokens.length > 0) {
        const statement = this.finish(collected);
        stack[stack.length - 1]!.push(statement);
        if (end === 'open') {
          const body: Statement[] = [];
          if (statement.kind !== 'unread') (statement as { body?: Statement[] }).body = body;
          if (stack.length >= deepest) {
            this.host.stop(statement.span, `anchors are nested more than ${deepest} deep`);
            return stack[0]!;
          }
          stack.push(body);
        }
      }
      if (end === 'close') stack.pop();
      if (end !== 'file') continue;
      if (stack.length > 1) {
        const open = stack[stack.length - 2]!.at(-1)!;
        if (open.kind === 'anchor' || open.kind === 'translation-anchor')
          open.problem ??= { token: undefined, expected: "'}' that closes the anchor" };
      }
      return stack[0]!;
    }
  }

  /** The rule in the next line, if it can share its words with others. */
  private sharedRule(): SharedRule | undefined {
    const { scanner } = this;
    if (this.pending !== undefined || !scanner.inSource) return undefined;
    const macros = this.macros.now();
    if (macros !== this.sharedFor) {
      this.sharedFor = macros;
      this.shared = new SharedRules(this.source, macros, this.parser, this.host.numbers);
    }
    const rule = this.shared!.read(scanner.offset);
    if (rule !== undefined) scanner.seek(this.shared!.next);
    return rule;
  }

  private next(): PfToken | undefined {
    const { pending } = this;
    this.pending = undefined;
    return pending ?? this.scanner.next();
  }

  private collect(inAnchor: boolean): Collected {
    const tokens: PfToken[] = [];
    let depth = 0;
    let isAnchor = false;
    for (;;) {
      const token = this.next();
      if (token === undefined) return { tokens, end: 'file' };
      const type = token.tokenType;
      if (type === Newline) {
        if (depth === 0) return { tokens, end: 'line' };
        const after = this.next();
        if (after === undefined) return { tokens, end: 'file' };
        this.pending = after;
        // No list item is one of these words, so the list was never closed.
        if (!after.quoted && !after.expanded && statementKeywords.has(after.image))
          return { tokens, end: 'line' };
        continue;
      }
      if (tokens.length < 2 && isAnchorWord(type)) isAnchor = true;
      if (type === limiterWord) sourceKeyword(tokens);
      if (type === UndefinedMacro || type === OpenQuote) {
        // pfctl reports it and skips the rest of the line.
        tokens.push(token);
        this.skipLine(token);
        return { tokens, end: 'line' };
      }
      if (type === LBrace && depth === 0 && isAnchor && !introducesList(tokens.at(-1)))
        return this.open(tokens);
      if (type === RBrace && depth === 0 && inAnchor) {
        return tokens.length === 0 ? this.close() : { tokens, end: 'close', crowded: token };
      }
      if (type === LBrace || type === LParen) depth++;
      if ((type === RBrace || type === RParen) && depth > 0) depth--;
      tokens.push(token);
      if (depth > deepest) {
        this.skipLine(token);
        return { tokens, end: 'line' };
      }
    }
  }

  private open(tokens: PfToken[]): Collected {
    const after = this.next();
    if (after === undefined || after.tokenType === Newline) return { tokens, end: 'open' };
    this.pending = after;
    return { tokens, end: 'open', crowded: after };
  }

  private close(): Collected {
    const after = this.next();
    if (after !== undefined && after.tokenType !== Newline) this.pending = after;
    return { tokens: [], end: 'close' };
  }

  private skipLine(token: PfToken): void {
    const end = this.source.text.indexOf('\n', token.startOffset);
    this.pending = undefined;
    this.scanner.seek(end < 0 ? this.source.text.length : end + 1);
  }

  private finish({ tokens, crowded }: Collected): Statement {
    const last = tokens.at(-1)!;
    const statement = readStatement(tokens, this.source.id, this.parser);
    if (statement.kind === 'macro') this.macros.set(statement.name.image, statement.value);
    else if (statement.kind === 'include') this.host.load(statement, statement.file.image);
    else if (statement.kind === 'load-anchor' && statement.problem === undefined) {
      this.host.load(statement, statement.file!.image);
    }
    if ('problem' in statement && statement.problem !== undefined)
      this.resume(statement.problem.token ?? last, last);
    else if (crowded !== undefined && statement.kind !== 'unread') {
      (statement as { problem?: unknown }).problem = { token: crowded, expected: 'the end of the line' };
    }
    return statement;
  }

  /**
   * After an error pfctl goes on behind the next line end. A list or a quote that was never closed has swallowed lines that are
   * statements of their own, so reading goes on behind the line of the error, not behind the statement.
   */
  private resume(from: PfToken, last: PfToken): void {
    const lineEnd = this.source.text.indexOf('\n', from.startOffset);
    if (lineEnd < 0 || last.endOffset <= lineEnd) return;
    this.reread += last.endOffset - lineEnd;
    if (this.reread > rereadLimit * this.source.text.length + 100_000) return;
    this.pending = undefined;
    this.scanner.seek(lineEnd + 1);
  }
}

const anchorWords: ReadonlySet<TokenType> = new Set(
  ['anchor', 'nat-anchor', 'rdr-anchor', 'binat-anchor'].map(keyword),
);
const limiterWord = keyword('limiter');

/** Anchors whose rules may stand in braces; those of translation only in what `pfctl -a '*' -sn` prints (pfctl_show_nat). */
function isAnchorWord(type: TokenType): boolean {
  return anchorWords.has(type);
}

/** `source limiter`: the first of the two words is a keyword only here. */
function sourceKeyword(tokens: PfToken[]): void {
  const last = tokens.at(-1);
  if (last?.image !== 'source' || last.quoted) return;
  tokens[tokens.length - 1] = new PlainToken(SourceWord, last.image, last.startOffset);
}

function introducesList(token: PfToken | undefined): boolean {
  if (token === undefined) return false;
  const type = token.tokenType;
  return type === Bang || type === Comma || (!token.quoted && listKeywords.has(token.image));
}

/** It holds no state between statements. */
const sharedParser = whenNeeded(() => new PfParser());
