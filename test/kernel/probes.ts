/**
 * Packets worth asking about: random ones, and above all those at the edges of what a ruleset's text mentions. Works on the
 * text alone, line by line, whatever the language: numbers, addresses and names are the same in all of them.
 */
import { addressText, addressValue, prefixBounds } from './addresses.ts';
import type { Family, TcpFlag } from '../../src/packets/fields.ts';
import type { ProbePacket } from './probe-packet.ts';
import type { Random } from './random.ts';
import { incoming, localAddresses } from './topology.ts';
import { randomAddress, randomLocalAddress, randomPort } from './values.ts';

/** What one line, or the whole text, speaks of. */
interface Mentions {
  readonly ports: readonly number[];
  readonly addresses: readonly bigint[];
  readonly protocols: readonly number[];
  readonly icmpTypes: readonly number[];
  readonly interfaces: readonly string[];
}

const flagSets: readonly (readonly TcpFlag[])[] = [
  ['ack'],
  ['syn', 'ack'],
  ['rst'],
  ['fin', 'ack'],
  [],
  ['fin', 'psh', 'urg'],
  ['psh', 'ack'],
];

/** Address ranges from which probes may come and to which they may go: what lies outside, routing refuses by itself. */
const routable: Readonly<Record<Family, readonly (readonly [bigint, bigint])[]>> = {
  ipv4: [
    [addressValue('1.0.0.0'), addressValue('126.255.255.255')],
    [addressValue('128.0.0.0'), addressValue('223.255.255.255')],
  ],
  ipv6: [prefixBounds('2000::/3'), prefixBounds('fc00::/7')],
};

const ownAddresses: Readonly<Record<Family, ReadonlySet<bigint>>> = {
  ipv4: new Set(localAddresses.map(({ ipv4 }) => addressValue(ipv4))),
  ipv6: new Set(localAddresses.map(({ ipv6 }) => addressValue(ipv6))),
};

export function generateProbes(
  random: Random,
  family: Family,
  text: string,
  count: number,
): readonly ProbePacket[] {
  const all = mentions(text, family);
  // Each other set of flags is a question of its own to the audit: two a ruleset are plenty.
  const otherFlags = random.sample(flagSets, 2);
  const lines = text
    .split('\n')
    .map((line) => mentions(line, family))
    .filter(
      (line) =>
        line.ports.length + line.addresses.length + line.protocols.length + line.interfaces.length > 0,
    );
  return Array.from({ length: count }, () => {
    const line = lines.length > 0 && random.chance(0.7) ? random.pick(lines) : all;
    return probe(random, family, line, all, otherFlags);
  });
}

function probe(
  random: Random,
  family: Family,
  line: Mentions,
  all: Mentions,
  otherFlags: readonly (readonly TcpFlag[])[],
): ProbePacket {
  const some = <T>(key: (of: Mentions) => readonly T[], other: () => T): T => {
    const near = key(line);
    if (near.length > 0 && random.chance(0.8)) return random.pick(near);
    const far = key(all);
    return far.length > 0 && random.chance(0.4) ? random.pick(far) : other();
  };
  const protocol = some(
    (of) => of.protocols,
    () =>
      random.weighted([
        [8, 6],
        [5, 17],
        [2, family === 'ipv4' ? 1 : 58],
        [1.5, 132],
        [1, random.pick([2, 33, 47, 50, 89, 103, 112, 136, 253])],
        // The other family's ICMP is but a number.
        [0.2, family === 'ipv4' ? 58 : 1],
      ]),
  );
  const port = (): number =>
    some(
      (of) => of.ports,
      () => randomPort(random),
    );
  const source = addressText(
    family,
    suitable(
      random,
      family,
      () =>
        some(
          (of) => of.addresses,
          () => addressValue(randomAddress(random, family)),
        ),
      false,
    ),
  );
  const destination = random.chance(0.5)
    ? randomLocalAddress(random, family)
    : addressText(
        family,
        suitable(
          random,
          family,
          () =>
            some(
              (of) => of.addresses,
              () => addressValue(randomAddress(random, family)),
            ),
          true,
        ),
      );
  return {
    family,
    protocol,
    source,
    destination,
    // In GRE's first word these bits are the version, and NAT drops those it does not know.
    sourcePort:
      (random.chance(0.7) ? random.pick([40000, 32768, 1024, 53]) : port()) & (protocol === 47 ? ~7 : ~0),
    destinationPort: port(),
    icmpType: some(
      (of) => of.icmpTypes,
      () =>
        random.chance(0.6) ? (family === 'ipv4' ? 8 : 128) : random.integer(0, random.chance(0.7) ? 18 : 255),
    ),
    icmpCode: random.chance(0.7) ? 0 : random.integer(0, 5),
    tcpFlags: random.chance(0.8) ? ['syn'] : random.pick(otherFlags),
    inInterface: some(
      (of) => of.interfaces,
      () => random.pick(incoming).name,
    ),
  };
}

