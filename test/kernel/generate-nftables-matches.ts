import type { Family } from '../../src/packets/fields.ts';
import type { NftPlace } from './generate-nftables.ts';
import { connectionMatch } from './generate-nftables-connection.ts';
import { disjointAddresses, disjointPorts } from './generate-nftables-sets.ts';
import type { Random } from './random.ts';
import {
  inInterfaces,
  outInterfaces,
  randomAddress,
  randomLocalAddress,
  randomPort,
  randomPortRange,
  randomPrefixLength,
} from './values.ts';

export interface NftProtocol {
  /** The transport that the rule's matches have pinned, if any. */
  readonly transport?: 'tcp' | 'udp' | 'sctp';
}

const operator = (random: Random, probability = 0.2): string => (random.chance(probability) ? '!= ' : '');

export function nftMatches(
  random: Random,
  place: NftPlace,
  family: Family,
): { readonly text: readonly string[]; readonly protocol: NftProtocol } {
  const text: string[] = [];
  let protocol: NftProtocol = {};
  const tableFamily = place.table.family === 'inet' ? family : place.table.family === 'ip' ? 'ipv4' : 'ipv6';
  const named = (content: string): string | undefined =>
    place.table.sets.find((set) => set.content === content)?.name;
  if (random.chance(0.25)) text.push(interfaces(random, place, named('interface')));
  if (random.chance(0.35)) text.push(addresses(random, tableFamily, named('address')));
  if (random.chance(0.06) && place.table.family === 'inet') text.push(`meta nfproto ${tableFamily}`);
  const kind = random.weighted([
    [3, 'none'],
    [6, 'ports'],
    [1, 'icmp'],
    [1, 'protocol'],
    [1, 'pair'],
    [0.7, 'any-port'],
  ] as const);
  switch (kind) {
    case 'none':
      break;
    case 'ports': {
      const transport = random.weighted([
        [5, 'tcp'],
        [3, 'udp'],
        [1, 'sctp'],
      ] as const);
      protocol = { transport };
      text.push(ports(random, transport, named('port')));
      if (transport === 'tcp' && random.chance(0.2)) text.push(flags(random));
      break;
    }
    case 'icmp':
      text.push(icmp(random, tableFamily, place.nat));
      break;
    case 'protocol':
      text.push(
        random.pick([
          'meta l4proto { tcp, udp }',
          'meta l4proto tcp',
          'meta l4proto != udp',
          'meta l4proto { 47, sctp }',
          'meta l4proto 6-17',
          'meta l4proto > 17',
          ...(tableFamily === 'ipv4'
            ? ['ip protocol udp', 'ip protocol != tcp', 'ip protocol { tcp, 132 }']
            : ['ip6 nexthdr tcp', 'ip6 nexthdr != udp']),
        ]),
      );
      break;
    case 'pair':
      protocol = { transport: 'tcp' };
      text.push(concatenation(random, tableFamily, named('address-port')));
      break;
    case 'any-port':
      text.push(
        random.pick([
          `meta l4proto { tcp, udp } th dport ${disjointPorts(random, 1)[0]!}`,
          `meta l4proto . th dport { tcp . ${String(randomPort(random))}, udp . ${disjointPorts(random, 1)[0]!} }`,
          `meta l4proto udp @th,16,16 ${String(randomPort(random))}`,
          `meta l4proto udp @th,16,16 ${operator(random)}{ ${disjointPorts(random, 2).join(', ')} }`,
          `meta l4proto tcp @th,0,16 ${disjointPorts(random, 1)[0]!}`,
          `meta l4proto tcp @th,24,8 ${String(random.integer(0, 255))}`,
          `meta l4proto udp @th,16,16 & 0xff00 == ${random.pick(['0x100', '0x1f00', '0'])}`,
          ...(place.table.family === 'ip' && place.hook !== 'ingress'
            ? [
                `@nh,72,8 ${random.pick(['6', '17', '{ 6, 132 }'])}`,
                '@nh,96,32 0x0a010205',
                '@nh,128,32 0x0a000001',
              ]
            : []),
        ]),
      );
      break;
  }
  if (!place.beforeConntrack && random.chance(0.2))
    text.push(connectionMatch(random, place, family, protocol));
  if (random.chance(0.15)) text.push(mark(random));
  if (random.chance(0.08))
    text.push(random.pick(['fib daddr type local', 'fib daddr type != local', 'fib saddr type != local']));
  return { text, protocol };
}

function interfaces(random: Random, place: NftPlace, named: string | undefined): string {
  const out = (place.hook === 'forward' || place.hook === 'regular') && random.chance(0.4);
  const field = out ? 'oifname' : 'iifname';
  const names = out ? outInterfaces : inInterfaces;
  const name = random.chance(0.2) ? `"${random.pick(names).slice(0, 2)}*"` : `"${random.pick(names)}"`;
  return random.weighted([
    [5, `${field} ${operator(random)}${name}`],
    [
      2,
      `${field} ${operator(random)}{ ${[...new Set(random.sample(names, 2))].map((each) => `"${each}"`).join(', ')} }`,
    ],
    [named === undefined ? 0 : 2, `${field} ${operator(random)}@${named ?? ''}`],
  ]);
}

