import { LineEnds } from '../shared/line-ends.ts';

/** One statement of a registry export. Offsets count from the start of the text. */
export type RegistryItem =
  | {
      readonly kind: 'key';
      readonly path: string;
      readonly deleted: boolean;
      readonly start: number;
      readonly end: number;
    }
  | {
      readonly kind: 'value';
      /** Empty for the default value (`@=`). */
      readonly name: string;
      readonly data: RegistryData;
      readonly start: number;
      readonly end: number;
    }
  /** A line that is neither. */
  | { readonly kind: 'junk'; readonly text: string; readonly start: number; readonly end: number };

export type RegistryData =
  /** `raw` still holds its escapes (`\\`, `\"`) when `escaped`; `at` is the offset of its first character. */
  | { readonly kind: 'string'; readonly raw: string; readonly escaped: boolean; readonly at: number }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'deleted' }
  /** A type that firewall settings do not use. */
  | { readonly kind: 'other' };

/** A value that is text in quotes. Large files have many of them, so it keeps offsets; its strings are made when asked for. */
class TextValue {
  readonly kind = 'value';
  readonly start: number;
  readonly end: number;
  readonly #text: string;
  readonly #nameEnd: number;
  readonly #at: number;

  constructor(text: string, name: RegistryToken, data: RegistryToken) {
    this.#text = text;
    this.start = name.start;
    this.end = data.end;
    this.#nameEnd = name.end;
    this.#at = data.start + 1;
  }

