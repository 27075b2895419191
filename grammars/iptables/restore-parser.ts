import { Lexer } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import { OptionReader } from './option-reader.ts';
import { ChainName, Counters, Item, restoreTokens, TableName, Word } from './restore-tokens.ts';
import type { Problem, RestoreLine } from './syntax.ts';
import { splitWords } from './words.ts';

const blank: RestoreLine = { kind: 'blank' };
const commit: RestoreLine = { kind: 'commit' };

/** The shape of one line; the items of a command are handed to the option reader. */
class LineParser extends StrictParser {
  constructor() {
    super(restoreTokens, { maxLookahead: 1 });
    this.performSelfAnalysis();
  }

  /** The items of the command read last. */
  items: string[] = [];

  readonly line = this.RULE('line', (): RestoreLine | 'command' => {
    return this.OR<RestoreLine | 'command'>([
      { ALT: () => this.SUBRULE(this.table) },
      { ALT: () => this.SUBRULE(this.chain) },
      { ALT: () => this.SUBRULE(this.lone) },
      {
        ALT: () => {
          this.OPTION(() => this.CONSUME(Counters));
          this.AT_LEAST_ONE(() => {
            this.items.push(this.CONSUME(Item).image);
          });
          return 'command';
        },
      },
    ]);
  });

  private readonly table = this.RULE('table', (): RestoreLine => {
    return { kind: 'table', name: this.CONSUME(TableName).image.slice(1) };
  });

  private readonly chain = this.RULE('chain', (): RestoreLine => {
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

  private readonly lone = this.RULE('lone', (): RestoreLine => {
    const word = this.CONSUME(Word).image;
    return word === 'COMMIT' ? commit : { kind: 'unknown', expected: 'a table, a chain, a rule or COMMIT' };
  });
}

interface Grammar {
  readonly lexer: Lexer;
  readonly parser: LineParser;
}

let grammar: Grammar | undefined;

/** Building them takes longer than reading a small file, so they are built when first needed and serve every file. */
function sharedGrammar(): Grammar {
  grammar ??= {
    lexer: new Lexer(restoreTokens, {
      positionTracking: 'onlyOffset',
      skipValidations: true,
      ensureOptimizations: true,
    }),
    parser: new LineParser(),
  };
  return grammar;
}

/** Reads iptables-save text line by line. Keeps nothing of a line but the options it has in common with others. */
export class RestoreParser {
  private readonly lexer: Lexer;
  private readonly parser: LineParser;
  readonly options = new OptionReader();

  constructor() {
    ({ lexer: this.lexer, parser: this.parser } = sharedGrammar());
  }

  /** Reads one line without its line end. */
  parse(line: string): RestoreLine {
    const first = line.charCodeAt(0);
    // A comment only in column 0 (iptables-restore.c); elsewhere `#` is an ordinary character.
    if (first === 35) return { kind: 'comment', text: line };
    const { tokens } = this.lexer.tokenize(line);
    if (tokens.length === 0) return blank;
    this.parser.input = tokens;
    this.parser.items = [];
    const result = this.parser.line();
    if (this.parser.errors.length > 0) return this.parseIrregular(line);
    if (result !== 'command') return result;
    return { kind: 'command', command: this.options.readItems(this.parser.items) };
  }

  /** A line with quotes in unusual places or words where an option should be: the exact splitter decides what its words are. */
  private parseIrregular(line: string): RestoreLine {
    const { words, unterminated } = splitWords(line.replace(/^[ \t]*\[\d+:\d+\]/, ''));
    const first = words[0] ?? '';
    if (!first.startsWith('-') && first !== '!')
      return { kind: 'unknown', expected: 'a table, a chain, a rule or COMMIT' };
    const command = this.options.readWords(words);
    if (!unterminated) return { kind: 'command', command };
    const open: Problem = {
      kind: 'unterminated-quote',
      word: words[words.length - 1] ?? '',
      detail: 'a closing "',
    };
    return { kind: 'command', command: { options: command.options, problems: [...command.problems, open] } };
  }
}
