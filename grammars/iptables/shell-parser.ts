import type { IToken } from 'chevrotain';
import { StrictParser } from '../shared/strict-parser.ts';
import { ShellLexer, type ShellToken } from './shell-lexer.ts';
import { shellTokens as t } from './shell-tokens.ts';
import type { ShellAssignment, ShellRedirect, ShellStatement, ShellWord } from './shell-syntax.ts';

function payloadOf(token: IToken): ShellToken['payload'] {
  return (token as ShellToken).payload;
}

/** The command `let TEXT` for arithmetic that stands in a script. */
function letOf(token: IToken, text?: string): ShellStatement {
  const start = token.startOffset;
  const end = (token.endOffset ?? start) + 1;
  const word = (of: string): ShellWord => ({ parts: [{ kind: 'text', text: of, quoted: true }], start, end });
  const payload = payloadOf(token);
  const [part] = payload !== undefined && 'parts' in payload ? payload.parts : [];
  const words = [word('let'), word(text ?? (part?.kind === 'text' ? part.text : ''))];
  return { kind: 'simple', assignments: [], words, redirects: [], start, end };
}

/** What stands between the semicolons of `for ((first; test; step))`; undefined where nothing does. */
function clausesOf(token: IToken): readonly (ShellStatement | undefined)[] {
  const pieces = token.image.slice(2, -2).split(';');
  return pieces.map((piece) => (piece.trim() === '' ? undefined : letOf(token, piece)));
}

const noWord: ShellWord = { parts: [], start: 0, end: 0 };

/** The grammar of IEEE Std 1003.1, Shell Command Language 2.10, as far as firewall scripts go. */
class ShellGrammar extends StrictParser {
  constructor() {
    super(Object.values(t), { maxLookahead: 2 });
    this.performSelfAnalysis();
  }

  readonly script = this.RULE('script', (): ShellStatement[] => this.SUBRULE(this.list));

  private readonly list = this.RULE('list', (): ShellStatement[] => {
    const statements: ShellStatement[] = [];
    this.MANY(() => this.SUBRULE(this.separator));
    this.MANY2(() => {
      statements.push(this.SUBRULE(this.andOr));
      this.MANY3(() => this.SUBRULE2(this.separator));
    });
    return statements;
  });

