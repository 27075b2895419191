import { StatementParser } from './statement-parser.ts';
import type { RuleSyntax, Statement } from './syntax.ts';
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
    if (this.next(t.Separator) || this.next(t.RightBrace) || this.next(t.Handle) || this.atEnd()) return;
    this.fail('a statement or the end of the line');
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
