import { FALSE, type Node } from '../packets/bdd.ts';
import { formatAddress, formatPrefix } from '../packets/address-text.ts';
import type { AddressField, NameField } from '../packets/fields.ts';
import type { Interval } from '../packets/interval.ts';
import type { NameTable } from '../packets/name-table.ts';
import type { PacketSpace, SpaceField } from '../packets/packet-space.ts';
import type { FromElement } from '../report/report.ts';
import { Ipv4Prefixes, type MaskedNumber, numberBranches } from './number-branches.ts';

/** A masked value: the bits of `mask` are fixed to those of `value`. */
export interface MaskedValue {
  readonly value: bigint;
  readonly mask: bigint;
}

/** Names that a rule set tells apart are printed unless they are these: exposures leave loopback out everywhere. */
const loopbackNames = new Set(['lo', 'lo0']);

/** A masked address that would fall apart into more prefixes than this is written `address/mask`. */
const MOST_PREFIXES = 1024;

const keys = {
  inInterface: 'inInterfaces',
  outInterface: 'outInterfaces',
  profile: 'profiles',
  interfaceType: 'interfaceTypes',
  program: 'programs',
  service: 'services',
  package: 'packages',
  source: 'sources',
  destination: 'destinations',
} as const satisfies Partial<Record<SpaceField, keyof FromElement>>;

type CoverField = keyof typeof keys;

/**
 * A set of packets, port and protocol aside, as disjoint products of prefixes, interfaces and source ports that leave nothing out.
 * One element for each way through the diagram's fields, not for each path through its bits.
 */
export class Cover {
  private readonly space: PacketSpace;
  private readonly fields: readonly (CoverField | 'sourcePort')[];
  private readonly asIcmp: boolean;
  /** By field, what lies below a node of the fields before it. */
  private readonly tails: readonly Map<Node, readonly FromElement[]>[];
  /** The last whole cover that was asked for. All of them together may be longer than memory. */
  private latest: { readonly node: Node; readonly elements: readonly FromElement[] } | undefined;
  private readonly ipv4 = new Ipv4Prefixes();

  constructor(space: PacketSpace, asIcmp: boolean) {
    this.space = space;
    this.asIcmp = asIcmp;
    this.fields = space.order.filter(
      (field): field is CoverField | 'sourcePort' => field in keys || field === 'sourcePort',
    );
    this.tails = this.fields.map(() => new Map<Node, readonly FromElement[]>());
  }

  of(node: Node): readonly FromElement[] {
    if (this.latest?.node !== node) this.latest = { node, elements: this.from(node, 0) };
    return this.latest.elements;
  }

  /** One element of the cover, without working out the others. */
  first(node: Node): FromElement {
    let at = node;
    let element: FromElement = {};
    for (const field of this.fields) {
      const [child, value] = firstBranch(this.space, at, field);
      element = { ...element, ...this.describe(field, [value])[0] };
      at = child;
    }
    return element;
  }

  private from(node: Node, index: number): readonly FromElement[] {
    const field = this.fields[index];
    if (node === FALSE || field === undefined) return node === FALSE ? [] : [{}];
    const elements: FromElement[] = [];
    for (const [child, parts] of this.partsOf(node, field)) {
      const rest = this.tail(child, index + 1);
      for (const part of parts) for (const tail of rest) elements.push({ ...part, ...tail });
    }
    return elements;
  }

  private tail(node: Node, index: number): readonly FromElement[] {
    const memo = this.tails[index];
    if (memo === undefined) return [{}];
    let found = memo.get(node);
    if (found === undefined) memo.set(node, (found = this.from(node, index)));
    return found;
  }

  /** The field's values by the node they lead to, as report keys. */
  private *partsOf(
    node: Node,
    field: CoverField | 'sourcePort',
  ): Generator<readonly [Node, readonly FromElement[]]> {
    if (this.space.family === 'ipv4' && (field === 'source' || field === 'destination')) {
      for (const [child, masked] of numberBranches(this.space, node, field))
        yield [child, [this.describeIpv4(field, masked)]];
    } else {
      for (const [child, values] of branches(this.space, node, field))
        yield [child, this.describe(field, values)];
    }
  }

