import { Bdd, FALSE, MAX_LEVEL, type Node, type Stretch, TooComplex, TRUE, WORD } from './bdd.ts';
import { bitsEqual, numberIn, wideIn } from './field-diagrams.ts';
import {
  type AddressField,
  addressBits,
  type AddressRange,
  type Family,
  type NameField,
  numericFields,
  type NumericField,
} from './fields.ts';
import { complement, type IntervalSet } from './interval.ts';
import type { NameTable } from './name-table.ts';
import { type NamePattern } from './name-table.ts';

/** Internal dimensions of the analysis that no rule names: where a translated packet goes, pf's verdict so far, and the sides of its connection that NAT has settled. */
export type InternalField = 'route' | 'pending' | 'sourceBound' | 'destinationBound';
export type SpaceField = NumericField | AddressField | NameField | InternalField;

/**
 * Which fields the diagram tests first. Protocol and port come first always, so that rows are read straight off the result; after
 * them interfaces and other names where many rules name them, else addresses, sources or destinations first.
 */
export type VariableOrder =
  'names-first' | 'names-then-destinations' | 'addresses-first' | 'destinations-first';

export interface SpaceOptions {
  readonly family: Family;
  readonly order: VariableOrder;
  /** The names the rules mention, a table each; a field without one has the single value "any". */
  readonly names: ReadonlyMap<NameField, NameTable>;
  /** Fields with one known value throughout: tests of them are decided, and they cost no variables. */
  readonly fixed: ReadonlyMap<NumericField, number>;
  readonly maxNodes: number;
  /** About how many nodes the sets will need. */
  readonly expectedNodes?: number;
}

const internalBits: Readonly<Record<InternalField, number>> = {
  route: 2,
  pending: 2,
  sourceBound: 1,
  destinationBound: 1,
};

const head: readonly SpaceField[] = ['protocol'];
const ports: readonly SpaceField[] = ['destinationPort'];
const middle: readonly SpaceField[] = [
  'inInterface',
  'outInterface',
  'profile',
  'interfaceType',
  'program',
  'service',
  'package',
];
const addressFields: ReadonlySet<SpaceField> = new Set([
  'source',
  'destination',
  'originalSource',
  'originalDestination',
]);
const addresses: readonly SpaceField[] = ['source', 'destination'];
const destinations: readonly SpaceField[] = ['destination', 'source'];
const tail: readonly SpaceField[] = [
  'sourcePort',
  'fragment',
  'tcpFlags',
  'state',
  'destinationTranslated',
  'tag',
  'mark',
  'route',
  'pending',
  'sourceBound',
  'destinationBound',
];

const orders: Readonly<Record<VariableOrder, readonly SpaceField[]>> = {
  'names-first': [...head, ...ports, ...middle, ...addresses, ...tail],
  'names-then-destinations': [...head, ...ports, ...middle, ...destinations, ...tail],
  'addresses-first': [...head, ...ports, ...addresses, ...middle, ...tail],
  'destinations-first': [...head, ...ports, ...destinations, ...middle, ...tail],
};

/** Original fields share the levels of a pair, bit beside bit, so that "equal to the current one" stays small. */
const pairs: Readonly<Partial<Record<SpaceField, SpaceField>>> = {
  destinationPort: 'originalDestinationPort',
  destination: 'originalDestination',
  sourcePort: 'originalSourcePort',
  source: 'originalSource',
};

/**
 * All packets of one family as a Boolean space: each field is a run of variables, each open question one more below them.
 * Sets are nodes of `bdd`; equal sets are equal numbers.
 */
export class PacketSpace {
  readonly bdd: Bdd;
  readonly family: Family;
  readonly order: readonly SpaceField[];
  /** First level that belongs to an open question rather than to a field. */
  readonly questionBase: number;
  private readonly levels = new Map<SpaceField, readonly number[]>();
  private readonly names: ReadonlyMap<NameField, NameTable>;
  private readonly fixed: ReadonlyMap<NumericField, number>;
  /** Sets of one range of at most 16 bits, by field, and by the range. */
  private readonly ranges = new Map<SpaceField, Map<number, Node>>();
  /** The level of the next open question; shared by all spaces of the same variables. */
  private readonly next: { level: number };

