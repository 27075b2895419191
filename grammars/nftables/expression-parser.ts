import type { IToken, ParserMethod, TokenType } from 'chevrotain';
import { literal } from './literals.ts';
import { NftablesParserBase } from './nftables-parser-base.ts';
import type { BinaryOperator, Expression, SetElementSyntax, Statement, VerdictSyntax } from './syntax.ts';
import * as t from './tokens.ts';

/** Expressions: what is loaded from a packet, and the values it is compared with (nft(8), "Expressions"). */
export abstract class ExpressionParser extends NftablesParserBase {
  /** `a . b, c . d`: what may stand on the right of a comparison. */
  readonly value = this.RULE('value', (): Expression => {
    const first = this.SUBRULE(this.concatenation);
    let rest: Expression[] | undefined;
    this.MANY(() => {
      this.CONSUME(t.Comma);
      const next = this.SUBRULE2(this.concatenation);
      this.ACTION(() => (rest ??= [first]).push(next));
    });
    return rest === undefined ? first : { kind: 'list', of: rest, at: first.at };
  });

  /** `a . b map { … }`: what may be assigned or translated to. */
  readonly mapped = this.RULE('mapped', (): Expression => {
    const key = this.SUBRULE(this.concatenation);
    let data: Expression | undefined;
    this.OPTION(() => {
      this.CONSUME(t.MapWord);
      data = this.SUBRULE(this.primary);
    });
    return data === undefined ? key : { kind: 'map', key, data, at: key.at };
  });

  readonly concatenation = this.RULE('concatenation', (): Expression => {
    const first = this.SUBRULE(this.term);
    let rest: Expression[] | undefined;
    this.MANY(() => {
      this.CONSUME(t.Dot);
      const next = this.SUBRULE2(this.term);
      this.ACTION(() => (rest ??= [first]).push(next));
    });
    return rest === undefined ? first : { kind: 'concat', of: rest, at: first.at };
  });

  /** `a & b | c`, then perhaps a prefix `…/n` or a range `…-b`. The slash of `tcp flags syn / fin,syn` goes before a word. */
  readonly term = this.RULE('term', (): Expression => {
    let result = this.SUBRULE(this.operation);
    this.OPTION({
      GATE: () => prefixLengths.has(this.LA(2).tokenType),
      DEF: () => {
        this.CONSUME(t.Slash);
        const length = this.SUBRULE(this.primary);
        result = { kind: 'prefix', value: result, length, at: result.at };
      },
    });
    this.OPTION2(() => {
      this.CONSUME(t.Dash);
      const to = this.SUBRULE2(this.operation);
      result = { kind: 'range', from: result, to, at: result.at };
    });
    return result;
  });

  private readonly operation = this.RULE('operation', (): Expression => {
    const first = this.SUBRULE(this.primary);
    let rest: { operator: BinaryOperator; right: Expression }[] | undefined;
    this.MANY(() => {
      const sign = this.CONSUME(t.BinarySign);
      const right = this.SUBRULE2(this.primary);
      this.ACTION(() => {
        rest ??= [];
        if (rest.push({ operator: operatorOf(sign.tokenType), right }) > mostOperators)
          this.fail(`at most ${mostOperators} operators`);
      });
    });
    return rest === undefined ? first : byPrecedence(first, rest);
  });

  readonly primary = this.RULE('primary', (): Expression => {
    return this.OR(
      (this.primaryAlternatives ??= [
        { ALT: () => literal('number', this.CONSUME(t.Number_)) },
        { ALT: () => literal('ipv4', this.CONSUME(t.Ipv4)) },
        { ALT: () => this.SUBRULE(this.header) },
        { ALT: () => this.SUBRULE(this.meta) },
        { ALT: () => ({ kind: 'meta', key: this.CONSUME(t.MetaKey).image, at: this.LA(0).startOffset }) },
        { ALT: () => this.SUBRULE(this.connection) },
        { ALT: () => this.SUBRULE(this.set) },
        { ALT: () => this.quoted(this.CONSUME(t.String_)) },
        { ALT: () => this.SUBRULE(this.reference) },
        { ALT: () => this.SUBRULE(this.variable) },
        { ALT: () => literal('ipv6', this.CONSUME(t.Ipv6)) },
        { ALT: () => literal('mac', this.CONSUME(t.Mac)) },
        { ALT: () => literal('number', this.CONSUME(t.Quantity)) },
        { ALT: () => this.SUBRULE(this.verdict) },
        { ALT: () => this.SUBRULE(this.lookup) },
        { ALT: () => ({ kind: 'anything', at: this.CONSUME(t.Star).startOffset }) },
        { ALT: () => this.SUBRULE(this.bracketed) },
        // A keyword that starts something else was taken above.
        { IGNORE_AMBIGUITIES: true, ALT: () => literal('word', this.CONSUME(t.Word)) },
      ]),
    );
  });
  declare private primaryAlternatives: { IGNORE_AMBIGUITIES?: boolean; ALT: () => Expression }[] | undefined;

