import type { TokenType } from 'chevrotain';
import {
  Arrow,
  Bang,
  Comma,
  Equal,
  Greater,
  GreaterEqual,
  keywords,
  LBrace,
  Less,
  LessEqual,
  LParen,
  Minus,
  Newline,
  NotEqual,
  NumberToken,
  OpenQuote,
  Other,
  PlainToken,
  PortBinary,
  RBrace,
  RParen,
  Slash,
  Text,
  UndefinedMacro,
} from './tokens.ts';
import type { PfToken, SharedTokens } from './tokens.ts';

const newline = 10;
const carriageReturn = 13;
const backslash = 92;

/** `allowed_in_string` of parse.y, without the backslash, which `lgetc` removes. Only ASCII letters count (the C locale). */
export const inWord = new Uint8Array(128);
const endsNumber = new Uint8Array(128);
for (let c = 33; c < 127; c++) inWord[c] = '(){}<>!=/#,\\'.includes(String.fromCharCode(c)) ? 0 : 1;
for (const c of [9, 10, 11, 12, 13, 32]) endsNumber[c] = 1;
for (const c of '),/}=') endsNumber[c.charCodeAt(0)] = 1;

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

function startsWord(c: number): boolean {
  return isDigit(c) || (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 58 || c === 95;
}

/** The macros defined so far. */
export interface MacroValues {
  readonly get: (name: string) => string | undefined;
}

/** Where the scanner goes on once the value of a macro is used up. */
interface Frame {
  readonly text: string;
  readonly pos: number;
}

/**
 * The lexer of pfctl (`yylex`, `lgetc` and `lookup` of parse.y), token by token, because the meaning of a `$name` depends on the
 * statements read so far: macros are expanded as text and read again, and a `$` that comes out of a macro is not expanded.
 */
export class PfScanner {
  private text: string;
  private pos = 0;
  private outer: Frame | undefined;
  private refStart = 0;
  private refEnd = 0;
  /** Where lines begin that a comment goes on to, since it ends in a backslash. */
  readonly carriedComments: number[] = [];
  private readonly macros: MacroValues;
  private readonly shared: SharedTokens | undefined;

  /** `shared`: the tokens are for all places where the same text stands. */
  constructor(text: string, macros: MacroValues, shared?: SharedTokens) {
    this.text = text;
    this.macros = macros;
    this.shared = shared;
  }

  /** Offset in the source of what comes next. */
  get offset(): number {
    return this.outer === undefined ? this.pos : this.outer.pos;
  }

  /** Whether what comes next is of the source itself, not of a macro's value. */
  get inSource(): boolean {
    return this.outer === undefined;
  }

  /** Begins anew with another text. */
  restart(text: string): void {
    this.text = text;
    this.outer = undefined;
    this.pos = 0;
  }

  /** Goes on at an offset of the source. */
  seek(offset: number): void {
    if (this.outer !== undefined) this.text = this.outer.text;
    this.outer = undefined;
    this.pos = offset;
  }

  /** The next token, or undefined at the end. Never throws. */
  next(): PfToken | undefined {
    for (;;) {
      const c = this.skipBlanks();
      if (c < 0) return undefined;
      const start = this.pos;
      if (c === 35) this.skipComment();
      else if (c === newline) {
        this.pos++;
        return this.make(Newline, '\n', start);
      } else if (c === 36 && this.outer === undefined) {
        const unknown = this.enterMacro(start);
        if (unknown !== undefined) return unknown;
      } else if (c === 34 || c === 39) return this.quoted(c, start);
      else if (c === 45 || isDigit(c)) return this.numberOrWord(c, start);
      else if (startsWord(c)) return this.word(start);
      else return this.punctuation(c, start);
    }
  }

  private make(type: TokenType, image: string, start: number, quoted = false): PfToken {
    const expanded = this.outer !== undefined;
    if (this.shared !== undefined) return this.shared.make(type, image, quoted, expanded);
    if (!expanded && !quoted && this.pos - start === image.length) return new PlainToken(type, image, start);
    return {
      tokenType: type,
      tokenTypeIdx: type.tokenTypeIdx!,
      image,
      startOffset: expanded ? this.refStart : start,
      endOffset: (expanded ? this.refEnd : this.pos) - 1,
      quoted,
      expanded,
    };
  }

  /** A token that may have begun in a macro's value and gone on behind it: `$if:network`. */
  private makeFrom(type: TokenType, image: string, start: number, began: boolean, quoted = false): PfToken {
    if (!began || this.outer !== undefined) return this.make(type, image, start, quoted);
    if (this.shared !== undefined) return this.shared.make(type, image, quoted, true);
    return {
      tokenType: type,
      tokenTypeIdx: type.tokenTypeIdx!,
      image,
      startOffset: this.refStart,
      endOffset: this.pos - 1,
      quoted,
      expanded: true,
    };
  }

  private leaveMacro(): boolean {
    if (this.outer === undefined) return false;
    ({ text: this.text, pos: this.pos } = this.outer);
    this.outer = undefined;
    return true;
  }

  /** The character code at hand; -1 at the end. Joins lines at a backslash and drops other backslashes, as `lgetc` does. */
  private peek(): number {
    for (;;) {
      if (this.pos >= this.text.length) {
        if (!this.leaveMacro()) return -1;
        continue;
      }
      const c = this.text.charCodeAt(this.pos);
      if (c !== backslash || this.outer !== undefined) return c;
      const next = this.text.charCodeAt(this.pos + 1);
      if (next === newline) this.pos += 2;
      else if (next === carriageReturn && this.text.charCodeAt(this.pos + 2) === newline) this.pos += 3;
      else if (Number.isNaN(next)) return -1;
      else {
        this.pos++;
        return next;
      }
    }
  }

  private skipBlanks(): number {
    for (;;) {
      const c = this.peek();
      // A carriage return is no blank to pf, but it is one to whoever saved the file on another system.
      if (c !== 32 && c !== 9 && c !== carriageReturn) return c;
      this.pos++;
    }
  }

  /** To the end of the line; a backslash there carries the comment on to the next line. */
  private skipComment(): void {
    for (;;) {
      const before = this.pos;
      const c = this.peek();
      if (this.pos > before + 1 && this.outer === undefined) this.carriedComments.push(this.pos);
      if (c < 0 || c === newline) return;
      this.pos++;
    }
  }

  private enterMacro(start: number): PfToken | undefined {
    let end = start + 1;
    for (; end < this.text.length; end++) {
      const c = this.text.charCodeAt(end);
      if (!(startsWord(c) && c !== 58)) break;
    }
    const name = this.text.slice(start + 1, end);
    this.pos = end;
    const value = this.macros.get(name);
    if (value === undefined) return this.make(UndefinedMacro, `$${name}`, start);
    this.outer = { text: this.text, pos: end };
    this.refStart = start;
    this.refEnd = end;
    this.text = value;
    this.pos = 0;
    return undefined;
  }

  private quoted(quote: number, start: number): PfToken {
    const began = this.outer !== undefined;
    const close = this.text.indexOf(String.fromCharCode(quote), start + 1);
    if (close >= 0) {
      const inner = this.text.slice(start + 1, close);
      if (!/[\\\r\n]/.test(inner)) {
        this.pos = close + 1;
        return this.make(Text, inner, start, true);
      }
    }
    this.pos = start + 1;
    const parts: string[] = [];
    for (;;) {
      if (this.pos >= this.text.length && !this.leaveMacro()) {
        return this.makeFrom(OpenQuote, parts.join(''), start, began, true);
      }
      const c = this.text.charCodeAt(this.pos++);
      if (c === newline || c === carriageReturn) continue;
      if (c === quote) return this.makeFrom(Text, parts.join(''), start, began, true);
      if (c !== backslash) {
        parts.push(String.fromCharCode(c));
        continue;
      }
      const next = this.text.charCodeAt(this.pos);
      if (next === quote || next === 32 || next === 9) parts.push(String.fromCharCode(next));
      else if (next !== newline) {
        parts.push('\\');
        continue;
      }
      this.pos++;
    }
  }

  private numberOrWord(first: number, start: number): PfToken {
    const began = this.outer !== undefined;
    if (first === 45) {
      if (this.text.charCodeAt(start + 1) === 62) {
        this.pos = start + 2;
        return this.make(Arrow, '->', start);
      }
      let end = start + 1;
      while (isDigit(this.text.charCodeAt(end))) end++;
      const after = this.text.charCodeAt(end);
      const whole = end >= this.text.length || endsNumber[after] === 1;
      this.pos = end > start + 1 && whole ? end : start + 1;
      return this.pos > start + 1
        ? this.make(NumberToken, this.text.slice(start, end), start)
        : this.make(Minus, '-', start);
    }
    let afterDigits = start + 1;
    while (isDigit(this.text.charCodeAt(afterDigits))) afterDigits++;
    const follower = this.text.charCodeAt(afterDigits);
    // Nearly always an address, which is then cut out of the text in one piece.
    if (afterDigits < this.text.length && follower !== backslash && endsNumber[follower] !== 1)
      return this.word(start);
    let digits = '';
    for (;;) {
      let end = this.pos;
      while (isDigit(this.text.charCodeAt(end))) end++;
      digits += this.text.slice(this.pos, end);
      this.pos = end;
      const c = this.peek();
      if (c < 0 || endsNumber[c] === 1) return this.makeFrom(NumberToken, digits, start, began);
      if (!isDigit(c)) return this.wordFrom(digits, start, began);
    }
  }

  private word(start: number): PfToken {
    const { text } = this;
    let end = start;
    while (inWord[text.charCodeAt(end)] === 1) end++;
    const image = text.slice(start, end);
    this.pos = end;
    if (end < text.length ? text.charCodeAt(end) !== backslash : this.outer === undefined) {
      const entry = keywords.get(image);
      return entry === undefined ? this.make(Text, image, start) : this.make(entry.type, entry.word, start);
    }
    return this.wordFrom(image, start, this.outer !== undefined);
  }

  /** The rest of a word that is interrupted by a backslash or by the end of a macro's value. */
  private wordFrom(head: string, start: number, began: boolean): PfToken {
    let image = head;
    for (;;) {
      const c = this.peek();
      if (c < 0 || inWord[c] !== 1) break;
      let end = this.pos + 1;
      while (inWord[this.text.charCodeAt(end)] === 1) end++;
      image += this.text.slice(this.pos, end);
      this.pos = end;
    }
    return this.makeFrom(keywords.get(image)?.type ?? Text, image, start, began);
  }

  private other(start: number): PfToken {
    const image = String.fromCodePoint(this.text.codePointAt(start)!);
    this.pos = start + image.length;
    return this.make(Other, image, start);
  }

  private punctuation(c: number, start: number): PfToken {
    this.pos++;
    const pair = this.text.charCodeAt(this.pos);
    const two = (type: TokenType, image: string): PfToken => {
      this.pos++;
      return this.make(type, image, start);
    };
    switch (c) {
      case 33: // '!'
        return pair === 61 ? two(NotEqual, '!=') : this.make(Bang, '!', start);
      case 60: // '<'
        if (pair === 62) return two(PortBinary, '<>');
        return pair === 61 ? two(LessEqual, '<=') : this.make(Less, '<', start);
      case 62: // '>'
        if (pair === 60) return two(PortBinary, '><');
        return pair === 61 ? two(GreaterEqual, '>=') : this.make(Greater, '>', start);
      case 61:
        return this.make(Equal, '=', start);
      case 123:
        return this.make(LBrace, '{', start);
      case 125:
        return this.make(RBrace, '}', start);
      case 40:
        return this.make(LParen, '(', start);
      case 41:
        return this.make(RParen, ')', start);
      case 44:
        return this.make(Comma, ',', start);
      case 47:
        return this.make(Slash, '/', start);
      default:
        return this.other(start);
    }
  }
}
