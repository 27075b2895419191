import { createToken, Lexer, type IToken } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import { whenNeeded } from '../shared/when-needed.ts';
import type { RegistryItem } from './registry-file.ts';

const Newline = createToken({ name: 'Newline', pattern: /[\r\n]+/, group: Lexer.SKIPPED, line_breaks: true });
const Key = createToken({ name: 'Key', pattern: /HKEY_[^\r\n]+/, line_breaks: false });
const Value = createToken({ name: 'Value', pattern: /[ \t]{2,}[^\s][^\r\n]*/, line_breaks: false });
const Other = createToken({ name: 'Other', pattern: /[^\r\n]+/, line_breaks: false });
const tokens = [Newline, Key, Value, Other];

class QueryParser extends StrictParser {
  constructor() {
    super(tokens);
    this.performSelfAnalysis();
  }

  parse(input: IToken[]): readonly RegistryItem[] {
    this.input = input;
    return this.listing();
  }

  private readonly listing = this.RULE('listing', (): readonly RegistryItem[] => {
    const items: RegistryItem[] = [];
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const token = this.CONSUME(Key);
            this.ACTION(() => items.push(keyOf(token)));
          },
        },
        {
          ALT: () => {
            const token = this.CONSUME(Value);
            this.ACTION(() => items.push(valueOf(token)));
          },
        },
        // The closing remark (`End of search: 400 match(es) found.`) and the like.
        { ALT: () => this.CONSUME(Other) },
      ]);
    });
    return items;
  });
}

function keyOf(token: IToken): RegistryItem {
  const start = token.startOffset;
  return { kind: 'key', path: token.image.trimEnd(), deleted: false, start, end: start + token.image.length };
}

/** `    name    REG_SZ    data`; a name may hold spaces, so the type in its frame of four spaces divides. */
function valueOf(token: IToken): RegistryItem {
  const { image, startOffset: start } = token;
  const end = start + image.length;
  const frame = /(?:    |\t)(REG_[A-Z_]+)(?:    |\t|$)/.exec(image);
  if (frame === null) return { kind: 'junk', text: image.trim(), start, end };
  const name = image.slice(0, frame.index).trim();
  const at = frame.index + frame[0].length;
  const text = image.slice(at).trimEnd();
  if (frame[1] === 'REG_DWORD') {
    return { kind: 'value', name, data: { kind: 'number', value: Number(text) >>> 0 }, start, end };
  }
  if (frame[1] !== 'REG_SZ' && frame[1] !== 'REG_EXPAND_SZ' && frame[1] !== 'REG_MULTI_SZ') {
    return { kind: 'value', name, data: { kind: 'other' }, start, end };
  }
  return {
    kind: 'value',
    name,
    data: { kind: 'string', raw: text, escaped: false, at: start + at },
    start,
    end,
  };
}

const grammar = whenNeeded(() => ({
  lexer: new Lexer(tokens, { positionTracking: 'onlyOffset', skipValidations: true }),
  parser: new QueryParser(),
}));

/** What `reg query` prints. */
export function parseRegistryQuery(text: string): readonly RegistryItem[] {
  const { lexer, parser } = grammar();
  return parser.parse(lexer.tokenize(text).tokens);
}
