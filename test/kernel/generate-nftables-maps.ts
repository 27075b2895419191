/** Verdict maps and translation maps of all kinds of keys. */
import type { Family } from '../../src/packets/fields.ts';
import type { NftProtocol } from './generate-nftables-matches.ts';
import { disjointAddresses, disjointPorts } from './generate-nftables-sets.ts';
import type { Random } from './random.ts';
import { inInterfaces, randomPort } from './values.ts';

type Key = readonly [selector: string, elements: readonly string[]];

/** `key vmap { … }` with a key of one or several parts. */
export function mixedVerdictMap(
  random: Random,
  family: Family,
  { transport }: NftProtocol,
  verdicts: readonly string[],
  knowsState: boolean,
): string {
  const header = family === 'ipv4' ? 'ip' : 'ip6';
  const addresses = (): readonly string[] => disjointAddresses(random, family, 4);
  const ports = (): readonly string[] => disjointPorts(random, 4);
  const withPorts: readonly (readonly [number, () => Key])[] =
    transport === undefined
      ? []
      : [
          [
            2,
            () => [
              `${header} saddr . ${transport} dport`,
              addresses().map((address) => `${address} . ${disjointPorts(random, 1)[0]!}`),
            ],
          ],
          [
            1,
            () => [
              'meta l4proto . th dport',
              ports().map((port) => `${random.pick(['tcp', 'udp'])} . ${port}`),
            ],
          ],
          [
            1,
            () => [
              `iifname . ${header} daddr . ${transport} dport`,
              addresses().map(
                (address) => `"${random.pick(inInterfaces)}" . ${address} . ${String(randomPort(random))}`,
              ),
            ],
          ],
          [0.5, () => [`${transport} dport & 0xff`, ['0x16', '0x50', '0xbb']]],
        ];
  const [key, keys] = random.weighted<() => Key>([
    ...withPorts,
    [2, () => [`${header} ${random.pick(['saddr', 'daddr'])}`, addresses()]],
    [1, () => ['iifname', random.sample(inInterfaces, 3).map((name) => `"${name}"`)]],
    [
      knowsState ? 1 : 0,
      () => ['ct state', random.sample(['new', 'established', 'invalid', 'untracked'], 2)],
    ],
    [0.7, () => ['meta mark', random.sample(['0x0', '0x1', '0x2', '0x10-0x20'], 2)]],
    [0.7, () => ['meta l4proto', random.sample(['tcp', 'udp', 'sctp', 'icmp', 'ipv6-icmp'], 2)]],
  ])();
  const elements = keys.map((each) => `${each} : ${random.pick(verdicts)}`);
  // Of keys of several parts nft takes no catch-all before 1.1.
  if (!key.includes(' . ') && random.chance(0.25)) elements.push(`* : ${random.pick(verdicts)}`);
  return `${key} vmap { ${elements.join(', ')} }`;
}

/** `dnat to key map { … }`, addresses and ports. */
export function translationMap(
  random: Random,
  family: Family,
  inet: string,
  transport: NonNullable<NftProtocol['transport']>,
): string {
  const header = family === 'ipv4' ? 'ip' : 'ip6';
  const targets = family === 'ipv4' ? ['172.18.0.2', '192.168.50.7'] : ['fd00:18::2', 'fd00:50::7'];
  const target = (): string => random.pick(targets);
  const port = (): string => String(Math.max(1, randomPort(random)));
  const ports = disjointPorts(random, 3);
  const explicit = inet === '' ? '' : inet;
  return random.weighted([
    [2, `dnat ${explicit}to ${transport} dport map { ${ports.map((p) => `${p} : ${target()}`).join(', ')} }`],
    [
      2,
      `dnat ${header} to ${transport} dport map { ${ports.map((p) => `${p} : ${target()} . ${port()}`).join(', ')} }`,
    ],
    [
      2,
      `dnat ${header} to ${header} daddr . ${transport} dport map { ${disjointAddresses(random, family, 3)
        .map((address) => `${address} . ${disjointPorts(random, 1)[0]!} : ${target()} . ${port()}`)
        .join(', ')} }`,
    ],
    [
      1,
      `dnat ${explicit}to ${header} saddr map { ${disjointAddresses(random, family, 3)
        .map((address) => `${address} : ${target()}`)
        .join(', ')} }`,
    ],
  ]);
}