  private readonly separator = this.RULE('separator', () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Newline) },
      { ALT: () => this.CONSUME(t.Semicolon) },
      { ALT: () => this.CONSUME(t.Ampersand) },
    ]);
  });

  private readonly andOr = this.RULE('andOr', (): ShellStatement => {
    let left = this.SUBRULE(this.pipeline);
    this.MANY(() => {
      const kind = this.OR([
        {
          ALT: () => {
            this.CONSUME(t.And);
            return 'and' as const;
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Or);
            return 'or' as const;
          },
        },
      ]);
      this.MANY2(() => this.CONSUME(t.Newline));
      const right = this.SUBRULE2(this.pipeline);
      left = { kind, left, right };
    });
    return left;
  });

  private readonly pipeline = this.RULE('pipeline', (): ShellStatement => {
    let negated = false;
    this.OPTION(() => {
      this.CONSUME(t.Bang);
      negated = true;
    });
    const parts = [this.SUBRULE(this.command)];
    this.MANY(() => {
      this.CONSUME(t.Pipe);
      this.MANY2(() => this.CONSUME(t.Newline));
      parts.push(this.SUBRULE2(this.command));
    });
    return parts.length === 1 && !negated ? parts[0]! : { kind: 'pipeline', negated, parts };
  });

  private readonly command = this.RULE('command', (): ShellStatement =>
    this.OR<ShellStatement>([
      { ALT: () => this.SUBRULE(this.conditional) },
      { ALT: () => this.SUBRULE(this.forLoop) },
      { ALT: () => this.SUBRULE(this.whileLoop) },
      { ALT: () => this.SUBRULE(this.caseOf) },
      { ALT: () => this.SUBRULE(this.group) },
      { ALT: () => this.SUBRULE(this.namedFunction) },
      {
        GATE: () => this.LA(1).tokenType === t.Word && this.LA(2).tokenType === t.Open,
        ALT: () => this.SUBRULE(this.shortFunction),
      },
      { ALT: () => this.SUBRULE(this.arithmetic) },
      { ALT: () => this.SUBRULE(this.simple) },
    ]),
  );

  private readonly simple = this.RULE('simple', (): ShellStatement => {
    const assignments: ShellAssignment[] = [];
    const words: ShellWord[] = [];
    const redirects: ShellRedirect[] = [];
    const { startOffset } = this.LA(1);
    this.AT_LEAST_ONE(() => {
      this.OR([
        {
          ALT: () => {
            const payload = payloadOf(this.CONSUME(t.Assignment));
            if (payload !== undefined && 'values' in payload) assignments.push(payload);
          },
        },
        {
          ALT: () => {
            const payload = payloadOf(this.CONSUME(t.Word));
            if (payload !== undefined && 'parts' in payload) words.push(payload);
          },
        },
        {
          ALT: () => {
            const payload = payloadOf(this.CONSUME(t.Redirect));
            if (payload !== undefined && 'operator' in payload) redirects.push(payload);
          },
        },
      ]);
    });
    const last = this.LA(0);
    return {
      kind: 'simple',
      assignments,
      words,
      redirects,
      start: startOffset,
      end: (last.endOffset ?? startOffset) + 1,
    };
  });

  /** `((…))` is the command `let`. */
  private readonly arithmetic = this.RULE('arithmetic', (): ShellStatement => {
    const statement = letOf(this.CONSUME(t.Arithmetic));
    this.SUBRULE(this.redirects);
    return statement;
  });

  private readonly conditional = this.RULE('conditional', (): ShellStatement => {
    const branches: { condition: ShellStatement[]; body: ShellStatement[] }[] = [];
    let otherwise: ShellStatement[] = [];
    this.CONSUME(t.If);
    const condition = this.SUBRULE(this.list);
    this.CONSUME(t.Then);
    branches.push({ condition, body: this.SUBRULE2(this.list) });
    this.MANY(() => {
      this.CONSUME(t.Elif);
      const next = this.SUBRULE3(this.list);
      this.CONSUME2(t.Then);
      branches.push({ condition: next, body: this.SUBRULE4(this.list) });
    });
    this.OPTION(() => {
      this.CONSUME(t.Else);
      otherwise = this.SUBRULE5(this.list);
    });
    this.CONSUME(t.Fi);
    this.SUBRULE(this.redirects);
    return { kind: 'if', branches, otherwise };
  });

  private readonly forLoop = this.RULE('forLoop', (): ShellStatement => {
    this.CONSUME(t.For);
    return this.OR([
      { ALT: () => this.SUBRULE(this.countingLoop) },
      { ALT: () => this.SUBRULE(this.listLoop) },
    ]);
  });

  /** `for ((first; test; step))`: a loop that a `while` says as well. */
  private readonly countingLoop = this.RULE('countingLoop', (): ShellStatement => {
    const head = this.CONSUME(t.Arithmetic);
    this.MANY(() => this.SUBRULE(this.separator));
    const { body, redirects } = this.SUBRULE(this.doGroup);
    const [first, test, step] = clausesOf(head);
    return {
      kind: 'group',
      body: [
        ...(first === undefined ? [] : [first]),
        {
          kind: 'while',
          negated: false,
          condition: test === undefined ? [] : [test],
          body,
          ...(step === undefined ? {} : { step }),
          redirects,
        },
      ],
    };
  });

  private readonly listLoop = this.RULE('listLoop', (): ShellStatement => {
    const name = this.CONSUME(t.Word).image;
    let items: ShellWord[] | undefined;
    this.OPTION(() => {
      this.MANY(() => this.CONSUME(t.Newline));
      this.CONSUME(t.In);
      const found: ShellWord[] = [];
      this.MANY2(() => {
        const payload = payloadOf(this.CONSUME2(t.Word));
        if (payload !== undefined && 'parts' in payload) found.push(payload);
      });
      items = found;
    });
    this.MANY3(() => this.SUBRULE(this.separator));
    const { body } = this.SUBRULE(this.doGroup);
    return { kind: 'for', name, items, body };
  });

  private readonly whileLoop = this.RULE('whileLoop', (): ShellStatement => {
    const negated = this.CONSUME(t.While).image === 'until';
    const condition = this.SUBRULE(this.list);
    return { kind: 'while', negated, condition, ...this.SUBRULE(this.doGroup) };
  });

  private readonly doGroup = this.RULE('doGroup', () => {
    this.CONSUME(t.Do);
    const body = this.SUBRULE(this.list);
    this.CONSUME(t.Done);
    return { body, redirects: this.SUBRULE(this.redirects) };
  });

  private readonly caseOf = this.RULE('caseOf', (): ShellStatement => {
    const arms: { patterns: ShellWord[]; body: ShellStatement[] }[] = [];
    this.CONSUME(t.Case);
    const payload = payloadOf(this.CONSUME(t.Word));
    this.MANY(() => this.CONSUME(t.Newline));
    this.CONSUME(t.In);
    this.MANY2(() => this.SUBRULE(this.separator));
    this.MANY3(() => {
      arms.push(this.SUBRULE(this.arm));
    });
    this.CONSUME(t.Esac);
    return { kind: 'case', subject: payload !== undefined && 'parts' in payload ? payload : noWord, arms };
  });

  private readonly arm = this.RULE('arm', () => {
    const patterns: ShellWord[] = [];
    this.OPTION(() => this.CONSUME(t.Open));
    this.AT_LEAST_ONE_SEP({
      SEP: t.Pipe,
      DEF: () => {
        const payload = payloadOf(this.CONSUME(t.Word));
        if (payload !== undefined && 'parts' in payload) patterns.push(payload);
      },
    });
    this.CONSUME(t.Close);
    const body = this.SUBRULE(this.list);
    this.OPTION2(() => this.CONSUME(t.DoubleSemicolon));
    this.MANY(() => this.CONSUME(t.Newline));
    return { patterns, body };
  });

  private readonly group = this.RULE('group', (): ShellStatement => {
    const body = this.OR([
      {
        ALT: () => {
          this.CONSUME(t.OpenBrace);
          const inner = this.SUBRULE(this.list);
          this.CONSUME(t.CloseBrace);
          return inner;
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Open);
          const inner = this.SUBRULE2(this.list);
          this.CONSUME(t.Close);
          return inner;
        },
      },
    ]);
    this.SUBRULE(this.redirects);
    return { kind: 'group', body };
  });

  private readonly redirects = this.RULE('redirects', (): ShellRedirect[] => {
    const redirects: ShellRedirect[] = [];
    this.MANY(() => {
      const payload = payloadOf(this.CONSUME(t.Redirect));
      if (payload !== undefined && 'operator' in payload) redirects.push(payload);
    });
    return redirects;
  });

  private readonly namedFunction = this.RULE('namedFunction', (): ShellStatement => {
    this.CONSUME(t.Function);
    const name = this.CONSUME(t.Word).image;
    this.OPTION(() => {
      this.CONSUME(t.Open);
      this.CONSUME(t.Close);
    });
    this.MANY(() => this.CONSUME(t.Newline));
    return { kind: 'function', name, body: this.SUBRULE(this.group) };
  });

  private readonly shortFunction = this.RULE('shortFunction', (): ShellStatement => {
    const name = this.CONSUME(t.Word).image;
    this.CONSUME(t.Open);
    this.CONSUME(t.Close);
    this.MANY(() => this.CONSUME(t.Newline));
    return { kind: 'function', name, body: this.SUBRULE(this.group) };
  });
}

