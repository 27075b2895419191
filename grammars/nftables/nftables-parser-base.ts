import {
  createTokenInstance,
  EOF,
  isRecognitionException,
  MismatchedTokenException,
  NoViableAltException,
  type IToken,
  type TokenType,
} from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import type { Span } from '../../src/source/source.ts';
import type { SyntaxProblem } from './syntax.ts';
import { Scanner } from './scanner.ts';
import { LeftBrace, RightBrace, Separator, vocabulary } from './tokens.ts';

/** What the layers of the nftables parser share: offsets, errors, and the way on after an error. */
export abstract class NftablesParserBase extends StrictParser {
  protected sourceId = 0;
  protected text = '';
  protected problems: SyntaxProblem[] = [];
  /** Set by every `$variable`; rules note it, so that only those are searched for variables later. */
  protected sawVariable = false;

  protected constructor() {
    // One token decides everywhere; where nft needs two, the action looks at the second itself.
    super([...vocabulary], { maxLookahead: 1 });
  }

  /** Begins a new text. */
  protected begin(source: number, text: string): void {
    this.input = [];
    this.scanner = new Scanner(text);
    this.window = [];
    this.position = -1;
    this.sourceId = source;
    this.text = text;
    this.problems = [];
    this.depth = 0;
    this.braces = 0;
    this.balance = undefined;
    this.pieceLength = usualPiece;
  }

  // Tokens come from the scanner as they are needed, and go when they have been read: held all at once, those of 100,000 rules cost
  // more time in the garbage collector than the parsing takes. These replace Chevrotain's
  // own over its token vector, which it keeps apart for lazy lexers.

  private scanner = new Scanner('');
  private window: IToken[] = [];
  private position = -1;
  private dropped = 0;
  /** How many characters of one line are cut into tokens at a time: few where few are read. */
  protected pieceLength = usualPiece;
  /** How many braces are open where the parser stands. */
  private braces = 0;
  private balance: number | undefined;

  protected override LA(howMuch: number): IToken {
    let index = this.position + howMuch;
    if (index >= this.window.length && !this.scanner.done) {
      // The last token stays for its end.
      const gone = Math.max(0, this.position);
      this.window = gone === this.window.length - 1 ? [this.window[gone]!] : this.window.slice(gone);
      this.position -= gone;
      this.dropped += gone;
      index -= gone;
      while (index >= this.window.length && !this.scanner.done)
        this.scanner.scan(this.window, this.pieceLength);
    }
    return (index < 0 ? undefined : this.window[index]) ?? endOfFile;
  }

  protected override LA_FAST(howMuch: number): IToken {
    return this.window[this.position + howMuch] ?? this.LA(howMuch);
  }

  protected consumeToken(): void {
    const type = this.window[++this.position]?.tokenType;
    if (type === LeftBrace) this.braces++;
    else if (type === RightBrace) this.braces--;
  }

  /** Chevrotain asks whether a repetition has moved on. */
  protected getLexerPosition(): number {
    return this.dropped + this.position;
  }

  /** Where the next token is looked for; undefined while some wait that have been cut already. */
  protected get ahead(): number | undefined {
    return this.waiting <= 0 ? this.scanner.offset : undefined;
  }

  /** How many tokens that have been cut already wait to be read. */
  protected get waiting(): number {
    return this.window.length - this.position - 1;
  }

  /** Goes on at `next`, as if what ends at `end` had been read last. */
  protected continueAt(next: number, end: number): void {
    this.scanner.moveTo(next);
    this.dropped += this.position + 1;
    this.window = [{ ...endOfFile, startOffset: end }];
    this.position = 0;
  }

  /** What `read` says of the text at an offset, where the parser does not stay; undefined if it cannot be read. */
  protected lookingAt<T>(offset: number, read: () => T): T | undefined {
    const { window, position, dropped, depth, braces, sawVariable, pieceLength } = this;
    const behind = this.scanner.offset;
    const problems = this.problems.length;
    try {
      this.continueAt(offset, offset);
      this.pieceLength = smallPiece;
      const found = read();
      // What there is anything to say of must be read in its place.
      return this.problems.length > problems ? undefined : found;
    } catch (error) {
      if (!(error instanceof Error) || !isRecognitionException(error)) throw error;
      return undefined;
    } finally {
      Object.assign(this, { window, position, dropped, depth, braces, sawVariable, pieceLength });
      this.scanner.moveTo(behind);
      this.problems.length = problems;
    }
  }

  protected span(start: number): Span {
    return { source: this.sourceId, start, end: Math.max(start, this.endOfLast()) };
  }

  protected endOfLast(): number {
    const last = this.LA(0);
    return last?.startOffset === undefined || Number.isNaN(last.startOffset)
      ? 0
      : last.startOffset + last.image.length;
  }

  /** The text read since `start`, on one line. */
  protected textSince(start: number): string {
    return this.text.slice(start, this.endOfLast()).replaceAll(/\s+/g, ' ');
  }

  protected next(type: TokenType): boolean {
    return isOf(this.LA(1), type);
  }

  protected nextIs(...words: readonly string[]): boolean {
    return words.includes(this.LA(1).image);
  }

  protected atEnd(): boolean {
    return Number.isNaN(this.LA(1).startOffset);
  }

