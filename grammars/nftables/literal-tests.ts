import { readLiteral } from './literals.ts';
import type { Expression, Relation } from './syntax.ts';

/** Comparisons that are alike up to the literal at their end. */
export class LiteralTests {
  readonly left: Expression;
  readonly relation: Relation;
  /** By the literal's text. */
  private readonly tests = new Map<string, LiteralTest>();

  constructor(left: Expression, relation: Relation) {
    this.left = left;
    this.relation = relation;
  }

  /** The comparison with a literal; of the same text it is the same. */
  of(written: string): LiteralTest {
    let test = this.tests.get(written);
    if (test === undefined) {
      test = new LiteralTest(this, written);
      this.tests.set(written, test);
    }
    return test;
  }
}

/** `tcp dport 22`: a comparison with a literal, of which large files hold tens of thousands. Its value is read when it is asked for. */
export class LiteralTest {
  readonly kind = 'match';
  readonly at = 0;
  readonly alike: LiteralTests;
  readonly written: string;

  constructor(alike: LiteralTests, written: string) {
    this.alike = alike;
    this.written = written;
  }

  get left(): Expression {
    return this.alike.left;
  }

  get relation(): Relation {
    return this.alike.relation;
  }

  get right(): Expression {
    return readLiteral(this.written);
  }
}
