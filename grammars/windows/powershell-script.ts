import { createToken, Lexer, type IToken } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import { whenNeeded } from '../shared/when-needed.ts';

/** A word of a PowerShell script, or what brackets hold. Offsets count from the start of the text. */
export type ScriptNode =
  /** A bare word, a number, a quoted string. `open`: a double-quoted string that holds variables. */
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly quoted: boolean;
      readonly open: boolean;
      readonly at: number;
      readonly end: number;
    }
  /** `$port`, `$_.Name`, `$ports[0]`; `@rule` (the same name, splatted). In lower case. */
  | {
      readonly kind: 'variable';
      /** With its scope, if that is written: `script:port`. */
      readonly name: string;
      /** What is taken of it: `.name`, `[0]`, `["localport"]`; mostly nothing. */
      readonly path: string;
      readonly splatted: boolean;
      readonly at: number;
      readonly end: number;
    }
  /** `-LocalPort`, `-Confirm:`. */
  | { readonly kind: 'parameter'; readonly name: string; readonly at: number; readonly end: number }
  | {
      readonly kind: 'mark';
      /** `=` stands for all assignments (`+=`), `|` for all joints of commands (`||`, `&&`), `&` for the call of a command. */
      readonly mark: Mark;
      readonly text: string;
      readonly at: number;
      readonly end: number;
    }
  | {
      readonly kind: 'group';
      /** `( )` and `$( )`, `@( )`, `@{ }`, `{ }`. */
      readonly bracket: 'paren' | 'array' | 'hash' | 'block';
      readonly statements: readonly Statement[];
      readonly at: number;
      readonly end: number;
    };

type Mark = ',' | '=' | '|' | '&' | 'operator';

/** The nodes of one line, or up to the next `;`. */
export type Statement = readonly ScriptNode[];

