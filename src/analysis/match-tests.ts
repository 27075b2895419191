import { isOfOtherFamily, type Match, NetworkTest } from '../model/match.ts';
import { FALSE, TRUE } from '../packets/bdd.ts';
import { prefixBits } from '../packets/field-diagrams.ts';
import { addressBits } from '../packets/fields.ts';
import type { IntervalSet } from '../packets/interval.ts';
import type { SpaceField } from '../packets/packet-space.ts';
import type { Test, Tests } from '../packets/tests.ts';
import { compileMatch, isStackable, type MatchContext, stack, type StackableTest } from './compile-match.ts';

const rememberedTests = 4096;
const never: readonly Test[] = [FALSE];

/** Matches as tests, for decision lists. */
export class MatchTests {
  private readonly tests: Tests;
  private readonly context: MatchContext;
  /** By the match itself: rules share what they have in common, where the reader of their format sees to it. */
  private readonly known = new Map<Match, Test>();
  /** Of the match that is being compiled: the fields that are tested, the tests by their first levels, and what is no test of one field. */
  private readonly fields: SpaceField[] = [];
  private fieldCount = 0;
  private readonly tops: number[] = [];
  private readonly found: Test[] = [];
  private count = 0;
  private rest: Match[] | undefined;

  constructor(tests: Tests, context: MatchContext) {
    this.tests = tests;
    this.context = context;
  }

  /**
   * Tests whose variables ascend from one to the next, so that equal tests of different rules are the same few nodes. `FALSE` alone for
   * a match that no packet fits.
   */
  testsOf(match: Match, rule: number): readonly Test[] {
    this.fieldCount = 0;
    this.count = 0;
    this.rest = undefined;
    // A rule of the other family is many a rule.
    if (isOfOtherFamily(match, this.context.space.family)) return never;
    if (match.kind === 'and') {
      for (const part of match.of) if (!this.add(part)) return never;
    } else if (!this.add(match)) return never;
    const tests = this.found.slice(0, this.count);
    return this.rest === undefined ? tests : this.withRest(tests, this.rest, rule);
  }

  /** False if no packet fits. */
  private add(part: Match): boolean {
    const { context, tops, found } = this;
    const test = part.kind === 'not' ? part.of : part;
    if (!isStackable(test, context) || this.isTested(test.field)) {
      if (this.rest === undefined) this.rest = [part];
      else this.rest.push(part);
      return true;
    }
    this.fields[this.fieldCount++] = test.field;
    const made = this.testOf(part, test);
    if (made === TRUE || made === FALSE) return made === TRUE;
    const top = context.space.levelsOf(test.field)[0] ?? -1;
    let place = this.count++;
    for (; place > 0 && tops[place - 1]! > top; place--) {
      tops[place] = tops[place - 1]!;
      found[place] = found[place - 1]!;
    }
    tops[place] = top;
    found[place] = made;
    return true;
  }

  private isTested(field: SpaceField): boolean {
    for (let i = 0; i < this.fieldCount; i++) if (this.fields[i] === field) return true;
    return false;
  }

  private testOf(part: Match, test: StackableTest): Test {
    const negated = part !== test;
    const made = negated ? undefined : (this.prefix(test) ?? this.ports(test));
    if (made !== undefined) return made;
    let known = this.known.get(part);
    if (known === undefined) {
      const network = negated ? this.prefix(test) : undefined;
      known =
        network === undefined || network === TRUE
          ? stack(test, negated, TRUE, this.context.space)
          : this.context.space.bdd.not(network);
      if (this.known.size >= rememberedTests) this.known.clear();
      this.known.set(part, known);
    }
    return known;
  }

  /** Undefined for what is no single IPv4 network. */
  private prefix(test: StackableTest): Test | undefined {
    const { space } = this.context;
    if (test.kind !== 'address' || test.family !== 'ipv4' || space.family !== 'ipv4') return undefined;
    const levels = space.levelsOf(test.field);
    if (test instanceof NetworkTest) return this.tests.prefix(levels, test.lowest, test.bits);
    const [range, ...others] = test.ranges;
    if (range === undefined || others.length > 0) return undefined;
    const [from, to] = [Number(range[0]), Number(range[1])];
    const bits = prefixBits(from, to, addressBits.ipv4);
    return bits < 0 ? undefined : this.tests.prefix(levels, from, bits);
  }

  /** Undefined for what is no test of destination ports, or one that is always or never true. */
  private ports(test: StackableTest): Test | undefined {
    if (test.kind !== 'number' || test.field !== 'destinationPort') return undefined;
    const { space } = this.context;
    const [first] = test.values;
    if (first === undefined || space.fixedValue(test.field) !== undefined) return undefined;
    if (first[0] === 0 && first[1] === 0xffff) return TRUE;
    if (!ascends(test.values)) return undefined;
    return this.tests.ports(space.levelsOf(test.field), test.values);
  }

  private withRest(found: readonly Test[], rest: readonly Match[], rule: number): readonly Test[] {
    const { context } = this;
    const { bdd } = context.space;
    const others = rest.map((part) => compileMatch(part, rule, context)).reduce((a, b) => bdd.and(a, b));
    if (others === FALSE) return never;
    if (others === TRUE) return found;
    // Open questions lie below every field, so a conjunction with one still ascends.
    let last = -1;
    for (let i = 0; i < this.fieldCount; i++)
      last = Math.max(last, context.space.levelsOf(this.fields[i]!).at(-1) ?? -1);
    if (bdd.levelOf(others) > last) return [...found, others];
    return [found.reduceRight((below, test) => bdd.and(this.tests.node(test), below), others)];
  }
}

/** The intervals hold something each, and none begins before the one before has ended. */
function ascends(values: IntervalSet): boolean {
  let next = 0;
  for (const [from, to] of values) {
    if (from < next || to < from) return false;
    next = to + 1;
  }
  return true;
}
