import { createToken, Lexer } from 'chevrotain';
import { StrictParser } from '../../../grammars/shared/strict-parser.ts';

/*
 * The grammar of a line of iptables-save, for Chevrotain: what `RestoreParser` reads by hand is compared with it.
 * A token is a whole option with the words behind it, since that is the unit the reader of options remembers.
 */

const Blank = createToken({
  name: 'Blank',
  pattern: /[ \t]+/,
  group: Lexer.SKIPPED,
  line_breaks: false,
  start_chars_hint: [' ', '\t'],
});

/** `! --opt value "quoted value"`: an option and the words up to the next option. */
const Item = createToken({
  name: 'Item',
  pattern:
    /(?:![ \t]+)?-[^ \t"]+(?:[ \t]+(?:[^ \t"!-][^ \t"]*(?=[ \t]|$)|"(?:[^"\\]|\\[^])*"(?=[ \t]|$)))*(?=[ \t]|$)/,
  line_breaks: false,
  start_chars_hint: ['!', '-'],
});

/** `[packets:bytes]`, before a rule (`iptables-save -c`) or after a policy. */
const Counters = createToken({
  name: 'Counters',
  pattern: /\[\d+:\d+\]/,
  line_breaks: false,
  start_chars_hint: ['['],
});

const TableName = createToken({
  name: 'TableName',
  pattern: /\*[^ \t]+/,
  line_breaks: false,
  start_chars_hint: ['*'],
});

const ChainName = createToken({
  name: 'ChainName',
  pattern: /:[^ \t]+/,
  line_breaks: false,
  start_chars_hint: [':'],
});

/**
 * Anything else. Chevrotain dispatches on first characters, in blocks of 255 above Latin-1, and cannot work them out from a negated
 * class; without the hint the whole lexer would try every token at every place.
 */
const Word = createToken({
  name: 'Word',
  pattern: /[^ \t]+/,
  line_breaks: false,
  start_chars_hint: [
    ...Array.from({ length: 256 }, (_, code) => code).filter((code) => code !== 9 && code !== 32),
    ...Array.from({ length: 512 }, (_, block) => 256 + block * 128).filter((code) => code < 65536),
  ],
});

const restoreTokens = [Blank, Item, Counters, TableName, ChainName, Word];

/** What a line is. `irregular`: none of these, as words with quotes in unusual places are. */
export type LineShape =
  | { readonly kind: 'blank' | 'commit' | 'unknown' | 'irregular' }
  | { readonly kind: 'table'; readonly name: string }
  | { readonly kind: 'chain'; readonly name: string; readonly policy: string | undefined }
  | { readonly kind: 'command'; readonly items: readonly string[] };

class LineParser extends StrictParser {
  constructor() {
    super(restoreTokens, { maxLookahead: 1 });
    this.performSelfAnalysis();
  }

  /** The items of the command read last. */
  items: string[] = [];

  readonly line = this.RULE('line', (): LineShape => {
    return this.OR<LineShape>([
      { ALT: () => this.SUBRULE(this.table) },
      { ALT: () => this.SUBRULE(this.chain) },
      { ALT: () => this.SUBRULE(this.lone) },
      {
        ALT: () => {
          this.OPTION(() => this.CONSUME(Counters));
          this.AT_LEAST_ONE(() => {
            this.items.push(this.CONSUME(Item).image);
          });
          return { kind: 'command', items: this.items };
        },
      },
    ]);
  });

  private readonly table = this.RULE('table', (): LineShape => {
    return { kind: 'table', name: this.CONSUME(TableName).image.slice(1) };
  });

  private readonly chain = this.RULE('chain', (): LineShape => {
    const name = this.CONSUME(ChainName).image.slice(1);
    let policy: string | undefined;
    this.OPTION(() => {
      policy = this.OR([{ ALT: () => this.CONSUME(Word).image }, { ALT: () => this.CONSUME(Item).image }]);
    });
    // Counters, or whatever stands in their place: iptables-restore looks at them only for built-in chains.
    this.MANY(() => {
      this.OR2([{ ALT: () => this.CONSUME(Counters) }, { ALT: () => this.CONSUME2(Word) }]);
    });
    return { kind: 'chain', name, policy };
  });

  private readonly lone = this.RULE('lone', (): LineShape => {
    const word = this.CONSUME(Word).image;
    return { kind: word === 'COMMIT' ? 'commit' : 'unknown' };
  });
}

const lexer = new Lexer(restoreTokens, {
  positionTracking: 'onlyOffset',
  ensureOptimizations: true,
  // Chevrotain's check refuses the `$` that ends a line: a line is all that it is given.
  skipValidations: true,
});
let parser: LineParser | undefined;

export function shapeByGrammar(line: string): LineShape {
  const { tokens } = lexer.tokenize(line);
  if (tokens.length === 0) return { kind: 'blank' };
  parser ??= new LineParser();
  parser.input = tokens;
  parser.items = [];
  const shape = parser.line();
  return parser.errors.length > 0 ? { kind: 'irregular' } : shape;
}