  private readonly bracketed = this.RULE('bracketed', (): Expression => {
    return this.OR([
      {
        ALT: () => {
          this.CONSUME(t.LeftParen);
          this.ACTION(() => this.enter());
          const inner = this.SUBRULE(this.value);
          this.CONSUME(t.RightParen);
          this.ACTION(() => this.leave());
          return this.ACTION(() => (inner.kind === 'binary' ? { ...inner, bracketed: true } : inner));
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.LeftBracket);
          const address = literal('ipv6', this.CONSUME(t.Ipv6));
          this.CONSUME(t.RightBracket);
          return address;
        },
      },
    ]);
  });

  readonly variable = this.RULE('variable', (): Expression => {
    const at = this.CONSUME(t.Dollar).startOffset;
    const name = this.CONSUME(t.Word).image;
    this.sawVariable = true;
    return { kind: 'variable', name, at };
  });

  readonly verdict = this.RULE('verdict', (): Expression => {
    return this.OR([
      {
        ALT: () => {
          const word = this.CONSUME(t.Verdict);
          return { kind: 'verdict', verdict: { kind: word.image } as VerdictSyntax, at: word.startOffset };
        },
      },
      {
        ALT: () => {
          const word = this.CONSUME(t.Jump);
          return {
            kind: 'verdict',
            verdict: this.jumpTarget(word.image as 'jump' | 'goto'),
            at: word.startOffset,
          };
        },
      },
    ]);
  });

  /** The chain's name, a variable, or (of statements) the chain itself in braces. */
  protected abstract jumpTarget(kind: 'jump' | 'goto'): VerdictSyntax;
  protected abstract readonly header: ParserMethod<[], Expression>;
  protected abstract readonly meta: ParserMethod<[], Expression>;
  protected abstract readonly connection: ParserMethod<[], Expression>;
  protected abstract readonly reference: ParserMethod<[], Expression>;
  protected abstract readonly lookup: ParserMethod<[], Expression>;
  /** A counter or limit of a set element. */
  protected abstract readonly statement: ParserMethod<[], Statement>;

  /** `{ a, b . c, d : e }`; newlines are allowed anywhere inside. */
  readonly set = this.RULE('set', (): Expression => {
    const at = this.CONSUME(t.LeftBrace).startOffset;
    this.ACTION(() => this.enter());
    const elements: SetElementSyntax[] = [];
    this.SUBRULE(this.newlines);
    this.OPTION(() => {
      elements.push(this.SUBRULE(this.element));
      this.SUBRULE2(this.newlines);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE3(this.newlines);
        this.OPTION2(() => {
          elements.push(this.SUBRULE2(this.element));
          this.SUBRULE4(this.newlines);
        });
      });
    });
    this.CONSUME(t.RightBrace);
    this.ACTION(() => this.leave());
    return { kind: 'set', elements, at };
  });

  private readonly newlines = this.RULE('newlines', () => {
    this.MANY(() => this.CONSUME(t.Newline));
  });

  /** `key [timeout 1h] [counter …] [comment "…"] [: data]` */
  private readonly element = this.RULE('element', (): SetElementSyntax => {
    const key = this.SUBRULE(this.concatenation);
    let options = this.SUBRULE(this.elementOptions);
    let data: Expression | undefined;
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      data = this.SUBRULE2(this.concatenation);
      // A traffic class, `1:12`.
      this.OPTION2(() => {
        const at = this.CONSUME2(t.Colon).startOffset;
        const minor = this.SUBRULE(this.primary);
        this.ACTION(() => (data = classOf(data!, minor, at)));
      });
      const after = this.SUBRULE2(this.elementOptions);
      this.ACTION(() => {
        options = options === undefined ? after : { ...options, ...after };
      });
    });
    if (options === undefined) return data === undefined ? { key } : { key, data };
    return data === undefined ? { key, ...options } : { key, data, ...options };
  });

  protected readonly elementOptions = this.RULE('elementOptions', (): ElementOptions | undefined => {
    let options: ElementOptions | undefined;
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const word = this.CONSUME(t.Lifetime);
            const time = this.SUBRULE(this.time);
            this.ACTION(() => {
              options ??= {};
              // What is left of its life says nothing more than that it has one.
              if (word.image === 'timeout') options.timeout = time;
            });
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Comment_);
            const comment = this.SUBRULE(this.text_);
            this.ACTION(() => ((options ??= {}).comment = comment));
          },
        },
        {
          ALT: () => {
            const statement = this.SUBRULE(this.elementStatement);
            this.ACTION(() => ((options ??= {}).statements ??= []).push(statement));
          },
        },
      ]);
    });
    return options;
  });

  /** A quoted string or a word. */
  protected readonly text_ = this.RULE('text', (): string => {
    return this.OR([
      { ALT: () => this.CONSUME(t.String_).image.slice(1, -1) },
      { ALT: () => this.CONSUME(t.Word).image },
    ]);
  });

  protected readonly time = this.RULE('time', (): string => {
    return this.OR([
      { ALT: () => this.CONSUME(t.Quantity).image },
      { ALT: () => this.CONSUME(t.Number_).image },
      { ALT: () => this.CONSUME(t.String_).image },
      {
        ALT: () => {
          this.SUBRULE(this.variable);
          return '$';
        },
      },
      { ALT: () => this.CONSUME(t.Word).image },
    ]);
  });

  private readonly elementStatement = this.RULE('elementStatement', (): Statement => {
    this.OR([
      { ALT: () => this.CONSUME(t.Counter) },
      { ALT: () => this.CONSUME(t.Limit) },
      { ALT: () => this.CONSUME(t.Quota) },
      { ALT: () => this.CONSUME(t.Last) },
      { ALT: () => this.CONSUME(t.Ct) },
    ]);
    return this.ACTION(() => this.statefulStatement(this.LA(0)));
  });

  /** The rest of `counter …`, `limit …`, `quota …`, `last …`, `ct count …`, whose first word was just read. */
  protected abstract statefulStatement(first: IToken): Statement;

  private quoted(token: IToken): Expression {
    return { kind: 'string', text: token.image.slice(1, -1), at: token.startOffset };
  }
}

