import { createToken, Lexer } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import { whenNeeded } from '../shared/when-needed.ts';

/** One command of `ipset save` text: `create`, `add`, `flush` …, with its words. */
export type IpsetLine =
  | { readonly kind: 'blank' }
  | { readonly kind: 'command'; readonly verb: string; readonly words: readonly string[] }
  | { readonly kind: 'unknown' };

const Blank = createToken({ name: 'Blank', pattern: /[ \t]+/, group: Lexer.SKIPPED, line_breaks: false });

/** `add SET ENTRY` and nothing more, as most lines of a large dump are: one token instead of three. */
const PlainAdd = createToken({
  name: 'PlainAdd',
  pattern: /add [^\s"]+ [^\s"]+(?=[ \t]*$)/,
  line_breaks: false,
});

const Quoted = createToken({ name: 'Quoted', pattern: /"[^"]*"/, line_breaks: false });
const Word = createToken({ name: 'Word', pattern: /[^\s"]+/, line_breaks: false });
const tokens = [Blank, PlainAdd, Quoted, Word];

const blank: IpsetLine = { kind: 'blank' };
const unknown: IpsetLine = { kind: 'unknown' };

/* ipset(8): every command has a word, a letter and a long form. */
const verbs: ReadonlyMap<string, string> = new Map([
  ['n', 'create'],
  ['-N', 'create'],
  ['--create', 'create'],
  ['-A', 'add'],
  ['--add', 'add'],
  ['-D', 'del'],
  ['--del', 'del'],
  ['x', 'destroy'],
  ['-X', 'destroy'],
  ['--destroy', 'destroy'],
  ['-F', 'flush'],
  ['--flush', 'flush'],
  ['e', 'rename'],
  ['-E', 'rename'],
  ['--rename', 'rename'],
  ['w', 'swap'],
  ['-W', 'swap'],
  ['--swap', 'swap'],
  ['-T', 'test'],
  ['--test', 'test'],
  ['-L', 'list'],
  ['--list', 'list'],
  ['-S', 'save'],
  ['--save', 'save'],
  ['-R', 'restore'],
  ['--restore', 'restore'],
]);

class LineParser extends StrictParser {
  constructor() {
    super(tokens, { maxLookahead: 1 });
    this.performSelfAnalysis();
  }

  readonly line = this.RULE('line', (): readonly string[] => {
    const words: string[] = [];
    this.OR([
      {
        ALT: () => {
          words.push(...this.CONSUME(PlainAdd).image.split(' '));
        },
      },
      {
        ALT: () => {
          this.AT_LEAST_ONE(() => {
            this.OR2([
              {
                ALT: () => {
                  words.push(this.CONSUME(Word).image);
                },
              },
              {
                ALT: () => {
                  words.push(this.CONSUME(Quoted).image.slice(1, -1));
                },
              },
            ]);
          });
        },
      },
    ]);
    return words;
  });
}

const grammar = whenNeeded(() => ({
  lexer: new Lexer(tokens, { positionTracking: 'onlyOffset', skipValidations: true }),
  parser: new LineParser(),
}));

/** Reads text of `ipset save` line by line. */
export class IpsetParser {
  private readonly lexer: Lexer;
  private readonly parser: LineParser;

  constructor() {
    ({ lexer: this.lexer, parser: this.parser } = grammar());
  }

  parse(line: string): IpsetLine {
    if (line.charCodeAt(0) === 35) return blank;
    const { tokens: found, errors } = this.lexer.tokenize(line);
    if (found.length === 0 && errors.length === 0) return blank;
    this.parser.input = found;
    const words = this.parser.line();
    if (errors.length > 0 || this.parser.errors.length > 0) return unknown;
    return ipsetCommand(words);
  }
}

/** The words of one ipset command, from a dump or from a shell. */
export function ipsetCommand(words: readonly string[]): IpsetLine {
  const kept = words.filter(
    (word) => word !== '-exist' && word !== '-!' && word !== '--exist' && word !== '-q' && word !== '-quiet',
  );
  const [first = ''] = kept;
  return { kind: 'command', verb: verbs.get(first) ?? first, words: kept.slice(1) };
}