/** An address that routing lets pass, so that only the ruleset decides. */
function suitable(random: Random, family: Family, draw: () => bigint, mayBeOwn: boolean): bigint {
  for (let attempt = 0; attempt < 20; attempt++) {
    const value = draw();
    if (
      routable[family].some(([from, to]) => value >= from && value <= to) &&
      (mayBeOwn || !ownAddresses[family].has(value))
    )
      return value;
  }
  return addressValue(family === 'ipv4' ? `8.8.4.${String(random.integer(0, 255))}` : '2001:db8:5::5');
}

const ipv4Address = /(?<![\w.:])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\w\.)/g;
const ipv6Address = /(?<![\w.:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi;
const number = /(?<![\w.:/])(?:0x[0-9a-f]+|\d+)(?![\w.]*\.\d)/gi;

const protocolWords: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['sctp', 132],
  ['dccp', 33],
  ['udplite', 136],
  ['gre', 47],
  ['esp', 50],
]);

function mentions(text: string, family: Family): Mentions {
  const addresses = new Set<bigint>();
  const bits = family === 'ipv4' ? 32 : 128;
  for (const match of text.matchAll(family === 'ipv4' ? ipv4Address : ipv6Address)) {
    const value = readAddress(match[0]);
    if (value === undefined) continue;
    const after = /^\/(\d+)(?![\d.])/.exec(text.slice(match.index + match[0].length));
    const hostBits = BigInt(bits - Math.min(bits, Number(after?.[1] ?? bits)));
    const first = (value >> hostBits) << hostBits;
    const last = first + (1n << hostBits) - 1n;
    for (const edge of [first - 1n, first, value, first + (last - first) / 2n, last, last + 1n])
      addresses.add(edge);
    // A mask with holes: the same address with one high and one middle bit turned.
    if (text[match.index + match[0].length] === '/' && after === null)
      for (const bit of [9, 12, 20]) addresses.add(value ^ (1n << BigInt(bits === 32 ? bit : bit * 4)));
  }
  const ports = new Set<number>();
  const icmpTypes = new Set<number>();
  for (const match of text.replace(family === 'ipv4' ? ipv4Address : ipv6Address, ' a ').matchAll(number)) {
    for (const value of numberReadings(match[0])) {
      for (const near of [value - 1, value, value + 1]) if (near >= 0 && near <= 65535) ports.add(near);
      if (value <= 255 && /icmp/i.test(text)) icmpTypes.add(value);
    }
  }
  for (const [word, port] of [
    ['ssh', 22],
    ['http', 80],
    ['https', 443],
    ['domain', 53],
  ] as const)
    if (new RegExp(`\\b${word}\\b`).test(text)) ports.add(port);
  const protocols = [...protocolWords].flatMap(([word, value]) =>
    new RegExp(`(?<![\\w-])${word}(?![\\w-])`, 'i').test(text) ? [value] : [],
  );
  if (/icmp/i.test(text)) protocols.push(family === 'ipv4' ? 1 : 58);
  return {
    ports: [...ports],
    addresses: [...addresses].filter((value) => value >= 0n && value < 1n << BigInt(bits)),
    protocols,
    icmpTypes: [...icmpTypes],
    interfaces: incoming.flatMap(({ name }) =>
      new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text) ? [name] : [],
    ),
  };
}

function readAddress(text: string): bigint | undefined {
  try {
    return addressValue(text);
  } catch {
    return undefined;
  }
}

/** What the text may mean: hexadecimal, octal with a leading zero, and decimal anyway. */
function numberReadings(text: string): readonly number[] {
  if (/^0x/i.test(text)) return [Number.parseInt(text, 16)];
  const decimal = Number.parseInt(text, 10);
  return /^0[0-7]+$/.test(text) ? [decimal, Number.parseInt(text, 8)] : [decimal];
}
