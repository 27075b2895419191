import { createToken, Lexer, type IToken } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import { whenNeeded } from '../shared/when-needed.ts';

/** One command of a batch file or netsh script, cut into words with their quotes taken off. */
export interface Command {
  readonly start: number;
  readonly end: number;
  readonly words: readonly CommandWord[];
  /** What the command before it must do for this one to run: `&&` succeed, `||` fail. */
  readonly after: '&&' | '||' | undefined;
}

export interface CommandWord {
  readonly text: string;
  readonly at: number;
}

const Blank = createToken({ name: 'Blank', pattern: /[ \t\ufeff\u00a0]+/, group: Lexer.SKIPPED });
/** cmd.exe continues a line after `^`, PowerShell after a back quote. */
const Continued = createToken({
  name: 'Continued',
  pattern: /[\^`][ \t]*\r?\n/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
const Newline = createToken({ name: 'Newline', pattern: /[\r\n]+/, line_breaks: true });
/** `rem`, `::`, a label, `#` (netsh scripts and PowerShell): only where a command could start. */
const Comment = createToken({
  name: 'Comment',
  pattern: (text: string, offset: number) => {
    let before = offset - 1;
    while (before >= 0 && (text.charCodeAt(before) === 32 || text.charCodeAt(before) === 9)) before--;
    const c = before < 0 ? 10 : text.charCodeAt(before);
    if (c !== 10 && c !== 13 && c !== 0xfeff) return null;
    const pattern = /(?:@?rem(?![^\s])|:|#)[^\r\n]*/iy;
    pattern.lastIndex = offset;
    return pattern.exec(text);
  },
  group: Lexer.SKIPPED,
  line_breaks: false,
});
const Separator = createToken({ name: 'Separator', pattern: /[&|]+|;/, line_breaks: false });
const Word = createToken({
  name: 'Word',
  // PowerShell ends a command with `;`, also right behind a word.
  pattern: /(?:[^\s"'&|;]|;(?!\s|$)|"[^"\r\n]*"|'[^'\r\n]*')+/,
  line_breaks: false,
});
/** A quote without its partner. */
const Stray = createToken({ name: 'Stray', pattern: /["'][^\r\n]*/, line_breaks: false });
const tokens = [Blank, Continued, Newline, Comment, Separator, Word, Stray];

class CommandParser extends StrictParser {
  constructor() {
    super(tokens);
    this.performSelfAnalysis();
  }

  parse(input: IToken[]): readonly Command[] {
    this.input = input;
    return this.script();
  }

  private readonly script = this.RULE('script', (): readonly Command[] => {
    const commands: Command[] = [];
    let after: Command['after'];
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(Newline);
            after = undefined;
          },
        },
        {
          ALT: () => {
            const { image } = this.CONSUME(Separator);
            after = image === '&&' || image === '||' ? image : undefined;
          },
        },
        {
          ALT: () => {
            const command = this.SUBRULE(this.command);
            this.ACTION(() => commands.push({ ...command, after }));
          },
        },
      ]);
    });
    return commands;
  });

  private readonly command = this.RULE('command', (): Omit<Command, 'after'> => {
    const words: IToken[] = [];
    this.AT_LEAST_ONE(() => {
      this.OR([
        { ALT: () => words.push(this.CONSUME(Word)) },
        { ALT: () => words.push(this.CONSUME(Stray)) },
      ]);
    });
    return this.ACTION(() => {
      const last = words[words.length - 1]!;
      return {
        start: words[0]!.startOffset,
        end: last.startOffset + last.image.length,
        words: words.map((word) => ({ text: word.image.replace(/["']/g, ''), at: word.startOffset })),
      };
    });
  });
}

const grammar = whenNeeded(() => ({
  lexer: new Lexer(tokens, {
    positionTracking: 'onlyOffset',
    skipValidations: true,
    ensureOptimizations: false,
  }),
  parser: new CommandParser(),
}));

/** Commands of a text, one or more a line. */
export function parseCommands(text: string): readonly Command[] {
  const { lexer, parser } = grammar();
  return parser.parse(lexer.tokenize(text).tokens);
}