  get name(): string {
    return nameIn(this.#text, this.start, this.#nameEnd);
  }

  get data(): RegistryData {
    const raw = this.#text.slice(this.#at, this.end - 1);
    return { kind: 'string', raw, escaped: raw.includes('\\'), at: this.#at };
  }
}

/** The name as it stands in quotes, or `@`. */
function nameIn(text: string, start: number, end: number): string {
  return text.charCodeAt(start) === quote ? unescapeRegistry(text.slice(start + 1, end - 1)) : '';
}

/** `hex(1):`, `hex(2):` and `hex(7):` are UTF-16LE text, byte by byte; `hex(4):` is a little-endian number. */
function hexData(image: string, at: number): RegistryData {
  const colon = image.indexOf(':');
  const type = /\(([0-9a-fA-F]+)\)/.exec(image.slice(0, colon))?.[1];
  const bytes = (image.slice(colon + 1).match(/[0-9a-fA-F]+/g) ?? []).map((byte) => parseInt(byte, 16));
  if (type === '4' && bytes.length === 4) {
    return {
      kind: 'number',
      value: (bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0,
    };
  }
  if (type !== '1' && type !== '2' && type !== '7') return { kind: 'other' };
  let raw = '';
  for (let i = 0; i + 1 < bytes.length; i += 2) raw += String.fromCharCode(bytes[i]! | (bytes[i + 1]! << 8));
  let length = raw.length;
  while (length > 0 && raw.charCodeAt(length - 1) === 0) length--;
  const text = raw.slice(0, length).replaceAll('\0', ',');
  return { kind: 'string', raw: text, escaped: false, at };
}

/** `\\` and `\"` are the only escapes of the format. */
export function unescapeRegistry(raw: string): string {
  return raw.includes('\\') ? raw.replace(/\\(["\\])/g, '$1') : raw;
}

type TokenKind = 'header' | 'key' | 'text' | 'default' | 'equals' | 'dword' | 'hex' | 'minus' | 'junk';

interface RegistryToken {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

const quote = 0x22;
const backslash = 0x5c;

/** Words by their first letter; each pattern is tried where the letter stands. */
const words = new Map<number, readonly [TokenKind, RegExp]>([
  [0x57, ['header', /Windows Registry Editor Version [\d.]+/y]],
  [0x52, ['header', /REGEDIT4/y]],
  [0x64, ['dword', /dword:[0-9a-fA-F]{1,8}/y]],
  [0x68, ['hex', /hex(?:\([0-9a-fA-F]+\))?:(?:[0-9a-fA-F,\t ]|\\[ \t]*\r?\n)*/y]],
]);
const signs = new Map<number, TokenKind>([
  [0x40, 'default'],
  [0x3d, 'equals'],
  [0x2d, 'minus'],
]);

class RegistryScanner {
  readonly #text: string;
  readonly #lines: LineEnds;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lines = new LineEnds(text);
  }

  /** The next token behind blanks and comments; what nothing else fits is junk up to the end of its line. */
  next(): RegistryToken | undefined {
    this.#skip();
    const start = this.#at;
    if (start >= this.#text.length) return undefined;
    const token = this.#token(start, this.#text.charCodeAt(start)) ?? {
      kind: 'junk',
      start,
      end: this.#lines.after(start),
    };
    this.#at = token.end;
    return token;
  }

  #skip(): void {
    const text = this.#text;
    for (;;) {
      const c = text.charCodeAt(this.#at);
      if (c === 0x20 || (c >= 9 && c <= 13)) this.#at++;
      else if (c === 0x3b) this.#at = this.#lines.after(this.#at);
      else if (c > 0x7f && /\s/.test(text.charAt(this.#at))) this.#at++;
      else return;
    }
  }

  #token(start: number, c: number): RegistryToken | undefined {
    if (c === quote) {
      const end = this.#quoteEnd(start);
      return end === undefined ? undefined : { kind: 'text', start, end };
    }
    if (c === 0x5b) {
      const close = this.#text.slice(start, this.#lines.after(start)).lastIndexOf(']');
      return close < 0 ? undefined : { kind: 'key', start, end: start + close + 1 };
    }
    const sign = signs.get(c);
    if (sign !== undefined) return { kind: sign, start, end: start + 1 };
    const word = words.get(c);
    if (word === undefined) return undefined;
    const [kind, pattern] = word;
    pattern.lastIndex = start;
    return pattern.test(this.#text) ? { kind, start, end: pattern.lastIndex } : undefined;
  }

  /** Text in quotes ends on its line; `\\` and `\"` do not end it. */
  #quoteEnd(start: number): number | undefined {
    const text = this.#text;
    for (let i = start + 1; i < text.length; i++) {
      let c = text.charCodeAt(i);
      if (c === quote) return i + 1;
      if (c === backslash) c = text.charCodeAt(++i);
      if (c === 10 || c === 13) return undefined;
    }
    return undefined;
  }
}

/** Statements of a `.reg` file (`Windows Registry Editor Version 5.00`, `REGEDIT4`), one by one. */
export function* parseRegistryFile(text: string): Generator<RegistryItem> {
  const scanner = new RegistryScanner(text);
  let token = scanner.next();
  while (token !== undefined) {
    const first = token;
    const { kind, start, end } = first;
    token = scanner.next();
    if (kind === 'key') {
      const deleted = text.startsWith('[-', start);
      yield { kind, path: text.slice(start + (deleted ? 2 : 1), end - 1), deleted, start, end };
    } else if (kind === 'text' || kind === 'default') {
      // `"name"=data`; without `=` and data after it, the text is junk.
      const equals: RegistryToken | undefined = token?.kind === 'equals' ? token : undefined;
      if (equals !== undefined) token = scanner.next();
      if (equals !== undefined && token !== undefined && isData(token)) {
        yield valueOf(text, first, token);
        token = scanner.next();
      } else yield { kind: 'junk', text: text.slice(start, end), start, end: equals?.end ?? end };
    } else if (kind !== 'header') yield { kind: 'junk', text: text.slice(start, end), start, end };
  }
}

function isData({ kind }: RegistryToken): boolean {
  return kind === 'text' || kind === 'dword' || kind === 'hex' || kind === 'minus';
}

function valueOf(text: string, name: RegistryToken, data: RegistryToken): RegistryItem {
  if (data.kind === 'text') return new TextValue(text, name, data);
  const image = text.slice(data.start, data.end);
  return {
    kind: 'value',
    name: nameIn(text, name.start, name.end),
    data:
      data.kind === 'minus'
        ? { kind: 'deleted' }
        : data.kind === 'dword'
          ? { kind: 'number', value: parseInt(image.slice(6), 16) }
          : hexData(image, data.start),
    start: name.start,
    end: data.end,
  };
}
