import type { AddressField, AddressRange, Family, NameField, NumericField } from '../packets/fields.ts';
import type { IntervalSet } from '../packets/interval.ts';

/** Which packets a rule speaks of. Plain data; negation is explicit, so nothing is ever implied by leaving it out. */
export type Match =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'and'; readonly of: readonly Match[] }
  | { readonly kind: 'or'; readonly of: readonly Match[] }
  | { readonly kind: 'not'; readonly of: Match }
  | FamilyTest
  | NumberTest
  | BitsTest
  | AddressTest
  | AddressBitsTest
  | NameTest
  | SetTest
  | UnknownMatch;

/** No packet of the family fits, which the test itself says, or one of those that must all hold. */
export function isOfOtherFamily(match: Match, family: Family): boolean {
  if (match.kind === 'and') {
    for (const part of match.of)
      if ((part.kind === 'family' || part.kind === 'address') && part.family !== family) return true;
    return false;
  }
  return (match.kind === 'family' || match.kind === 'address') && match.family !== family;
}

/** True for packets of one family; decided when the rule is evaluated for that family. */
export interface FamilyTest {
  readonly kind: 'family';
  readonly family: Family;
}

/** The field's value lies in `values`. */
export interface NumberTest {
  readonly kind: 'number';
  readonly field: NumericField;
  readonly values: IntervalSet;
}

/** `(field & mask) === value`, for fields of at most 32 bits. */
export interface BitsTest {
  readonly kind: 'bits';
  readonly field: NumericField;
  readonly mask: number;
  readonly value: number;
}

/** The address lies in one of `ranges`; never true of a packet of the other family. */
export interface AddressTest {
  readonly kind: 'address';
  readonly field: AddressField;
  readonly family: Family;
  readonly ranges: readonly AddressRange[];
}

/**
 * An address test for one IPv4 network. Most rules of a large file name one or two: they are kept as two numbers, and the range is
 * made when it is asked for.
 */
export class NetworkTest implements AddressTest {
  readonly kind = 'address';
  readonly field: AddressField;
  readonly family = 'ipv4';
  /** The lowest address as a signed number of 32 bits, which takes no more room than a small number. */
  readonly lowest: number;
  /** The length of the prefix. */
  readonly bits: number;

  constructor(field: AddressField, lowest: number, bits: number) {
    this.field = field;
    this.lowest = lowest | 0;
    this.bits = bits;
  }

  /** Of a network as `plainNetwork` tells it. */
  static of(field: AddressField, network: number): NetworkTest {
    return new NetworkTest(field, Math.floor(network / 64), network % 64);
  }

  get ranges(): readonly AddressRange[] {
    const from = this.lowest >>> 0;
    return [[BigInt(from), BigInt(from + 2 ** (32 - this.bits) - 1)]];
  }
}

/** `(address & mask) === value`, for masks that are no prefix; never true of the other family. */
export interface AddressBitsTest {
  readonly kind: 'address-bits';
  readonly field: AddressField;
  readonly family: Family;
  readonly mask: bigint;
  readonly value: bigint;
}

/** The name equals `name`, or with `prefix` starts with it. The empty prefix is any name. */
export interface NameTest {
  readonly kind: 'name';
  readonly field: NameField;
  readonly name: string;
  readonly prefix: boolean;
}

/** The packet's values for `keys`, in order, are an element of the named set. */
export interface SetTest {
  readonly kind: 'in-set';
  readonly set: string;
  readonly keys: readonly SetKey[];
  /** ipset: match only the `nomatch` elements. */
  readonly exceptionsOnly?: boolean;
}

/**
 * Which part of the packet is looked up. ipset names only the side and the set's dimension says whether that is an address, a
 * port or an interface; nftables and pf name the field itself.
 */
export type SetKey =
  { readonly side: 'source' | 'destination' } | { readonly field: AddressField | NumericField | NameField };

/**
 * A condition that the input cannot settle.
 *
 * `packet`: a fixed property of the packet that the model has no dimension for (its MAC, its owner): the same `key` gives the same
 * answer wherever it is asked. `rule`: an answer that may differ each time it is asked (a rate limit, a dice): every place is its own.
 */
export interface UnknownMatch {
  readonly kind: 'unknown';
  readonly scope: 'packet' | 'rule';
  /** Identifies equal questions under `packet` scope, for instance the option's canonical text. */
  readonly key: string;
  /** What the answer hangs on, in words a user understands: `limit: avg 5/min`. */
  readonly reason: string;
}

export const all: Match = { kind: 'all' };
export const none: Match = { kind: 'none' };

/** Collects the parts of a conjunction. One serves for many rules, so that each leaves no list behind. */
export class Conjunction {
  private readonly parts: Match[] = [];
  private count = 0;

  add(part: Match): void {
    this.parts[this.count++] = part;
  }

  /** Of what was added; the next conjunction begins empty. */
  end(): Match {
    const parts = this.parts.slice(0, this.count);
    this.count = 0;
    return conjunctionOf(parts);
  }
}

/** Conjunction with the obvious simplifications. */
export function and(...parts: readonly Match[]): Match {
  return conjunctionOf(parts);
}

/** `and` of a list, which becomes part of the match: it should have room for no more than it holds, since rules are many. */
export function conjunctionOf(parts: readonly Match[]): Match {
  let isPlain = parts.length > 1;
  for (const { kind } of parts) {
    if (kind === 'none') return none;
    if (kind === 'and' || kind === 'all') isPlain = false;
  }
  if (isPlain) return { kind: 'and', of: parts };
  const kept: Match[] = [];
  for (const part of parts) {
    if (part.kind === 'and') kept.push(...part.of);
    else if (part.kind !== 'all') kept.push(part);
  }
  // Copied to its exact size: an array that grew by push has room for 17.
  return kept.length === 0 ? all : kept.length === 1 ? kept[0]! : { kind: 'and', of: kept.slice() };
}

/** Disjunction with the obvious simplifications. */
export function or(...parts: readonly Match[]): Match {
  const kept: Match[] = [];
  for (const part of parts) {
    if (part.kind === 'all') return all;
    if (part.kind === 'or') kept.push(...part.of);
    else if (part.kind !== 'none') kept.push(part);
  }
  return kept.length === 0 ? none : kept.length === 1 ? kept[0]! : { kind: 'or', of: kept.slice() };
}

export function not(part: Match): Match {
  if (part.kind === 'all') return none;
  if (part.kind === 'none') return all;
  return part.kind === 'not' ? part.of : { kind: 'not', of: part };
}
