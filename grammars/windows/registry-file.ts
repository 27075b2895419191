import { createToken, Lexer, type IToken } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import { whenNeeded } from '../shared/when-needed.ts';

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

const Blank = createToken({ name: 'Blank', pattern: /[\s\ufeff]+/, group: Lexer.SKIPPED, line_breaks: true });
const Comment = createToken({ name: 'Comment', pattern: /;[^\r\n]*/, group: Lexer.SKIPPED });
const Header = createToken({
  name: 'Header',
  pattern: /Windows Registry Editor Version [\d.]+|REGEDIT4/,
  line_breaks: false,
});
const Key = createToken({ name: 'Key', pattern: /\[[^\r\n]*\]/, line_breaks: false });
const Text = createToken({ name: 'Text', pattern: /"(?:[^"\\\r\n]|\\[^\r\n])*"/, line_breaks: false });
const At = createToken({ name: 'At', pattern: '@' });
const Equals = createToken({ name: 'Equals', pattern: '=' });
const Dword = createToken({ name: 'Dword', pattern: /dword:[0-9a-fA-F]{1,8}/, line_breaks: false });
const Hex = createToken({
  name: 'Hex',
  pattern: /hex(?:\([0-9a-fA-F]+\))?:(?:[0-9a-fA-F,\t ]|\\[ \t]*\r?\n)*/,
  line_breaks: true,
});
const Minus = createToken({ name: 'Minus', pattern: '-' });
const Junk = createToken({ name: 'Junk', pattern: /[^\r\n]+/, line_breaks: false });
const tokens = [Blank, Comment, Header, Key, Text, At, Equals, Dword, Hex, Minus, Junk];

class RegistryParser extends StrictParser {
  private base = 0;

  constructor() {
    super(tokens);
    this.performSelfAnalysis();
  }

  parse(input: IToken[], base: number): readonly RegistryItem[] {
    this.base = base;
    this.input = input;
    return this.statements();
  }

  private readonly statements = this.RULE('statements', (): readonly RegistryItem[] => {
    const items: RegistryItem[] = [];
    this.MANY(() => {
      this.OR([
        { ALT: () => items.push(this.SUBRULE(this.value)) },
        { ALT: () => items.push(this.SUBRULE(this.key)) },
        { ALT: () => this.CONSUME(Header) },
        { ALT: () => items.push(this.SUBRULE(this.junk)) },
      ]);
    });
    return items;
  });

  private readonly key = this.RULE('key', (): RegistryItem => {
    const token = this.CONSUME(Key);
    return this.ACTION(() => {
      const deleted = token.image.startsWith('[-');
      const path = token.image.slice(deleted ? 2 : 1, -1);
      const start = this.base + token.startOffset;
      return { kind: 'key', path, deleted, start, end: start + token.image.length };
    });
  });

  /** `"name"=data`. Without `=` and data after it, the text is junk. */
  private readonly value = this.RULE('value', (): RegistryItem => {
    const name = this.OR([{ ALT: () => this.CONSUME(Text) }, { ALT: () => this.CONSUME(At) }]);
    let data: IToken | undefined;
    this.OPTION(() => {
      data = this.CONSUME(Equals);
      this.OPTION2(() => {
        data = this.OR2([
          { ALT: () => this.CONSUME2(Text) },
          { ALT: () => this.CONSUME(Dword) },
          { ALT: () => this.CONSUME(Hex) },
          { ALT: () => this.CONSUME(Minus) },
        ]);
      });
    });
    return this.ACTION((): RegistryItem => {
      const start = this.base + name.startOffset;
      const last = data ?? name;
      const end = this.base + last.startOffset + last.image.length;
      if (data === undefined || data.tokenType === Equals) {
        return { kind: 'junk', text: name.image, start, end };
      }
      const text = name.tokenType === At ? '' : unescapeRegistry(name.image.slice(1, -1));
      return { kind: 'value', name: text, data: this.dataOf(data), start, end };
    });
  });

  private readonly junk = this.RULE('junk', (): RegistryItem => {
    const token = this.OR([
      { ALT: () => this.CONSUME(Junk) },
      { ALT: () => this.CONSUME(Equals) },
      { ALT: () => this.CONSUME(Dword) },
      { ALT: () => this.CONSUME(Hex) },
      { ALT: () => this.CONSUME(Minus) },
    ]);
    return this.ACTION(() => {
      const start = this.base + token.startOffset;
      return { kind: 'junk', text: token.image, start, end: start + token.image.length };
    });
  });

  private dataOf(token: IToken): RegistryData {
    switch (token.tokenType) {
      case Text: {
        const raw = token.image.slice(1, -1);
        return { kind: 'string', raw, escaped: raw.includes('\\'), at: this.base + token.startOffset + 1 };
      }
      case Dword:
        return { kind: 'number', value: parseInt(token.image.slice(6), 16) };
      case Minus:
        return { kind: 'deleted' };
      default:
        return hexData(token.image, this.base + token.startOffset);
    }
  }
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

const chunkSize = 1 << 16;
const grammar = whenNeeded(() => ({
  lexer: new Lexer(tokens, { positionTracking: 'onlyOffset', skipValidations: true }),
  parser: new RegistryParser(),
}));

/** Statements of a `.reg` file (`Windows Registry Editor Version 5.00`, `REGEDIT4`), piece by piece, cut between lines. */
export function* parseRegistryFile(text: string): Generator<RegistryItem> {
  const { lexer, parser } = grammar();
  const boundaries = ['\n"', '\n['].map((mark) => ({ mark, next: -1 }));
  let start = 0;
  while (start < text.length) {
    const wanted = start + chunkSize;
    let end = text.length;
    for (const boundary of boundaries) {
      if (boundary.next < wanted) {
        const found = text.indexOf(boundary.mark, wanted);
        boundary.next = found < 0 ? text.length : found + 1;
      }
      end = Math.min(end, boundary.next);
    }
    yield* parser.parse(lexer.tokenize(text.slice(start, end)).tokens, start);
    start = end;
  }
}
