import { parsePrefix } from './address-text.ts';
import type { AddressRange, Family } from './fields.ts';
import { faceInward } from './inward-interfaces.ts';

/** The widest source let in. `specific`: single addresses and named networks only; `loopback`: the host itself. */
export type Scope = 'internet' | 'private' | 'specific' | 'loopback';

type Blocks = readonly (readonly [range: AddressRange, is: 'private' | 'loopback'])[];

function block(text: string, is: 'private' | 'loopback'): readonly [AddressRange, 'private' | 'loopback'] {
  return [parsePrefix(text)!.range, is];
}

/** Addresses that do not come from the internet: RFC 1918, 3927, 6598, 4193, 4291. */
const special: Readonly<Record<Family, Blocks>> = {
  ipv4: [
    block('10.0.0.0/8', 'private'),
    block('172.16.0.0/12', 'private'),
    block('192.168.0.0/16', 'private'),
    block('169.254.0.0/16', 'private'),
    block('100.64.0.0/10', 'private'),
    block('127.0.0.0/8', 'loopback'),
  ],
  ipv6: [block('fc00::/7', 'private'), block('fe80::/10', 'private'), block('::1', 'loopback')],
};

/**
 * Destinations that no router forwards to: RFC 3927, RFC 5771 §4, the limited broadcast address of RFC 919, RFC 4291 §2.5.6, and multicast
 * of the scopes 1 and 2 of RFC 4291 §2.7, whatever its flags.
 */
const onLink: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ['169.254.0.0/16', '224.0.0.0/24', '255.255.255.255'],
  ipv6: [
    'fe80::/10',
    ...Array.from({ length: 16 }, (_, flags) => `ff${flags.toString(16)}`).flatMap((start) => [
      `${start}1::/16`,
      `${start}2::/16`,
    ]),
  ],
};

const linkRanges = new Map<Family, readonly AddressRange[]>();

/** Addresses that packets get to from the own link only, sorted. */
export function linkDestinations(family: Family): readonly AddressRange[] {
  let ranges = linkRanges.get(family);
  if (ranges === undefined) {
    ranges = onLink[family].map((text) => parsePrefix(text)!.range);
    linkRanges.set(family, ranges);
  }
  return ranges;
}

function isOnLink(destinations: readonly string[] | undefined, family: Family): boolean {
  const ranges = linkDestinations(family);
  return (
    destinations?.every((text) => {
      const own = parsePrefix(text)?.range;
      return own !== undefined && ranges.some(([from, to]) => from <= own[0] && own[1] <= to);
    }) === true
  );
}

/** More public addresses than this are "the internet", fewer are named partners: a /8, or a /20 of IPv6. */
const manyAddresses: Readonly<Record<Family, bigint>> = { ipv4: 1n << 24n, ipv6: 1n << 108n };

/**
 * The widest source a row lets in. `internet`: any, or more public addresses than a /8; `private`: at least one private network;
 * `loopback`: the host itself alone; `specific`: single private hosts and named public networks.
 */
export function scopeOf(
  from: readonly {
    readonly sources?: readonly string[];
    readonly destinations?: readonly string[];
    readonly inInterfaces?: readonly string[];
  }[],
  family: Family,
): Scope {
  let open = 0n;
  let widePrivate = false;
  let onlyLoopback = from.length > 0;
  const seen = new Set<string>();
  for (const { sources, destinations, inInterfaces } of from) {
    if (inInterfaces?.every((name) => name === 'lo' || name === 'lo0') === true) continue;
    // What arrives on docker0 or a LAN bridge comes from a private network, whatever its source address may be.
    if (faceInward(inInterfaces) || isOnLink(destinations, family)) {
      onlyLoopback = false;
      widePrivate ||= sources === undefined || sources.some((text) => text.includes('/'));
      continue;
    }
    if (sources === undefined) return 'internet';
    for (const text of sources) {
      if (seen.has(text)) continue;
      seen.add(text);
      const range = parsePrefix(text)?.range;
      // An address under a mask that is no prefix is scattered over all of the space.
      if (range === undefined) return 'internet';
      const [start, end] = range;
      let rest = end - start + 1n;
      for (const [[low, high], is] of special[family]) {
        const overlap = (end < high ? end : high) - (start > low ? start : low) + 1n;
        if (overlap <= 0n) continue;
        rest -= overlap;
        if (is === 'private') {
          onlyLoopback = false;
          if (overlap > 1n) widePrivate = true;
        }
      }
      if (rest > 0n) onlyLoopback = false;
      open += rest;
    }
  }
  if (open > manyAddresses[family]) return 'internet';
  if (widePrivate) return 'private';
  return onlyLoopback ? 'loopback' : 'specific';
}

export type SpecialSources = 'private' | 'loopback';

/** The ranges that do not come from the internet, by kind, sorted. */
export function specialSources(family: Family): Readonly<Record<SpecialSources, readonly AddressRange[]>> {
  const of = (kind: SpecialSources): readonly AddressRange[] =>
    special[family]
      .filter(([, is]) => is === kind)
      .map(([range]) => range)
      .sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return { private: of('private'), loopback: of('loopback') };
}

/** A set of sources as far as its scope needs it: how many addresses, and how many of them in the special ranges. */
export interface CountedSources {
  readonly all: boolean;
  readonly addresses: number;
  readonly private: number;
  readonly loopback: number;
}

/** The same as `scopeOf` for sources that are counted; two private addresses or more count as a network. */
export function classifySources(family: Family, sources: CountedSources): Scope {
  if (sources.all) return 'internet';
  const { addresses, loopback } = sources;
  if (addresses - sources.private - loopback > Number(manyAddresses[family])) return 'internet';
  if (sources.private > 1) return 'private';
  return loopback > 0 && loopback === addresses ? 'loopback' : 'specific';
}