  /** `sibling`: a space whose diagrams and variables this one shares. */
  constructor({ family, order, names, fixed, maxNodes, expectedNodes }: SpaceOptions, sibling?: PacketSpace) {
    this.family = family;
    this.names = names;
    this.fixed = fixed;
    this.order = orders[order];
    const stretches: Stretch[] = [];
    let next = 0;
    for (const field of this.order) {
      const twin = pairs[field];
      const width = this.width(field);
      const step = twin === undefined ? 1 : 2;
      // Fields wider than a word are several stretches.
      for (let i = 0; i < width; i += WORD)
        for (let first = next + i * step; first < next + i * step + step; first++)
          stretches.push({ first, step, bits: Math.min(WORD, width - i) });
      const own: number[] = [];
      const other: number[] = [];
      for (let i = 0; i < width; i++) {
        own.push(next++);
        if (twin !== undefined) other.push(next++);
      }
      this.levels.set(field, own);
      if (twin !== undefined) this.levels.set(twin, other);
    }
    this.questionBase = next;
    this.bdd = sibling?.bdd ?? new Bdd(maxNodes, expectedNodes, stretches);
    this.next = sibling?.next ?? { level: next };
  }

  width(field: SpaceField): number {
    if (addressFields.has(field)) return addressBits[this.family];
    if (field in internalBits) return internalBits[field as InternalField];
    if (field in numericFields) return numericFields[field as NumericField];
    return this.names.get(field as NameField)?.bits ?? 0;
  }

  /** The variables of a field, most significant bit first. */
  levelsOf(field: SpaceField): readonly number[] {
    return this.levels.get(field)!;
  }

  /** The variables of a field, most significant bit first, each with whether it is true where the field has a value below 2 ** 32. */
  bitsOf(field: SpaceField, value: number): readonly (readonly [level: number, isSet: boolean])[] {
    const levels = this.levelsOf(field);
    return levels.map((level, i) => [level, ((value >>> (levels.length - 1 - i)) & 1) === 1]);
  }

  namesOf(field: NameField): NameTable | undefined {
    return this.names.get(field);
  }

  fixedValue(field: SpaceField): number | undefined {
    return this.fixed.get(field as NumericField);
  }

  /** Some question was asked. */
  get hasQuestions(): boolean {
    return this.next.level > this.questionBase;
  }

  /** A new open question: a variable of its own below all others. Throws `TooComplex` when there are too many. */
  question(): number {
    if (this.next.level >= MAX_LEVEL) {
      throw new TooComplex(
        `the rule set asks more than ${MAX_LEVEL - this.questionBase} questions that the file cannot answer`,
      );
    }
    return this.next.level++;
  }

  /** The set where the field's value lies in `values`, cut with `then` (which may test only later variables). */
  numberIn(field: NumericField | InternalField, values: IntervalSet, then: Node = TRUE): Node {
    const value = this.fixedValue(field);
    if (value !== undefined) return values.some(([from, to]) => value >= from && value <= to) ? then : FALSE;
    const [range, ...others] = values;
    if (then !== TRUE || range === undefined || others.length > 0 || range[1] > 0xffff)
      return numberIn(this.bdd, this.levelsOf(field), values, then);
    // Many rules ask for the same ports.
    let known = this.ranges.get(field);
    if (known === undefined) this.ranges.set(field, (known = new Map<number, Node>()));
    const key = range[0] * 0x10000 + range[1];
    let node = known.get(key);
    if (node === undefined) known.set(key, (node = numberIn(this.bdd, this.levelsOf(field), values, then)));
    return node;
  }

  numberNotIn(field: NumericField | InternalField, values: IntervalSet, then: Node = TRUE): Node {
    return this.numberIn(field, complement(values, 0, 2 ** this.width(field) - 1), then);
  }

  bitsEqual(field: NumericField, mask: number, value: number, then: Node = TRUE): Node {
    const fixed = this.fixedValue(field);
    if (fixed !== undefined) return (fixed & mask) >>> 0 === value >>> 0 ? then : FALSE;
    return bitsEqual(this.bdd, this.levelsOf(field), BigInt(mask >>> 0), BigInt(value >>> 0), then);
  }

  /** `ranges` must be sorted and disjoint. */
  addressIn(field: AddressField, ranges: readonly AddressRange[], then: Node = TRUE): Node {
    const levels = this.levelsOf(field);
    if (this.family === 'ipv6') return wideIn(this.bdd, levels, ranges, then);
    return numberIn(
      this.bdd,
      levels,
      ranges.map(([from, to]) => [Number(from), Number(to)] as const),
      then,
    );
  }

  addressBitsEqual(field: AddressField, mask: bigint, value: bigint, then: Node = TRUE): Node {
    return bitsEqual(this.bdd, this.levelsOf(field), mask, value, then);
  }

  /** The set where the name fits the pattern, or with `negate` does not. */
  nameIs(field: NameField, pattern: NamePattern, negate: boolean, then: Node = TRUE): Node {
    const table = this.names.get(field);
    if (table === undefined) throw new Error(`no names were collected for ${field}`);
    const fitting = new Set(table.classesOf(pattern));
    const codes: (readonly [number, number])[] = [];
    table.classes.forEach((_, index) => {
      if (fitting.has(index) !== negate) codes.push(table.codes(index));
    });
    return numberIn(this.bdd, this.levelsOf(field), codes, then);
  }
}
