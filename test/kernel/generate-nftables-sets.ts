import type { Family } from '../../src/packets/fields.ts';
import { addressText, addressValue } from './addresses.ts';
import type { Random } from './random.ts';
import {
  inInterfaces,
  randomAddress,
  randomLocalAddress,
  randomPort,
  randomPortRange,
  randomPrefixLength,
} from './values.ts';

export interface NamedSet {
  readonly name: string;
  readonly content: 'address' | 'port' | 'address-port' | 'interface' | 'verdicts' | 'marks' | 'targets';
  readonly text: string;
}

/** Prefixes and ranges that do not overlap, as nft wants them in one set without auto-merge. */
export function disjointAddresses(random: Random, family: Family, count: number): readonly string[] {
  const taken: (readonly [bigint, bigint])[] = [];
  const out: string[] = [];
  const bits = family === 'ipv4' ? 32 : 128;
  for (let i = 0; i < count; i++) {
    const value = addressValue(
      random.chance(0.3) ? randomLocalAddress(random, family) : randomAddress(random, family),
    );
    const length = random.chance(0.4) ? bits : Math.max(8, randomPrefixLength(random, family));
    const hostBits = BigInt(bits - length);
    let first = (value >> hostBits) << hostBits;
    let last = first + (1n << hostBits) - 1n;
    const asRange = random.chance(0.25);
    if (asRange) {
      first = value;
      last = value + BigInt(random.integer(1, 5000));
    }
    if (taken.some(([from, to]) => first <= to && last >= from)) continue;
    taken.push([first, last]);
    out.push(
      asRange
        ? `${addressText(family, first)}-${addressText(family, last)}`
        : length === bits
          ? addressText(family, first)
          : `${addressText(family, first)}/${String(length)}`,
    );
  }
  return out;
}

export function disjointPorts(random: Random, count: number): readonly string[] {
  const taken: (readonly [number, number])[] = [];
  const out: string[] = [];
  for (let i = 0; i < count; i++) {
    const single = randomPort(random);
    const [from, to] = random.chance(0.3) ? randomPortRange(random) : [single, single];
    if (taken.some(([first, last]) => from <= last && to >= first)) continue;
    taken.push([from, to]);
    out.push(from === to ? String(from) : `${String(from)}-${String(to)}`);
  }
  return out;
}

export function generateNamedSets(
  random: Random,
  family: Family,
  chains: readonly string[],
): readonly NamedSet[] {
  const addressType = family === 'ipv4' ? 'ipv4_addr' : 'ipv6_addr';
  const verdict = (): string =>
    random.weighted([
      [3, 'accept'],
      [2, 'drop'],
      [1, 'return'],
      [1, 'continue'],
      [chains.length > 0 ? 2 : 0, `jump ${chains[chains.length - 1] ?? ''}`],
      [chains.length > 0 ? 1 : 0, `goto ${chains[chains.length - 1] ?? ''}`],
    ]);
  const elements = (list: readonly string[]): string =>
    list.length === 0 ? '' : ` elements = { ${list.join(', ')} };`;
  const kinds: readonly (readonly [NamedSet['content'], () => string])[] = [
    [
      'address',
      () =>
        `set NAME { type ${addressType}; flags interval;${elements(disjointAddresses(random, family, 5))} }`,
    ],
    ['port', () => `set NAME { type inet_service; flags interval;${elements(disjointPorts(random, 6))} }`],
    [
      'address-port',
      () =>
        `set NAME { type ${addressType} . inet_service; flags interval;${elements(
          disjointAddresses(random, family, 4).map(
            (address) => `${address} . ${disjointPorts(random, 1)[0]!}`,
          ),
        )} }`,
    ],
    [
      'interface',
      () => `set NAME { type ifname;${elements(random.sample(inInterfaces, 3).map((name) => `"${name}"`))} }`,
    ],
    [
      'verdicts',
      () =>
        `map NAME { type inet_service : verdict; flags interval;${elements(disjointPorts(random, 5).map((port) => `${port} : ${verdict()}`))} }`,
    ],
    [
      'marks',
      () =>
        `map NAME { type inet_service : mark; flags interval;${elements(disjointPorts(random, 5).map((port) => `${port} : ${String(random.integer(0, 4))}`))} }`,
    ],
    [
      'targets',
      () =>
        `map NAME { type inet_service : ${addressType};${elements(
          disjointPorts(random, 3)
            .filter((port) => !port.includes('-'))
            .map((port) => `${port} : ${family === 'ipv4' ? '172.18.0.2' : 'fd00:18::2'}`),
        )} }`,
    ],
  ];
  return random.sample(kinds, random.integer(0, 4)).map(([content, write], i) => {
    const name = `${content.replace('-', '_')}${String(i)}`;
    return { name, content, text: `  ${write().replace('NAME', name)}` };
  });
}
