import { Lexer, type IParserErrorMessageProvider, type IRecognitionException, type IToken } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import { whenNeeded } from '../shared/when-needed.ts';
import type { PlainLine } from './line-shape.ts';
import {
  BrokenCounters,
  ChainCounters,
  ChainMark,
  Commit,
  Counters,
  Item,
  lineModes,
  Name,
  Negation,
  OpenWord,
  Option,
  TableMark,
  Word,
} from './restore-tokens.ts';
import type { LineFault, Problem } from './syntax.ts';
import { splitWords } from './words.ts';

/** What the grammar makes of a line. A line that iptables-restore refuses has a fault, or a problem if it is a command. */
export type GrammarLine =
  | (PlainLine & { readonly fault?: LineFault })
  /** A command that is more than items: its words as iptables-restore cuts them. */
  | {
      readonly kind: 'words';
      readonly words: readonly string[];
      readonly problems: readonly Problem[];
      readonly fault?: LineFault;
    }
  | { readonly kind: 'unknown'; readonly fault: LineFault };

const expectedLine = 'a table (*filter), a chain (:NAME POLICY), a rule (-A CHAIN ...) or COMMIT';
const expectedCounters = 'counters of packets and bytes as in [0:0]';

/** What a rule of the grammar looks for where it stops. */
const expectedIn: Readonly<Record<string, string>> = {
  line: expectedLine,
  name: 'a name behind "*" or ":"',
  policy: 'a policy: ACCEPT or DROP, or "-" for a chain that is not built in',
  opening: 'an option such as -A CHAIN',
};

/** Messages say only what was expected; what was read is at the error's token. */
const errorMessageProvider: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ ruleName }) => expectedIn[ruleName] ?? expectedLine,
  buildNoViableAltMessage: ({ ruleName }) => expectedIn[ruleName] ?? expectedLine,
  buildEarlyExitMessage: ({ ruleName }) => expectedIn[ruleName] ?? expectedLine,
  buildNotAllInputParsedMessage: () => 'the end of the line',
};

type Shape = Exclude<PlainLine, { readonly kind: 'blank' | 'command' }> | { readonly kind: 'phrases' };

const commit: Shape = { kind: 'commit' };
const phrases: Shape = { kind: 'phrases' };

/**
 * One line. Results that an error must not lose go into fields: where a policy or the first option is missing, recovery goes on with
 * what follows.
 */
class LineParser extends StrictParser {
  constructor() {
    super(lineModes, { maxLookahead: 1, recoveryEnabled: true, errorMessageProvider });
    this.performSelfAnalysis();
  }

  /** Of the chain read last. */
  chainName: string | undefined;
  /** Of the command read last: its options and words. */
  command: IToken[] = [];
  /** Words before the first option, and what stands where counters should. */
  astray: IToken[] = [];

  readonly line = this.RULE('line', (): Shape => {
    return this.OR<Shape>([
      { ALT: () => this.SUBRULE(this.table) },
      { ALT: () => this.SUBRULE(this.chain) },
      { ALT: () => this.SUBRULE(this.commit) },
      { ALT: () => this.SUBRULE(this.rule) },
      { ALT: () => this.SUBRULE(this.prose) },
    ]);
  });

  /** Words behind the name are not looked at. */
  private readonly table = this.RULE('table', (): Shape => {
    this.CONSUME(TableMark);
    const name = this.SUBRULE(this.name);
    this.MANY(() => this.SUBRULE2(this.name));
    return { kind: 'table', name };
  });

  /** Counters, or whatever stands in their place: iptables-restore looks at them only when asked to. */
  private readonly chain = this.RULE('chain', (): Shape => {
    this.CONSUME(ChainMark);
    const name = this.SUBRULE(this.name);
    this.chainName = name;
    const policy = this.SUBRULE(this.policy);
    this.MANY(() => this.SUBRULE2(this.name));
    return { kind: 'chain', name, policy };
  });

  private readonly name = this.RULE(
    'name',
    (): string => {
      return this.OR([{ ALT: () => this.CONSUME(Name) }, { ALT: () => this.CONSUME(ChainCounters) }]).image;
    },
    { resyncEnabled: false },
  );

  private readonly policy = this.RULE('policy', (): string | undefined => this.CONSUME(Name).image, {
    recoveryValueFunc: () => undefined,
  });

  private readonly commit = this.RULE('commit', (): Shape => {
    this.CONSUME(Commit);
    return commit;
  });

  private readonly rule = this.RULE('rule', (): Shape => {
    this.OPTION(() => {
      this.OR([
        { ALT: () => this.CONSUME(Counters) },
        {
          ALT: () => {
            this.astray.push(this.CONSUME(BrokenCounters));
          },
        },
      ]);
    });
    this.SUBRULE(this.opening);
    this.MANY(() => {
      this.SUBRULE(this.phrase);
    });
    return phrases;
  });

  private readonly opening = this.RULE('opening', (): void => {
    this.command.push(
      this.OR([
        { ALT: () => this.CONSUME(Item) },
        { ALT: () => this.CONSUME(Negation) },
        { ALT: () => this.CONSUME(Option) },
      ]),
    );
  });

