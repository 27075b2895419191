import { all, and, type Match, none, not, or } from '../../model/match.ts';
import { type Interval, normalize } from '../../packets/interval.ts';
import { type AddressRange, type Family, protocolsTrackedByPort } from '../../packets/fields.ts';
import type { Constant } from './constants.ts';
import { stateBits } from './datatypes.ts';
import type { Selector } from './selectors.ts';

type NumberSelector = Selector & { kind: 'number' };
type AddressSelector = Selector & { kind: 'address' };

/** The packets for which the selector's value is one of `constants`, apart from what the selector needs. */
export function oneOf(selector: Selector, constants: readonly Constant[]): Match {
  const [first] = constants;
  if (constants.length === 1 && first !== undefined) {
    // The usual case, without a list in between.
    if (first.kind === 'number' && selector.kind === 'number')
      return numberIn(selector, [[first.from, first.to]]);
    if (first.kind === 'address' && selector.kind === 'address') return addressIn(selector, [first.range]);
  }
  if (constants.some((constant) => constant.kind === 'anything')) return all;
  const unresolved = constants.flatMap((constant) =>
    constant.kind === 'unresolved' ? [question(`${describe(selector)} ${constant.text}`)] : [],
  );
  switch (selector.kind) {
    case 'number': {
      const values = constants.flatMap((c) => (c.kind === 'number' ? [[c.from, c.to] as const] : []));
      return or(numberIn(selector, values), ...unresolved);
    }
    case 'address': {
      const ranges = constants.flatMap((c) => (c.kind === 'address' ? [c.range] : []));
      return or(addressIn(selector, ranges), ...unresolved);
    }
    case 'name':
      return or(
        ...constants.flatMap((c): Match[] =>
          c.kind !== 'name'
            ? []
            : c.prefix && c.name === ''
              ? [all]
              : [{ kind: 'name', field: selector.field, name: c.name, prefix: c.prefix }],
        ),
        ...unresolved,
      );
    case 'family':
      return or(
        ...constants.map((c) => (c.kind === 'number' ? familyMatch(c.from, c.to) : none)),
        ...unresolved,
      );
    default:
      return question(describe(selector));
  }
}

export function question(text: string): Match {
  return { kind: 'unknown', scope: 'packet', key: text, reason: text };
}

export function describe(selector: Selector): string {
  switch (selector.kind) {
    case 'unknown':
      return selector.text;
    case 'special':
      return selector.what;
    case 'family':
      return 'family';
    default:
      return selector.field;
  }
}

/**
 * Ethertypes and netfilter protocol numbers of the two families. `nft -j -nn` 1.0.6 swaps the bytes of ethertypes, and writes 0x0008 no
 * other way than 0x0800.
 */
function familyMatch(from: number, to: number): Match {
  const holds = (value: number): boolean => from <= value && value <= to;
  const swapped = (value: number): Match =>
    from === value && to === value ? question(`ethertype ${value} has its bytes swapped`) : none;
  return or(
    holds(0x0800) || holds(2) ? familyIs.ipv4 : and(familyIs.ipv4, swapped(0x0008)),
    holds(0x86dd) || holds(10) ? familyIs.ipv6 : and(familyIs.ipv6, swapped(0xdd86)),
  );
}

export const familyIs: Readonly<Record<Family, Match>> = {
  ipv4: { kind: 'family', family: 'ipv4' },
  ipv6: { kind: 'family', family: 'ipv6' },
};

/** The value of a numeric selector lies in one of `intervals`. */
export function numberIn(selector: NumberSelector, intervals: readonly Interval[]): Match {
  const { field, and: mask, xor, shift, width } = selector;
  if (field === 'state')
    return stateIn(selector, (value) => intervals.some(([from, to]) => from <= value && value <= to));
  const fieldMask = fieldMasks.get(field)!;
  const top = 2 ** width - 1;
  // The upper bits of a field, or all of them: an interval of values is an interval of the field.
  if (xor === 0 && shift >= 0 && mask === ((fieldMask >>> shift) << shift) >>> 0) {
    const [only] = intervals;
    if (intervals.length === 1 && shift === 0 && only![1] <= top)
      return { kind: 'number', field, values: intervals };
    const values = normalize(
      intervals.map(
        ([from, to]) => [from * 2 ** shift, Math.min(to, top) * 2 ** shift + 2 ** shift - 1] as const,
      ),
    );
    return values.length === 0 ? none : { kind: 'number', field, values };
  }
  const blocks = normalize(intervals).flatMap(([from, to]) => prefixBlocks(from, Math.min(to, 0xffffffff)));
  return or(...blocks.map(([value, free]) => maskedEqual(selector, value, free)));
}

const fieldMasks: ReadonlyMap<string, number> = new Map([
  ['protocol', 0xff],
  ['sourcePort', 0xffff],
  ['destinationPort', 0xffff],
  ['originalDestinationPort', 0xffff],
  ['originalSourcePort', 0xffff],
  ['tcpFlags', 0xff],
  ['mark', 0xffffffff],
  ['destinationTranslated', 1],
  ['fragment', 1],
  ['state', 0x7],
]);