function addresses(random: Random, family: Family, named: string | undefined): string {
  const header = family === 'ipv4' ? 'ip' : 'ip6';
  const side = random.pick(['saddr', 'saddr', 'daddr']);
  const one =
    side === 'daddr' && random.chance(0.6)
      ? randomLocalAddress(random, family)
      : randomAddress(random, family);
  const mask =
    family === 'ipv4'
      ? random.pick(['255.0.0.255', '0.0.0.255', '255.255.254.1'])
      : random.pick(['ffff:ffff::ffff', '::ff', 'ffff::1']);
  const list = disjointAddresses(random, family, 4);
  return `${header} ${side} ${random.weighted([
    [3, `${operator(random)}${one}`],
    [3, `${operator(random)}${one}/${String(randomPrefixLength(random, family))}`],
    [3, `${operator(random)}{ ${list.join(', ')}${random.chance(0.1) ? ', *' : ''} }`],
    [1, `& ${mask} ${random.pick(['==', '!='])} ${maskedValue(mask, family)}`],
    [1, `${random.pick(['<', '<=', '>', '>='])} ${one}`],
    [named === undefined ? 0 : 4, `${operator(random)}@${named ?? ''}`],
  ])}`;
}

/** A value that the masked address can have: the mask itself is one. */
function maskedValue(mask: string, family: Family): string {
  return family === 'ipv4' && mask === '255.0.0.255'
    ? '10.0.0.1'
    : family === 'ipv6' && mask === '::ff'
      ? '::1'
      : mask;
}

function ports(random: Random, transport: string, named: string | undefined): string {
  const side = random.chance(0.9) ? 'dport' : 'sport';
  const [from, to] = randomPortRange(random);
  const value = random.chance(0.1) ? `0${randomPort(random).toString(8)}` : String(randomPort(random));
  return `${transport} ${side} ${random.weighted([
    [4, `${operator(random)}${value}`],
    [from < to ? 3 : 0, `${operator(random)}${String(from)}-${String(to)}`],
    [3, `${operator(random)}{ ${disjointPorts(random, 5).join(', ')} }`],
    [from > 0 && from < 65535 ? 1 : 0, `${random.pick(['<', '<=', '>', '>='])} ${String(from)}`],
    [1, `& 0xfff0 ${random.pick(['==', '!='])} ${random.pick(['0x0100', '0x1f90', '0x0010', '0'])}`],
    [named === undefined ? 0 : 4, `${operator(random)}@${named ?? ''}`],
  ])}`;
}

function flags(random: Random): string {
  return random.pick([
    'tcp flags syn',
    'tcp flags == syn',
    'tcp flags != syn',
    'tcp flags syn,ack',
    'tcp flags { syn, syn | ack }',
    'tcp flags & (fin | syn | rst | ack) == syn',
    'tcp flags syn / fin,syn,rst,ack',
    'tcp flags ! ack',
    'tcp flags & (syn | ack) != 0',
    'tcp flags & (syn | fin) == 0',
    'tcp flags & (fin | syn | rst | ack) != syn',
    'tcp flags & (fin | ack) == { fin, ack }',
    'tcp flags != { syn, ack }',
    'tcp flags fin,rst / fin,syn,rst,ack',
    'tcp flags & 0x12 != 0x2',
  ]);
}

function icmp(random: Random, family: Family, isNat: boolean): string {
  return family === 'ipv4'
    ? random.pick([
        ...(isNat ? [] : ['icmpv6 type 128']),
        'ip protocol icmp icmp type 8',
        'meta l4proto icmp icmp type { 3, 8 }',
        'icmp type echo-request',
        'icmp type { echo-request, destination-unreachable }',
        'icmp type != 8',
        'icmp type 8 icmp code 0',
        'icmp type . icmp code { 8 . 0, 3 . 1-4 }',
        'icmp code != 0',
        'meta l4proto icmp',
      ])
    : random.pick([
        'icmpv6 type echo-request',
        'icmpv6 type { echo-request, nd-neighbor-solicit, packet-too-big }',
        'icmpv6 type != 128',
        'icmpv6 type 128 icmpv6 code 0',
        'icmpv6 type 1-4',
        'meta l4proto ipv6-icmp',
      ]);
}

function concatenation(random: Random, family: Family, named: string | undefined): string {
  const header = family === 'ipv4' ? 'ip' : 'ip6';
  if (random.chance(0.2))
    return `${header} saddr . ${header} daddr . tcp dport ${operator(random)}{ ${disjointAddresses(
      random,
      family,
      3,
    )
      .map(
        (address) =>
          `${address} . ${disjointAddresses(random, family, 1)[0]!} . ${disjointPorts(random, 1)[0]!}`,
      )
      .join(', ')} }`;
  if (named !== undefined && random.chance(0.6))
    return `${header} saddr . tcp dport ${operator(random)}@${named}`;
  const list = disjointAddresses(random, family, 3).map(
    (address) => `${address} . ${disjointPorts(random, 1)[0]!}`,
  );
  if (random.chance(0.3))
    return `iifname . ${header} saddr . tcp dport ${operator(random)}{ ${list.map((element) => `"${random.pick(inInterfaces)}" . ${element}`).join(', ')} }`;
  return `${header} saddr . tcp dport ${operator(random)}{ ${list.join(', ')} }`;
}

function mark(random: Random): string {
  return random.pick([
    'meta mark 1',
    'meta mark != 0',
    'mark 0x2',
    'meta mark & 0xff == 0x10',
    'meta mark & 0x3 != 0',
    'meta mark { 1, 2, 0x10-0x20 }',
    'meta mark and 0x4000 == 0x4000',
    'mark 1-3',
  ]);
}