  private readonly phrase = this.RULE('phrase', (): void => {
    this.command.push(
      this.OR([
        { ALT: () => this.CONSUME(Item) },
        { ALT: () => this.CONSUME(Negation) },
        { ALT: () => this.CONSUME(Option) },
        { ALT: () => this.CONSUME(Word) },
        { ALT: () => this.CONSUME(OpenWord) },
      ]),
    );
  });

  /** A line that begins like none: its words, and the command behind them if there is one. */
  private readonly prose = this.RULE('prose', (): Shape => {
    this.AT_LEAST_ONE(() => {
      this.astray.push(this.OR([{ ALT: () => this.CONSUME(Word) }, { ALT: () => this.CONSUME(OpenWord) }]));
    });
    this.OPTION(() => this.SUBRULE(this.rule));
    return phrases;
  });
}

const grammar = whenNeeded(() => ({
  // Chevrotain's check refuses the `$` that ends a line: a line is all that it is given.
  lexer: new Lexer(lineModes, { positionTracking: 'onlyOffset', skipValidations: true }),
  parser: new LineParser(),
}));

/**
 * Reads any line of iptables-save, without its line end and no comment. It says what a line is; `plainLine` says the same of the lines
 * that it recognises. Takes linear time, and fails on no text.
 */
export function readLine(line: string): GrammarLine {
  const { lexer, parser } = grammar();
  const { tokens } = lexer.tokenize(line);
  const [first] = tokens;
  if (first === undefined)
    return line === ''
      ? { kind: 'blank' }
      : { kind: 'blank', fault: blanksAt(line, 0, line.length, 'alone on a line') };
  parser.input = tokens;
  parser.chainName = undefined;
  parser.command = [];
  parser.astray = [];
  const shape = parser.line();
  const [error] = parser.errors;
  if (parser.command.length + parser.astray.length > 0) return commandOf(line, first, parser, error);
  if (error !== undefined) {
    const fault = faultOf(line, error);
    const name = parser.chainName;
    return name === undefined
      ? { kind: 'unknown', fault }
      : { kind: 'chain', name, policy: undefined, fault };
  }
  if (shape.kind === 'phrases') throw new Error('a command without options or words has an error');
  const fault = blanksAround(line, first, shape.kind);
  return fault === undefined ? shape : { ...shape, fault };
}

function commandOf(
  line: string,
  first: IToken,
  { command, astray }: LineParser,
  error: IRecognitionException | undefined,
): GrammarLine {
  const [stray] = astray;
  if (!command.some(({ tokenType }) => tokenType === Item || tokenType === Option)) {
    // Without an option it is no command.
    const token = stray ?? error?.token ?? command[0]!;
    const expected = stray === undefined ? (error?.message ?? expectedIn['opening']!) : expectedAt(stray);
    return { kind: 'unknown', fault: { kind: 'unexpected', expected, ...placeOf(line, token) } };
  }
  const blanks = first.tokenType === Counters ? blanksAround(line, first, 'counters') : undefined;
  const fault = blanks === undefined ? {} : { fault: blanks };
  if (astray.length === 0 && command.every(({ tokenType }) => tokenType === Item))
    return { kind: 'command', items: command.map(({ image }) => image), ...fault };
  const problems: Problem[] = [];
  if (stray !== undefined)
    problems.push({ kind: 'stray-word', word: stray.image, detail: expectedAt(stray) });
  const last = command.at(-1);
  if (last?.tokenType === OpenWord)
    problems.push({ kind: 'unterminated-quote', word: last.image, detail: 'a closing "' });
  return {
    kind: 'words',
    words: command.flatMap(({ image }) => splitWords(image).words),
    problems,
    ...fault,
  };
}

function expectedAt(stray: IToken): string {
  return stray.tokenType === BrokenCounters ? expectedCounters : expectedLine;
}

function faultOf(line: string, error: IRecognitionException): LineFault {
  return { kind: 'unexpected', expected: error.message, ...placeOf(line, error.token) };
}

/** Where a token stands. The end of the line is behind its last character. */
function placeOf(line: string, { startOffset, image }: IToken): Pick<LineFault, 'start' | 'end' | 'read'> {
  return Number.isNaN(startOffset)
    ? { start: line.length, end: line.length, read: '' }
    : { start: startOffset, end: startOffset + image.length, read: image };
}

/**
 * iptables-restore looks for `*`, `:` and `[` in column 0 only and compares whole lines with "COMMIT"; elsewhere these are words of a
 * command, which it refuses.
 */
function blanksAround(
  line: string,
  { startOffset, image }: IToken,
  kind: 'table' | 'chain' | 'commit' | 'counters',
): LineFault | undefined {
  if (startOffset > 0) return blanksAt(line, 0, startOffset, `before ${JSON.stringify(image)}`);
  if (kind === 'commit' && line.length > image.length)
    return blanksAt(line, image.length, line.length, 'behind COMMIT');
  return undefined;
}

function blanksAt(line: string, start: number, end: number, where: string): LineFault {
  return { kind: 'blanks', start, end, read: line.slice(start, end), expected: `no blanks ${where}` };
}
