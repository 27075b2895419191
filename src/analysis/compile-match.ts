import type { Match, NumberTest, AddressTest, NameTest } from '../model/match.ts';
import type { NamedSet } from '../model/named-set.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import { type AddressRange, addressBits, type Family } from '../packets/fields.ts';
import type { PacketSpace, SpaceField } from '../packets/packet-space.ts';
import { compileSetTest } from './compile-set.ts';
import type { Questions } from './questions.ts';

/** What compiling a match needs to know besides the match. */
export interface MatchContext {
  readonly space: PacketSpace;
  readonly questions: Questions;
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** The packet mark is followed from 0 (some rule sets it); else each test of it is an open question. */
  readonly markIsTracked: boolean;
  /** Questions that the direction asked about settles, by key. */
  readonly premises: ReadonlyMap<string, boolean>;
}

export type StackableTest = NumberTest | AddressTest | NameTest;

/** The set of packets that a match speaks of. `rule` names the rule that asks open questions. */
export function compileMatch(match: Match, rule: number, context: MatchContext): Node {
  const { space, questions } = context;
  const { bdd } = space;
  switch (match.kind) {
    case 'all':
      return TRUE;
    case 'none':
      return FALSE;
    case 'and':
      return compileAnd(match.of, rule, context);
    case 'or':
      return bdd.orAll(match.of.map((part) => compileMatch(part, rule, context)));
    case 'not':
      return isStackable(match.of, context)
        ? stack(match.of, true, TRUE, space)
        : bdd.not(compileMatch(match.of, rule, context));
    case 'family':
      return match.family === space.family ? TRUE : FALSE;
    case 'number':
      if (isUntrackedMark(match.field, context)) {
        const text = match.values
          .map(([from, to]) => (from === to ? `0x${from.toString(16)}` : `${from}-${to}`))
          .join(',');
        return bdd.variable(questions.ofPacket(`mark ${text}`, `the packet mark is ${text}`, rule));
      }
      return stack(match, false, TRUE, space);
    case 'bits':
      if (isUntrackedMark(match.field, context)) {
        const text = `0x${match.value.toString(16)}/0x${match.mask.toString(16)}`;
        return bdd.variable(questions.ofPacket(`mark ${text}`, `the packet mark is ${text}`, rule));
      }
      return space.bitsEqual(match.field, match.mask, match.value);
    case 'address':
    case 'name':
      return stack(match, false, TRUE, space);
    case 'address-bits':
      return match.family === space.family
        ? space.addressBitsEqual(match.field, match.mask, match.value)
        : FALSE;
    case 'in-set':
      return compileSetTest(match, rule, context);
    case 'unknown': {
      const settled = match.scope === 'packet' ? context.premises.get(match.key) : undefined;
      if (settled !== undefined) return settled ? TRUE : FALSE;
      return bdd.variable(
        match.scope === 'packet'
          ? questions.ofPacket(match.key, match.reason, rule)
          : questions.ofVisit(match.reason, rule),
      );
    }
  }
}

function isUntrackedMark(field: SpaceField, context: MatchContext): boolean {
  return field === 'mark' && !context.markIsTracked;
}

export function isStackable(match: Match, context: MatchContext): match is StackableTest {
  switch (match.kind) {
    case 'number':
      return !isUntrackedMark(match.field, context);
    case 'address':
    case 'name':
      return true;
    default:
      return false;
  }
}

/** A conjunction of tests on different fields, the topmost variables first. */
interface Conjunction {
  readonly tests: readonly StackableTest[];
  readonly negated: readonly boolean[];
  /** What does not fit among them. */
  readonly rest: readonly Match[];
}

function conjunction(parts: readonly Match[], context: MatchContext): Conjunction {
  const stacked: { readonly test: StackableTest; readonly negate: boolean; readonly top: number }[] = [];
  const rest: Match[] = [];
  const fields = new Set<SpaceField>();
  for (const part of parts) {
    const inner = part.kind === 'not' ? part.of : part;
    if (isStackable(inner, context) && !fields.has(inner.field)) {
      fields.add(inner.field);
      stacked.push({
        test: inner,
        negate: part.kind === 'not',
        top: context.space.levelsOf(inner.field)[0] ?? -1,
      });
    } else rest.push(part);
  }
  stacked.sort((a, b) => a.top - b.top);
  return { tests: stacked.map(({ test }) => test), negated: stacked.map(({ negate }) => negate), rest };
}

/**
 * Tests on different fields stack into their conjunction without an apply step: the test with the deepest variables first, each
 * further one on top of it. What does not stack is conjoined after.
 */
function compileAnd(parts: readonly Match[], rule: number, context: MatchContext): Node {
  const { space } = context;
  const { tests, negated, rest } = conjunction(parts, context);
  let node: Node = TRUE;
  for (let i = tests.length - 1; i >= 0; i--) node = stack(tests[i]!, negated[i]!, node, space);
  for (const part of rest) {
    if (node === FALSE) return FALSE;
    node = space.bdd.and(node, compileMatch(part, rule, context));
  }
  return node;
}

/** A test on one field, or its negation, as a diagram over what must hold of the fields below. */
export function stack(test: StackableTest, negate: boolean, then: Node, space: PacketSpace): Node {
  switch (test.kind) {
    case 'number':
      return negate
        ? space.numberNotIn(test.field, test.values, then)
        : space.numberIn(test.field, test.values, then);
    case 'name':
      return space.nameIs(test.field, test, negate, then);
    case 'address':
      if (test.family !== space.family) return negate ? then : FALSE;
      return space.addressIn(
        test.field,
        negate ? gaps(test.ranges, test.family) : sortedRanges(test.ranges),
        then,
      );
  }
}

/** Sorted and merged. */
export function sortedRanges(ranges: readonly AddressRange[]): readonly AddressRange[] {
  if (ranges.length <= 1) return ranges;
  const sorted = [...ranges].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  const merged: [bigint, bigint][] = [];
  for (const [from, to] of sorted) {
    const last = merged[merged.length - 1];
    if (last !== undefined && from <= last[1] + 1n) {
      if (to > last[1]) last[1] = to;
    } else merged.push([from, to]);
  }
  return merged;
}

function gaps(ranges: readonly AddressRange[], family: Family): readonly AddressRange[] {
  const top = (1n << BigInt(addressBits[family])) - 1n;
  const found: AddressRange[] = [];
  let next = 0n;
  for (const [from, to] of sortedRanges(ranges)) {
    if (from > next) found.push([next, from - 1n]);
    next = to + 1n;
  }
  if (next <= top) found.push([next, top]);
  return found;
}