interface ElementOptions {
  timeout?: string;
  comment?: string;
  statements?: Statement[];
}

function classOf(major: Expression, minor: Expression, at: number): Expression {
  const words = [major, minor].map((part) => ('text' in part ? part.text : ''));
  return { kind: 'word', text: words.join(':'), at: 'text' in major ? major.at : at };
}

const prefixLengths: ReadonlySet<TokenType> = new Set([t.Number_, t.Dollar]);

function operatorOf(type: TokenType): BinaryOperator {
  switch (type) {
    case t.And:
      return '&';
    case t.Or:
      return '|';
    case t.Xor:
      return '^';
    case t.ShiftLeft:
      return '<<';
    default:
      return '>>';
  }
}

/** Each is a step down for whoever reads the expression. */
const mostOperators = 500;

/** parse.y: shifts bind tightest, then `&`, `^`, `|`; all to the left. */
function byPrecedence(
  first: Expression,
  rest: readonly { operator: BinaryOperator; right: Expression }[],
): Expression {
  const values: Expression[] = [first];
  const operators: BinaryOperator[] = [];
  const reduce = (): void => {
    const right = values.pop()!;
    const left = values.pop()!;
    values.push({ kind: 'binary', operator: operators.pop()!, left, right, at: left.at });
  };
  for (const { operator, right } of rest) {
    while (operators.length > 0 && strength(operators[operators.length - 1]!) >= strength(operator)) reduce();
    operators.push(operator);
    values.push(right);
  }
  while (operators.length > 0) reduce();
  return values[0]!;
}

function strength(operator: BinaryOperator): number {
  return operator === '|' ? 0 : operator === '^' ? 1 : operator === '&' ? 2 : 3;
}