let theGrammar: ShellGrammar | undefined;

/** What became of a script: its statements, and whether its structure could be read. */
export interface ShellScript {
  readonly statements: readonly ShellStatement[];
  /** Where the grammar gave up; from there on every command stands for itself and may or may not run. */
  readonly lostAt: number | undefined;
}

/** Reads a shell script. Never fails: a structure that cannot be read leaves a flat list of the commands in it. */
export function parseShell(text: string): ShellScript {
  const tokens = new ShellLexer(text).tokenize();
  const tooDeep = tokens.find(nestingCheck());
  if (tooDeep !== undefined) return { statements: flatCommands(tokens), lostAt: tooDeep.startOffset };
  // Made once: a script may hand text to a shell thousands of times.
  const grammar = (theGrammar ??= new ShellGrammar());
  grammar.input = tokens;
  const statements = grammar.script();
  const [error] = grammar.errors;
  if (error === undefined) return { statements, lostAt: undefined };
  const at = error.token.startOffset;
  return { statements: flatCommands(tokens), lostAt: Number.isNaN(at) ? text.length : at };
}

const deepest = 100;

/** Commands that `&&`, `||` and `|` join, or branches of an `if`: each of them is a step further down, too, or hangs on all before it. */
const longest = 250;

/** True for the first token that nests deeper than the parser's stack should go. */
function nestingCheck(): (token: ShellToken) => boolean {
  let blocks = 0;
  // Apart, since a bracket closes each pattern of a `case`, and opens none.
  let brackets = 0;
  let joined = 0;
  let joins = false;
  let branches = 0;
  return ({ tokenType }) => {
    if ([t.If, t.While, t.For, t.Case, t.OpenBrace].includes(tokenType)) blocks++;
    else if ([t.Fi, t.Done, t.Esac, t.CloseBrace].includes(tokenType)) blocks = Math.max(0, blocks - 1);
    else if (tokenType === t.Open) brackets++;
    else if (tokenType === t.Close) brackets = Math.max(0, brackets - 1);
    if (tokenType === t.Elif) branches++;
    else if (tokenType === t.Fi) branches = 0;
    if ([t.And, t.Or, t.Pipe].includes(tokenType)) joined++;
    else if ([t.Semicolon, t.Ampersand, t.DoubleSemicolon, t.Close].includes(tokenType)) joined = 0;
    else if (tokenType === t.Newline && !joins) joined = 0;
    joins = [t.And, t.Or, t.Pipe].includes(tokenType);
    return blocks + brackets > deepest || joined > longest || branches > longest;
  };
}

/** The simple commands of a script, whatever stands around them. */
function flatCommands(tokens: readonly ShellToken[]): ShellStatement[] {
  const statements: ShellStatement[] = [];
  let words: ShellWord[] = [];
  let assignments: ShellAssignment[] = [];
  let redirects: ShellRedirect[] = [];
  let start = 0;
  let end = 0;
  const close = (): void => {
    if (words.length > 0 || assignments.length > 0)
      statements.push({ kind: 'simple', assignments, words, redirects, start, end });
    words = [];
    assignments = [];
    redirects = [];
  };
  for (const token of tokens) {
    const { payload } = token;
    if (payload === undefined) {
      close();
      continue;
    }
    if (words.length === 0 && assignments.length === 0) start = token.startOffset;
    end = (token.endOffset ?? token.startOffset) + 1;
    if ('parts' in payload) words.push(payload);
    else if ('values' in payload) assignments.push(payload);
    else redirects.push(payload);
  }
  close();
  return statements;
}