  private describeIpv4(field: 'source' | 'destination', masked: readonly MaskedNumber[]): FromElement {
    if (masked.some(([, mask]) => mask === 0)) return {};
    const prefixes: string[] = [];
    for (const one of masked) {
      const prefix = this.ipv4.of(one);
      if (prefix !== undefined) prefixes.push(prefix);
      else
        for (const part of this.prefixes({ value: BigInt(one[0]), mask: BigInt(one[1]) }, field))
          prefixes.push(part);
    }
    return { [keys[field]]: prefixes };
  }

  /** The values of one field as report keys; several parts where one list of patterns cannot say it. */
  private describe(field: CoverField | 'sourcePort', values: readonly MaskedValue[]): readonly FromElement[] {
    if (values.some(({ mask }) => mask === 0n)) return [{}];
    if (field === 'sourcePort') return [this.describePorts(values)];
    if (field === 'source' || field === 'destination') {
      return [{ [keys[field]]: values.flatMap((value) => this.prefixes(value, field)) }];
    }
    return patternsOf(this.space, field, values).map((names) =>
      names.length === 0 ? {} : { [keys[field]]: names },
    );
  }

  private describePorts(values: readonly MaskedValue[]): FromElement {
    const ranges = intervalsOf(
      values.map(({ value, mask }) => [Number(value), Number(mask)]),
      16,
    );
    if (!this.asIcmp) return { sourcePorts: ranges.map(([from, to]) => ({ from, to })) };
    const icmpTypes: { type: { from: number; to: number }; code?: { from: number; to: number } }[] = [];
    for (const [from, to] of ranges) {
      let at = from;
      while (at <= to) {
        const type = at >> 8;
        const wholeTo = ((to + 1) >> 8) - 1;
        if ((at & 255) === 0 && wholeTo >= type) {
          icmpTypes.push({ type: { from: type, to: wholeTo } });
          at = (wholeTo + 1) << 8;
        } else {
          const end = Math.min(to, (type << 8) | 255);
          icmpTypes.push({ type: { from: type, to: type }, code: { from: at & 255, to: end & 255 } });
          at = end + 1;
        }
      }
    }
    return { icmpTypes };
  }

  private prefixes(masked: MaskedValue, field: AddressField): readonly string[] {
    const { family } = this.space;
    const width = this.space.width(field);
    const found: string[] = [];
    const fixed = masked.mask.toString(2).padStart(width, '0').lastIndexOf('1') + 1;
    const free: bigint[] = [];
    for (let i = 0; i < fixed; i++) {
      const bit = 1n << BigInt(width - 1 - i);
      if ((masked.mask & bit) === 0n) free.push(bit);
    }
    if (2 ** free.length > MOST_PREFIXES) {
      return [`${formatAddress(masked.value, family)}/${formatAddress(masked.mask, family)}`];
    }
    for (let choice = 0; choice < 2 ** free.length; choice++) {
      let value = masked.value;
      free.forEach((bit, i) => {
        if ((choice >> (free.length - 1 - i)) & 1) value |= bit;
      });
      found.push(formatPrefix(value, fixed, family));
    }
    return found;
  }
}

/** The names that values of a name field stand for, as lists of patterns; see `namePatterns`. */
export function patternsOf(
  space: PacketSpace,
  field: NameField,
  values: readonly MaskedValue[],
): readonly (readonly string[])[] {
  if (values.some(({ mask }) => mask === 0n)) return [[]];
  const table = space.namesOf(field)!;
  const chosen = new Set<number>();
  table.classes.forEach((_, i) => {
    const [from] = table.codes(i);
    if (values.some(({ mask, value }) => (BigInt(from) & mask) === value)) chosen.add(i);
  });
  return namePatterns(table, chosen, field === 'inInterface' || field === 'outInterface');
}

/** The field's values by the node they lead to: what remains to be said below the field. In order of first value. */
export function branches(
  space: PacketSpace,
  node: Node,
  field: SpaceField,
): ReadonlyMap<Node, readonly MaskedValue[]> {
  const levels = space.levelsOf(field);
  const found = new Map<Node, MaskedValue[]>();
  const index = new Map(levels.map((level, i) => [level, i]));
  const last = levels[levels.length - 1] ?? -1;
  const walk = (at: Node, value: bigint, mask: bigint): void => {
    if (at === FALSE) return;
    const level = space.bdd.levelOf(at);
    if (level > last) {
      const known = found.get(at);
      if (known === undefined) found.set(at, [{ value, mask }]);
      else known.push({ value, mask });
      return;
    }
    const i = index.get(level);
    if (i === undefined) throw new Error(`a set of packets tests ${field} out of order`);
    for (const [child, values, bits] of space.bdd.ways(at)) {
      const left = BigInt(levels.length - i - bits);
      walk(child, value | (BigInt(values) << left), mask | (((1n << BigInt(bits)) - 1n) << left));
    }
  };
  walk(node, 0n, 0n);
  return found;
}