/** `[value, value + 2^free - 1]` blocks that make up an interval, aligned. */
function prefixBlocks(from: number, to: number): [value: number, free: number][] {
  const blocks: [number, number][] = [];
  let next = from;
  while (next <= to) {
    let free = 0;
    while (free < 32 && next % 2 ** (free + 1) === 0 && next + 2 ** (free + 1) - 1 <= to) free++;
    blocks.push([next, free]);
    next += 2 ** free;
  }
  return blocks;
}

/** The value's bits above the lowest `free` ones equal those of `value`. */
function maskedEqual(selector: NumberSelector, value: number, free: number): Match {
  const { field, and: mask, xor, shift } = selector;
  const valueMask = 2 ** 32 - 2 ** free;
  const fieldMask = fieldMasks.get(field)!;
  // In the field's own coordinates; bits shifted out on either side must be zero in the value.
  let tested: number;
  let wanted: number;
  if (shift >= 0) {
    if (value * 2 ** shift > 0xffffffff) return none;
    tested = ((valueMask * 2 ** shift) % 2 ** 32) >>> 0;
    wanted = (value * 2 ** shift) >>> 0;
  } else {
    const by = -shift;
    if (value % 2 ** by !== 0 && free < by) return none;
    tested = Math.floor(valueMask / 2 ** by) >>> 0;
    wanted = Math.floor(value / 2 ** by) >>> 0;
  }
  const fixed = ((wanted ^ xor) & tested) >>> 0;
  // Bits that the mask clears, and bits that the field has not, are zero before the xor.
  const readable = (mask & fieldMask) >>> 0;
  if ((fixed & ~readable) >>> 0 !== 0) return none;
  const bits = (tested & readable) >>> 0;
  return bits === 0
    ? all
    : { kind: 'bits', field, mask: bits, value: fixed & bits ? (fixed & bits) >>> 0 : 0 };
}

/** `ct state` is one bit of five, which the model numbers 0 to 4. */
function stateIn(selector: NumberSelector, holds: (value: number) => boolean): Match {
  const values = stateBits.flatMap((bit, index): Interval[] => {
    const masked = ((bit & selector.and) ^ selector.xor) >>> 0;
    const value = selector.shift >= 0 ? masked >>> selector.shift : (masked << -selector.shift) >>> 0;
    return holds(value) ? [[index, index]] : [];
  });
  if (values.length === 0) return none;
  return values.length === stateBits.length
    ? all
    : { kind: 'number', field: 'state', values: normalize(values) };
}

export function addressIn(selector: AddressSelector, ranges: readonly AddressRange[]): Match {
  if (ranges.length === 0) return none;
  const { field, family, and: mask, xor } = selector;
  if (mask === undefined && xor === undefined) return { kind: 'address', field, family, ranges };
  const bits = family === 'ipv4' ? 32n : 128n;
  const full = (1n << bits) - 1n;
  const kept = mask ?? full;
  const flipped = xor ?? 0n;
  return or(
    ...ranges.flatMap(([from, to]) =>
      addressBlocks(from, to, bits).map(([value, free]): Match => {
        const tested = full - ((1n << free) - 1n);
        const fixed = (value ^ flipped) & tested;
        if ((fixed & ~kept) !== 0n) return none;
        return { kind: 'address-bits', field, family, mask: tested & kept, value: fixed & kept };
      }),
    ),
  );
}

function addressBlocks(from: bigint, to: bigint, bits: bigint): [value: bigint, free: bigint][] {
  const blocks: [bigint, bigint][] = [];
  let next = from;
  while (next <= to) {
    let free = 0n;
    while (free < bits && next % (1n << (free + 1n)) === 0n && next + (1n << (free + 1n)) - 1n <= to) free++;
    blocks.push([next, free]);
    next += 1n << free;
  }
  return blocks;
}

/** `flags & mask` is not zero: what `ct state a,b` and `tcp flags syn` ask without an operator. */
export function anyBit(selector: Selector, mask: number): Match {
  if (selector.kind !== 'number') return question(`${describe(selector)} ${mask}`);
  if (selector.field === 'state') return stateIn(selector, (value) => (value & mask) !== 0);
  return not(numberIn({ ...selector, and: (selector.and & (mask << selector.shift)) >>> 0 }, [[0, 0]]));
}

const withPorts: Match = {
  kind: 'number',
  field: 'protocol',
  values: normalize(protocolsTrackedByPort.map((protocol) => [protocol, protocol] as const)),
};

/**
 * A test of the key. The "ports" of a connection without any are the id, type and code of ICMP, GRE's key or 0
 * (nf_conntrack_core.c, nf_ct_get_tuple), which is not what stands in the ports' place in the packet.
 */
export function ofConnection(key: readonly Selector[], match: Match): Match {
  if (!key.some(({ needs }) => needs.ports === true)) return match;
  return or(
    and(withPorts, match),
    and(not(withPorts), question(`${key.map(describe).join(' . ')} of a protocol without ports`)),
  );
}

/** Whether the connection is followed: what `ct` keys other than the state need. */
export const trackedOnly: Match = { kind: 'number', field: 'state', values: [[0, 2]] };

const protocols = new Map<number, Match>();

/** Rules are many, and ask for few protocols: they share the tests. */
export function protocolIs(protocol: number): Match {
  let match = protocols.get(protocol);
  if (match === undefined) {
    match = { kind: 'number', field: 'protocol', values: [[protocol, protocol]] };
    protocols.set(protocol, match);
  }
  return match;
}