const Blank = createToken({ name: 'Blank', pattern: /[ \t\ufeff\u00a0]+/, group: Lexer.SKIPPED });
const Continued = createToken({
  name: 'Continued',
  pattern: /`[ \t]*\r?\n/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
const BlockComment = createToken({
  name: 'BlockComment',
  pattern: /<#(?:[^#]|#(?!>))*(?:#>)?/,
  group: Lexer.SKIPPED,
  line_breaks: true,
});
const Comment = createToken({ name: 'Comment', pattern: /#[^\r\n]*/, group: Lexer.SKIPPED });
const Newline = createToken({ name: 'Newline', pattern: /[\r\n]+|;/, line_breaks: true });
/** `@" … "@`: up to a quote at the start of a line. */
const HereString = createToken({
  name: 'HereString',
  pattern: /@"[ \t]*\r?\n(?:(?!"@)[^\r\n]*\r?\n){0,2000}"@|@'[ \t]*\r?\n(?:(?!'@)[^\r\n]*\r?\n){0,2000}'@/,
  line_breaks: true,
});
const DoubleQuoted = createToken({
  name: 'DoubleQuoted',
  pattern: /"(?:[^"`]|`[^]|"")*"/,
  line_breaks: true,
});
const SingleQuoted = createToken({ name: 'SingleQuoted', pattern: /'(?:[^']|'')*'/, line_breaks: true });
const OpenArray = createToken({ name: 'OpenArray', pattern: /@\(/ });
const OpenHash = createToken({ name: 'OpenHash', pattern: /@\{/ });
const OpenParen = createToken({ name: 'OpenParen', pattern: /\$?\(/ });
const CloseParen = createToken({ name: 'CloseParen', pattern: /\)/ });
const OpenBlock = createToken({ name: 'OpenBlock', pattern: /\{/ });
const CloseBlock = createToken({ name: 'CloseBlock', pattern: /\}/ });
const Comma = createToken({ name: 'Comma', pattern: /,/ });
const Equals = createToken({ name: 'Equals', pattern: /[-+*/%]?=/ });
const Pipe = createToken({ name: 'Pipe', pattern: /\|\|?|&&/ });
const Variable = createToken({
  name: 'Variable',
  pattern: /[$@](?:\{[^}\r\n]{0,500}\}|(?:[A-Za-z]+:)?[\w?]+|[$^?])(?:\.\w+|\[[^\]\r\n]{0,1000}\])*/,
  line_breaks: false,
});
const Parameter = createToken({ name: 'Parameter', pattern: /-[A-Za-z]\w*:?/, line_breaks: false });
const Operator = createToken({ name: 'Operator', pattern: /[&!<>]+|\d?>+&?\d?/, line_breaks: false });
const Word = createToken({
  name: 'Word',
  pattern: /(?:[^\s"'(){},;|=$@&<>#`]|`(?![ \t]*\r?\n).)+|[$@#`]/,
  line_breaks: false,
});
/** A quote without its partner. */
const Stray = createToken({ name: 'Stray', pattern: /["'][^\r\n]*/, line_breaks: false });

const tokens = [
  Blank,
  Continued,
  BlockComment,
  Comment,
  Newline,
  HereString,
  DoubleQuoted,
  SingleQuoted,
  OpenArray,
  OpenHash,
  OpenParen,
  CloseParen,
  OpenBlock,
  CloseBlock,
  Comma,
  Equals,
  Pipe,
  Variable,
  Parameter,
  Operator,
  Word,
  Stray,
];

/** Brackets that nest deeper belong to no script of firewall rules. */
const deepest = 200;

class ScriptParser extends StrictParser {
  constructor() {
    super(tokens);
    this.performSelfAnalysis();
  }

  parse(input: IToken[]): readonly Statement[] {
    this.input = input;
    return this.script();
  }

  private readonly script = this.RULE('script', (): readonly Statement[] => {
    const all: Statement[] = [];
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const some = this.SUBRULE(this.statements);
            this.ACTION(() => all.push(...some));
          },
        },
        // A bracket that closes nothing.
        { ALT: () => this.CONSUME(CloseParen) },
        { ALT: () => this.CONSUME(CloseBlock) },
      ]);
    });
    return all;
  });

  private readonly statements = this.RULE('statements', (): readonly Statement[] => {
    const all: Statement[] = [];
    let nodes: ScriptNode[] = [];
    this.AT_LEAST_ONE(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(Newline);
            this.ACTION(() => {
              // A line that ends in a pipe or a comma goes on.
              const last = nodes.at(-1);
              if (last?.kind === 'mark' && (last.mark === '|' || last.mark === ',')) return;
              if (nodes.length > 0) all.push(nodes);
              nodes = [];
            });
          },
        },
        {
          ALT: () => {
            const node = this.SUBRULE(this.node);
            this.ACTION(() => nodes.push(node));
          },
        },
      ]);
    });
    return this.ACTION(() => (nodes.length > 0 ? [...all, nodes] : all));
  });

  private readonly node = this.RULE('node', (): ScriptNode => {
    return this.OR([
      { ALT: () => this.mark(this.CONSUME(Comma), ',') },
      { ALT: () => this.mark(this.CONSUME(Equals), '=') },
      { ALT: () => this.mark(this.CONSUME(Pipe), '|') },
      { ALT: () => this.operator(this.CONSUME(Operator)) },
      { ALT: () => this.text(this.CONSUME(Word)) },
      { ALT: () => this.text(this.CONSUME(HereString)) },
      { ALT: () => this.text(this.CONSUME(DoubleQuoted)) },
      { ALT: () => this.text(this.CONSUME(SingleQuoted)) },
      { ALT: () => this.text(this.CONSUME(Stray)) },
      { ALT: () => this.variable(this.CONSUME(Variable)) },
      { ALT: () => this.parameter(this.CONSUME(Parameter)) },
      { ALT: () => this.SUBRULE(this.parenthesised) },
      { ALT: () => this.SUBRULE(this.braced) },
    ]);
  });

  private readonly parenthesised = this.RULE('parenthesised', (): ScriptNode => {
    const open = this.OR([{ ALT: () => this.CONSUME(OpenParen) }, { ALT: () => this.CONSUME(OpenArray) }]);
    let statements: readonly Statement[] = [];
    this.OPTION(() => {
      statements = this.SUBRULE(this.statements);
    });
    let close: IToken | undefined;
    this.OPTION2(() => {
      close = this.CONSUME(CloseParen);
    });
    return this.ACTION(() => group(open.image === '@(' ? 'array' : 'paren', open, close, statements));
  });

  private readonly braced = this.RULE('braced', (): ScriptNode => {
    const open = this.OR([{ ALT: () => this.CONSUME(OpenBlock) }, { ALT: () => this.CONSUME(OpenHash) }]);
    let statements: readonly Statement[] = [];
    this.OPTION(() => {
      statements = this.SUBRULE(this.statements);
    });
    let close: IToken | undefined;
    this.OPTION2(() => {
      close = this.CONSUME(CloseBlock);
    });
    return this.ACTION(() => group(open.image === '@{' ? 'hash' : 'block', open, close, statements));
  });

  private mark(token: IToken, mark: Mark): ScriptNode {
    return { kind: 'mark', mark, text: token.image, at: token.startOffset, end: endOf(token) };
  }

  private operator(token: IToken): ScriptNode {
    return this.mark(token, token.image === '&' ? '&' : 'operator');
  }

  private text(token: IToken): ScriptNode {
    const { image, startOffset: at } = token;
    const end = endOf(token);
    if (token.tokenType === Word || token.tokenType === Stray)
      return { kind: 'text', text: image.replace(/`(.)/g, '$1'), quoted: false, open: false, at, end };
    if (token.tokenType === HereString) {
      const text = image.slice(2, -2).replace(/^[ \t]*\r?\n|\r?\n$/g, '');
      return { kind: 'text', text, quoted: true, open: image.startsWith('@"') && /\$/.test(text), at, end };
    }
    const inner = image.slice(1, -1);
    if (token.tokenType === SingleQuoted)
      return { kind: 'text', text: inner.replace(/''/g, "'"), quoted: true, open: false, at, end };
    const text = inner.replace(/""/g, '"').replace(/`(.)/g, '$1');
    return { kind: 'text', text, quoted: true, open: /(?:^|[^`])\$[\w({]/.test(inner), at, end };
  }

  private variable(token: IToken): ScriptNode {
    const written = token.image.slice(1).toLowerCase();
    const [whole, braced] = /^\{([^}]*)\}/.exec(written) ?? /^[^.[]+/.exec(written)!;
    const splatted = token.image.startsWith('@');
    const path = written.slice(whole.length);
    return {
      kind: 'variable',
      name: braced ?? whole,
      path,
      splatted,
      at: token.startOffset,
      end: endOf(token),
    };
  }

  private parameter(token: IToken): ScriptNode {
    const name = token.image.slice(1).toLowerCase();
    return { kind: 'parameter', name, at: token.startOffset, end: endOf(token) };
  }
}

function endOf({ startOffset, image }: IToken): number {
  return startOffset + image.length;
}

function group(
  bracket: 'paren' | 'array' | 'hash' | 'block',
  open: IToken,
  close: IToken | undefined,
  statements: readonly Statement[],
): ScriptNode {
  const end = close === undefined ? (statements.at(-1)?.at(-1)?.end ?? endOf(open)) : endOf(close);
  return { kind: 'group', bracket, statements, at: open.startOffset, end };
}

const grammar = whenNeeded(() => ({
  lexer: new Lexer(tokens, {
    positionTracking: 'onlyOffset',
    skipValidations: true,
    ensureOptimizations: false,
  }),
  parser: new ScriptParser(),
}));

/** The statements of a PowerShell script: words and brackets, no more; undefined if its brackets nest too deep. */
export function parsePowershellScript(text: string): readonly Statement[] | undefined {
  const { lexer, parser } = grammar();
  const { tokens: found } = lexer.tokenize(text);
  let depth = 0;
  for (const { tokenType } of found) {
    if (
      tokenType === OpenParen ||
      tokenType === OpenArray ||
      tokenType === OpenBlock ||
      tokenType === OpenHash
    )
      depth++;
    else if ((tokenType === CloseParen || tokenType === CloseBlock) && depth > 0) depth--;
    if (depth > deepest) return undefined;
  }
  return parser.parse(found);
}