/** One value of the field that leads on, and where to. */
function firstBranch(space: PacketSpace, node: Node, field: SpaceField): readonly [Node, MaskedValue] {
  const levels = space.levelsOf(field);
  const last = levels[levels.length - 1] ?? -1;
  let at = node;
  let value = 0n;
  let mask = 0n;
  while (space.bdd.levelOf(at) <= last) {
    for (const [child, values, bits] of space.bdd.ways(at)) {
      const left = BigInt(levels.length - levels.indexOf(space.bdd.levelOf(at)) - bits);
      value |= BigInt(values) << left;
      mask |= ((1n << BigInt(bits)) - 1n) << left;
      at = child;
      break;
    }
  }
  return [at, { value, mask }];
}

/** Values of a field of at most 16 bits as sorted intervals. */
export function intervalsOf(values: readonly MaskedNumber[], width: number): readonly Interval[] {
  const found: [number, number][] = [];
  const add = (from: number, to: number): void => {
    found.push([from, to]);
  };
  for (const [value, mask] of values) expand(value, mask, width, 0, 0, add);
  found.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of found) {
    const top = merged[merged.length - 1];
    if (top !== undefined && from <= top[1] + 1) top[1] = Math.max(top[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

function expand(
  value: number,
  mask: number,
  width: number,
  bit: number,
  prefix: number,
  add: (from: number, to: number) => void,
): void {
  const left = width - bit;
  const rest = (1 << left) - 1;
  if ((mask & rest) === 0) return add(prefix, prefix + rest);
  const here = 1 << (left - 1);
  if ((mask & here) === 0 || (value & here) === 0) expand(value, mask, width, bit + 1, prefix, add);
  if ((mask & here) === 0 || (value & here) !== 0) expand(value, mask, width, bit + 1, prefix + here, add);
}

/**
 * Classes as lists of patterns. Within a list, a name fits if it fits some positive pattern (or there is none) and no negative one:
 * `["eth*", "!eth0"]` is every `eth…` but eth0. The empty list is any name.
 */
export function namePatterns(
  table: NameTable,
  chosen: ReadonlySet<number>,
  leaveOutLoopback: boolean,
): readonly (readonly string[])[] {
  const missing: number[] = [];
  table.classes.forEach((c, i) => {
    const skipped = leaveOutLoopback && c.kind === 'name' && loopbackNames.has(c.name);
    if (!chosen.has(i) && !skipped) missing.push(i);
  });
  if (missing.length === 0) return [[]];
  const other = table.classes.findIndex((c) => c.kind === 'other');
  const lists: (readonly string[])[] = [];
  const said = new Set<number>();
  if (other !== -1 && chosen.has(other)) {
    const list: string[] = [];
    const hidden = new Set<number>();
    for (const i of missing) {
      const c = table.classes[i]!;
      if (c.kind === 'other') continue;
      list.push(c.kind === 'prefix' ? `!${c.name}*` : `!${c.name}`);
      for (const j of table.classesOf({ name: c.name, prefix: c.kind === 'prefix' })) hidden.add(j);
    }
    lists.push(list);
    for (const i of chosen) if (!hidden.has(i)) said.add(i);
  }
  // What "any but" hid, or what stands without it: prefix classes with their own exceptions, then plain names.
  const names: string[] = [];
  for (const i of chosen) {
    const c = table.classes[i]!;
    if (said.has(i) || c.kind !== 'prefix') continue;
    const list = [`${c.name}*`];
    for (const j of table.classesOf({ name: c.name, prefix: true })) {
      const inner = table.classes[j]!;
      if (inner.kind === 'other' || j === i) continue;
      if (chosen.has(j) && !said.has(j) && inner.kind === 'name') said.add(j);
      else list.push(inner.kind === 'prefix' ? `!${inner.name}*` : `!${inner.name}`);
    }
    said.add(i);
    lists.push(list);
  }
  for (const i of chosen) {
    const c = table.classes[i]!;
    if (!said.has(i) && c.kind === 'name') names.push(c.name);
  }
  if (names.length > 0) lists.push(names);
  return lists;
}
