import { smallPiece } from './nftables-parser-base.ts';
import { QuickRules } from './quick-rules.ts';
import { StatementParser } from './statement-parser.ts';
import type { ChainItem, RuleSyntax, Statement } from './syntax.ts';
import * as t from './tokens.ts';

/** Rules: statements up to the end of the line. One that cannot be read is kept, marked broken, and the next one is read. */
export abstract class RuleParser extends StatementParser {
  private statements: Statement[] = [];
  private comment: string | undefined;

  /** The statements of a rule and its comment; leaves the separator. */
  private readonly ruleBody = this.RULE('ruleBody', () => {
    this.AT_LEAST_ONE(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.Comment_);
            this.comment = this.SUBRULE(this.text_);
            this.ACTION(() => {
              if (!this.isAtEnd()) this.note('the end of the rule behind its comment');
            });
          },
        },
        {
          IGNORE_AMBIGUITIES: true,
          ALT: () => {
            const statement = this.SUBRULE(this.statement);
            this.ACTION(() => this.statements.push(statement));
          },
        },
      ]);
    });
  });

  private rulesOfText: QuickRules | undefined;
  private again: (start: number) => readonly Statement[] = () => [];
  private readonly oneRule = this.RULE('oneRule', () => this.ACTION(() => this.readRule()));

  protected override begin(source: number, text: string): void {
    super.begin(source, text);
    this.rulesOfText = undefined;
    this.again = (start) => this.readAgain(source, text, start);
  }

  /** The rule at an offset, or behind separators there, if it is one that needs no grammar (see `PlainRules`). */
  protected readPlainRule(at: number): RuleSyntax | undefined {
    const { quickRules: rules } = this;
    const rule = rules.read(at);
    if (rule !== undefined) this.continueAt(rules.stop, rules.end);
    return rule;
  }

  /** Reads all rules from the offset on, up to one that needs the grammar; false if that is the first. */
  protected readPlainRules(at: number, into: ChainItem[]): boolean {
    const { quickRules: rules } = this;
    const before = into.length;
    let rule = rules.read(at);
    while (rule !== undefined) {
      into.push(rule);
      rule = rules.read(rules.stop);
    }
    if (into.length === before) return false;
    this.continueAt(rules.stop, rules.end);
    return true;
  }

  /** Of the text that is being read. */
  protected get quickRules(): QuickRules {
    return (this.rulesOfText ??= new QuickRules(this.sourceId, this.text, this.again, (start) =>
      this.lookingAt(start, () => ({ statement: this.SUBRULE(this.statement), end: this.endOfLast() })),
    ));
  }

  /** The statements of one rule, in their places. */
  private readAgain(source: number, text: string, start: number): readonly Statement[] {
    this.begin(source, text);
    this.continueAt(start, start);
    this.pieceLength = smallPiece;
    const { statements } = this.oneRule();
    this.begin(source, '');
    return statements;
  }

  protected readRule(): RuleSyntax {
    const outerStatements = this.statements;
    const outerComment = this.comment;
    const outerVariable = this.sawVariable;
    this.statements = [];
    this.comment = undefined;
    this.sawVariable = false;
    const start = this.LA(1).startOffset;
    const problem = this.guarded(() => {
      this.SUBRULE(this.ruleBody);
      this.expectEnd();
      return undefined;
    });
    const span = this.span(start);
    const handle = this.takeHandle();
    const rule: RuleSyntax = {
      kind: 'rule',
      span,
      statements: this.statements,
      variables: this.sawVariable,
      ...(this.comment === undefined ? {} : { comment: this.comment }),
      ...(handle === undefined ? {} : { handle }),
      ...(problem === undefined ? {} : { broken: true }),
    };
    this.statements = outerStatements;
    this.comment = outerComment;
    this.sawVariable = outerVariable;
    return rule;
  }

  /** A statement ends at a newline, a semicolon, the block's brace or the end of the file. */
  protected expectEnd(): void {
    if (!this.isAtEnd()) this.fail('a statement or the end of the line');
  }

  private isAtEnd(): boolean {
    return this.next(t.Separator) || this.next(t.RightBrace) || this.next(t.Handle) || this.atEnd();
  }

  /** `# handle 5` behind an object, as `nft -a` writes it. */
  protected takeHandle(): number | undefined {
    const token = this.take(t.Handle);
    return token === undefined ? undefined : Number(/\d+/.exec(token.image)![0]);
  }

  protected override anonymousChain(): readonly RuleSyntax[] {
    const rules: RuleSyntax[] = [];
    this.CONSUME(t.LeftBrace);
    this.enter();
    for (;;) {
      while (this.take(t.Separator) !== undefined);
      if (this.take(t.RightBrace) !== undefined) {
        this.leave();
        return rules;
      }
      if (this.atEnd()) this.fail('"}"');
      rules.push(this.readRule());
    }
  }
}