  /** Takes the next token, whatever it is. (Chevrotain's SKIP_TOKEN returns the one after.) */
  protected skip(): IToken {
    return this.CONSUME(this.LA(1).tokenType);
  }

  /** Takes the next token if it is of this type. */
  protected take(type: TokenType): IToken | undefined {
    return this.next(type) ? this.skip() : undefined;
  }

  /** Takes the next token if it is this word. */
  protected takeWord(text: string): IToken | undefined {
    return this.LA(1).image === text ? this.skip() : undefined;
  }

  protected fail(expected: string): never {
    const token = this.LA(1);
    throw new MismatchedTokenException(
      `read ${this.describe(token)}, expected ${expected}`,
      token,
      this.LA(0),
    );
  }

  /** Chevrotain would search the grammar for every alternative's first words each time; one sentence is enough. */
  protected raiseNoAltException(_occurrence: number, expected: string | undefined): never {
    const token = this.LA(1);
    throw new NoViableAltException(
      `read ${this.describe(token)}, expected ${expected ?? 'something else'}`,
      token,
      this.LA(0),
    );
  }

  /** Likewise where at least one of something must stand. */
  protected raiseEarlyExitException(
    _occurrence: number,
    _kind: unknown,
    expected: string | undefined,
  ): never {
    return this.raiseNoAltException(0, expected);
  }

  /** Likewise for a token that is not the one that must follow. */
  protected consumeInternalError(type: TokenType, token: IToken): never {
    throw new MismatchedTokenException(
      `read ${this.describe(token)}, expected ${expectations.get(type.name) ?? `"${type.name}"`}`,
      token,
      this.LA(0),
    );
  }

  private describe(token: IToken): string {
    if (Number.isNaN(token.startOffset)) return 'the end of the file';
    return token.image === '\n' ? 'the end of the line' : `"${token.image.slice(0, 60)}"`;
  }

  /** Reports what stands here and reads on as if it were right. */
  protected note(expected: string): void {
    const token = this.LA(1);
    const start = this.atEnd() ? this.text.length : token.startOffset;
    this.problems.push({
      span: { source: this.sourceId, start, end: start + token.image.length },
      message: `read ${this.describe(token)}, expected ${expected}`,
    });
  }

  /** Takes the brace that ends a block; without it, what was read of the block stands. */
  protected closeBlock(): void {
    if (this.take(RightBrace) === undefined) this.note('"}"');
  }

  private depth = 0;

  /** Counts braces and brackets inside a statement: nft itself nests a handful, and a hostile file must not use up the stack. */
  protected enter(): void {
    if (++this.depth > deepest) this.fail(`at most ${deepest} nested brackets`);
  }

  protected leave(): void {
    this.depth--;
  }

  /**
   * Runs `parse`; if nft would refuse the text, notes the problem, skips to the end of the statement (past whole blocks) and
   * returns the problem, so that the rest of the file is still read.
   */
  protected guarded<T>(parse: () => T): T | SyntaxProblem {
    const { depth, braces } = this;
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof Error) || !isRecognitionException(error)) throw error;
      this.depth = depth;
      const { token } = error as unknown as { token: IToken };
      const start = Number.isNaN(token.startOffset) ? this.text.length : token.startOffset;
      const problem: SyntaxProblem = {
        span: {
          source: this.sourceId,
          start,
          end: Number.isNaN(token.startOffset) ? start : start + token.image.length,
        },
        message: error.message,
      };
      this.problems.push(problem);
      this.skipStatement(this.isBalanced() ? this.braces - braces : 0);
      return problem;
    }
  }

  /** The file closes as many braces as it opens, so that those of a broken statement tell where it ends. */
  private isBalanced(): boolean {
    this.balance ??= braceBalance(this.text);
    return this.balance === 0;
  }

  /**
   * Skips to the separator that ends the statement, or to the brace that ends its block; blocks inside are skipped whole, and so is
   * the rest of `open` ones that the statement has begun.
   */
  protected skipStatement(open = 0): void {
    let depth = Math.max(0, open);
    while (!this.atEnd()) {
      if (this.next(LeftBrace)) depth++;
      else if (this.next(RightBrace)) {
        if (depth === 0) return;
        depth--;
      } else if (depth === 0 && this.next(Separator)) return;
      this.skip();
    }
  }
}

/** Braces opened less braces closed, outside of strings and comments. */
function braceBalance(text: string): number {
  let balance = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{') balance++;
    else if (character === '}') balance--;
    else if (character === '"' || character === '#') {
      const end = text.indexOf(character === '"' ? '"' : '\n', i + 1);
      if (end < 0) break;
      i = end;
    }
  }
  return balance;
}

const deepest = 64;

const usualPiece = 16_384;
export const smallPiece = 512;

const endOfFile = createTokenInstance(EOF, '', NaN, NaN, NaN, NaN, NaN, NaN);

function isOf(token: IToken, type: TokenType): boolean {
  return token.tokenTypeIdx === type.tokenTypeIdx || type.categoryMatchesMap?.[token.tokenTypeIdx] === true;
}

const expectations: ReadonlyMap<string, string> = new Map([
  ['Word', 'a name'],
  ['Number', 'a number'],
  ['String', 'a quoted string'],
  ['LeftBrace', '"{"'],
  ['RightBrace', '"}"'],
  ['Separator', 'the end of the statement'],
  ['Colon', '":"'],
  ['Comma', '","'],
  ['Assign', '"="'],
]);
