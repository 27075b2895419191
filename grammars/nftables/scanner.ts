import type { IToken, TokenType } from 'chevrotain';
import * as t from './tokens.ts';
import { invalidType } from './vocabulary.ts';

/** Characters a bare word may go on with (scanner.l: `{letter}|{digit}|[/\-_\.]`). */
const wordCharacters = new Uint8Array(128);
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-')
  wordCharacters[c.charCodeAt(0)] = 1;

const signs: ReadonlyMap<string, TokenType> = new Map([
  ['!=', t.NotEqual],
  ['==', t.Equal],
  ['<=', t.LessOrEqual],
  ['>=', t.GreaterOrEqual],
  ['<<', t.ShiftLeft],
  ['>>', t.ShiftRight],
  ['<', t.Less],
  ['>', t.Greater],
  ['=', t.Assign],
  ['!', t.Not],
  ['&', t.And],
  ['|', t.Or],
  ['^', t.Xor],
  ['{', t.LeftBrace],
  ['}', t.RightBrace],
  ['(', t.LeftParen],
  [')', t.RightParen],
  ['[', t.LeftBracket],
  [']', t.RightBracket],
  [',', t.Comma],
  ['.', t.Dot],
  [':', t.Colon],
  [';', t.Semicolon],
  ['/', t.Slash],
  ['-', t.Dash],
  ['+', t.Plus],
  ['*', t.Star],
  ['$', t.Dollar],
  ['@', t.At],
]);

const sticky = (pattern: RegExp): RegExp => new RegExp(pattern.source, 'y');
const mac = sticky(t.Mac.PATTERN as RegExp);
const ipv6 = sticky(t.Ipv6.PATTERN as RegExp);
const pair = sticky(t.Pair.PATTERN as RegExp);
const ipv4 = sticky(t.Ipv4.PATTERN as RegExp);
const number = sticky(t.Number_.PATTERN as RegExp);
const quantity = sticky(t.Quantity.PATTERN as RegExp);
const handle = sticky(t.Handle.PATTERN as RegExp);
const withColons = [
  [t.Mac, mac],
  [t.Ipv6, ipv6],
  [t.Pair, pair],
] as const;
/** Up to the colon that makes an address of it. */
const hexAndColon = /[0-9A-Fa-f]{0,4}:/y;

/**
 * Cuts nft text into Chevrotain's tokens, a piece at a time, so that a large file's tokens need not all be held at once. By hand:
 * one pass over the characters takes a third of the time that trying patterns takes, and reading is dominated by it.
 */
export class Scanner {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** Where the next token is looked for. */
  get offset(): number {
    return this.at;
  }

  moveTo(offset: number): void {
    this.at = offset;
  }

  /** Appends the tokens up to the end of the line, and of a long line those of the next `length` characters or so; never stops inside a token. */
  scan(into: IToken[], length: number): void {
    const { text } = this;
    const stop = Math.min(text.length, this.at + length);
    while (this.at < stop) {
      const c = text.charCodeAt(this.at);
      // Space, tab, carriage return.
      if (c === 32 || c === 9 || c === 13) this.at++;
      else if (c === 10) {
        this.push(into, t.Newline, '\n');
        return;
      } else if (c >= 48 && c <= 57) this.scanNumber(into);
      else if ((c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95) this.scanWord(into, c);
      else if (c === 34) this.scanString(into);
      else if (c === 35) this.scanComment(into);
      else if (c === 92 && this.joinsLines()) continue;
      else this.scanSign(into, c);
    }
  }

  private push(into: IToken[], type: TokenType, image: string): void {
    const { at } = this;
    this.at = at + image.length;
    into.push({
      image,
      startOffset: at,
      endOffset: this.at - 1,
      tokenTypeIdx: type.tokenTypeIdx!,
      tokenType: type,
    });
  }

  /** A backslash at the end of a line joins it with the next. */
  private joinsLines(): boolean {
    const next = this.text.charCodeAt(this.at + 1);
    const length = next === 10 ? 2 : next === 13 && this.text.charCodeAt(this.at + 2) === 10 ? 3 : 0;
    this.at += length;
    return length > 0;
  }

  private scanWord(into: IToken[], first: number): void {
    const { text } = this;
    // A to F may begin an IPv6 or a MAC address.
    if ((first | 32) <= 102 && first !== 95 && this.scanAddress(into)) return;
    let end = this.at + 1;
    for (;;) {
      const c = text.charCodeAt(end);
      // NaN at the end of the text is no index of the table.
      if (wordCharacters[c] !== 1) {
        // `eth*`
        if (c === 42) end++;
        break;
      }
      end++;
    }
    const image = text.slice(this.at, end);
    this.push(into, t.keywords.get(image) ?? t.Word, image);
  }

  private scanNumber(into: IToken[]): void {
    if (this.scanAddress(into)) return;
    const image = this.match(ipv4);
    if (image !== undefined) {
      this.push(into, t.Ipv4, image);
      return;
    }
    const digits = this.match(number)!;
    const after = this.text.charCodeAt(this.at + digits.length) | 32;
    const letters = after >= 97 && after <= 122 ? this.match(quantity) : undefined;
    if (letters === undefined) this.push(into, t.Number_, digits);
    else this.push(into, t.Quantity, letters);
  }

  /** An IPv6 or MAC address or a pair, if one begins here. */
  private scanAddress(into: IToken[]): boolean {
    if (this.match(hexAndColon) === undefined) return false;
    for (const [type, pattern] of withColons) {
      const image = this.match(pattern);
      if (image === undefined) continue;
      this.push(into, type, image);
      return true;
    }
    return false;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.[0];
  }

  private scanString(into: IToken[]): void {
    const end = this.text.indexOf('"', this.at + 1);
    if (end < 0) this.push(into, t.Junk, '"');
    else this.push(into, t.String_, this.text.slice(this.at, end + 1));
  }

  private scanComment(into: IToken[]): void {
    const image = this.match(handle);
    if (image !== undefined) {
      this.push(into, t.Handle, image);
      return;
    }
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  private scanSign(into: IToken[], first: number): void {
    if (first === 58 && this.scanAddress(into)) return;
    if (first === 91 && this.text.startsWith(invalidType, this.at)) {
      this.at += invalidType.length;
      return;
    }
    const two = this.text.slice(this.at, this.at + 2);
    const double = two.length === 2 ? signs.get(two) : undefined;
    if (double !== undefined) {
      this.push(into, double, two);
      return;
    }
    const one = two.charAt(0);
    this.push(into, signs.get(one) ?? t.Junk, one);
  }
}
