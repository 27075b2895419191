import type { Span } from '../../src/source/source.ts';
import { LiteralTest } from './literal-tests.ts';
import type { RuleSyntax, Statement } from './syntax.ts';

/** Rules that are alike but for literals, the comment, the numbers of counters and what logging puts in front. */
export class RuleShape {
  /** Those of some rule of the shape. */
  readonly statements: readonly Statement[];
  readonly hasComment: boolean;
  /** How many of the statements end in a literal. */
  readonly literals: number;

  constructor(statements: readonly Statement[], hasComment: boolean) {
    this.statements = statements;
    this.hasComment = hasComment;
    this.literals = statements.filter((statement) => statement instanceof LiteralTest).length;
  }
}

/** Where the rules of one text stand, and what differs in them: offsets in one list, so that each rule holds a place in it and no more. */
export class RulePlaces {
  readonly source: number;
  readonly text: string;
  readonly readAgain: (start: number) => readonly Statement[];
  private offsets = new Int32Array(1024);
  private kept = 0;
  private count = 0;

  constructor(source: number, text: string, readAgain: (start: number) => readonly Statement[]) {
    this.source = source;
    this.text = text;
    this.readAgain = readAgain;
  }

  /** Begins another rule in the place of one that was not kept. */
  begin(start: number): void {
    this.count = this.kept;
    this.note(start, start);
  }

  /** Notes the next literal of the rule, or its comment. */
  note(start: number, end: number): void {
    if (this.count + 2 > this.offsets.length) {
      const more = new Int32Array(this.offsets.length * 2);
      more.set(this.offsets);
      this.offsets = more;
    }
    this.offsets[this.count++] = start;
    this.offsets[this.count++] = end;
  }

  /** Keeps the rule, which ends there, and says at which place. */
  keep(end: number): number {
    const place = this.kept;
    this.offsets[place + 1] = end;
    this.kept = this.count;
    return place;
  }

  at(place: number): number {
    return this.offsets[place]!;
  }
}

/**
 * A rule of which only the shape is known, and where its literals and its comment stand. Its statements it reads for who asks for them:
 * large files hold tens of thousands of such rules, of a few shapes.
 */
export class ShapedRule implements RuleSyntax {
  readonly kind = 'rule';
  readonly shape: RuleShape;
  readonly handle: number | undefined;
  private readonly places: RulePlaces;
  private readonly place: number;

  constructor(shape: RuleShape, handle: number | undefined, places: RulePlaces, place: number) {
    this.shape = shape;
    this.handle = handle;
    this.places = places;
    this.place = place;
  }

  get span(): Span {
    const { places, place } = this;
    return { source: places.source, start: places.at(place), end: places.at(place + 1) };
  }

  get statements(): readonly Statement[] {
    return this.places.readAgain(this.places.at(this.place));
  }

  get shared(): readonly Statement[] {
    let literal = 0;
    return this.shape.statements.map((statement) =>
      statement instanceof LiteralTest
        ? statement.alike.of(this.text.slice(this.startOf(literal), this.endOf(literal++)))
        : statement,
    );
  }

  get comment(): string | undefined {
    const { shape } = this;
    return shape.hasComment
      ? this.text.slice(this.startOf(shape.literals), this.endOf(shape.literals))
      : undefined;
  }

  get variables(): boolean {
    return false;
  }

  /** The text that the literals are in. */
  get text(): string {
    return this.places.text;
  }

  /** Where the rule's literal of that number begins. */
  startOf(literal: number): number {
    return this.places.at(this.place + 2 + 2 * literal);
  }

  /** Where it ends. */
  endOf(literal: number): number {
    return this.places.at(this.place + 3 + 2 * literal);
  }
}
