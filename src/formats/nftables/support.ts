/**
 * How far fw-audit goes with a construct. `full`: exactly. `conditional`: the input cannot settle it, so what hangs on it is
 * possible. `ignored`: on purpose, it decides nothing. What is in no row is kept as unknown and reported.
 */
export type SupportLevel = 'full' | 'conditional' | 'ignored';

export interface NftablesSupport {
  readonly kind: 'match' | 'statement' | 'set' | 'structure' | 'input';
  readonly name: string;
  readonly level: SupportLevel;
  readonly note: string;
  /** A rule (of a chain in table inet) that shows it; absent where no single rule can. */
  readonly example?: string;
}

type Row = readonly [name: string, level: SupportLevel, note: string, example?: string];

const rows = (kind: NftablesSupport['kind'], list: readonly Row[]): NftablesSupport[] =>
  list.map(([name, level, note, example]) => ({
    kind,
    name,
    level,
    note,
    ...(example === undefined ? {} : { example }),
  }));

/** What `fw-audit formats nftables` and the grammar's README say. */
export const nftablesSupport: readonly NftablesSupport[] = [
  ...rows('match', [
    [
      'ip, ip6 saddr, daddr',
      'full',
      'addresses, prefixes, ranges, sets, bit operations',
      'ip saddr & 255.0.0.255 == 10.0.0.5',
    ],
    ['ip protocol, ip6 nexthdr, meta l4proto', 'full', 'names and numbers', 'meta l4proto { tcp, udp }'],
    [
      'tcp, udp, udplite, sctp, dccp, th sport, dport',
      'full',
      'th without a protocol: of every protocol',
      'tcp dport { 22, 80-90 }',
    ],
    ['tcp flags', 'full', 'bit tests, masks, exact values', 'tcp flags & (fin | syn | rst | ack) == syn'],
    ['icmp, icmpv6, igmp type, code', 'full', 'names and numbers', 'icmp type echo-request'],
    ['ip frag-off & 0x1fff', 'full', 'later fragments', 'ip frag-off & 0x1fff != 0'],
    [
      'meta nfproto, protocol; ether type',
      'full',
      'the family; ether type on Ethernet devices',
      'meta nfproto ipv6',
    ],
    ['iifname, oifname, iif, oif', 'full', 'names and prefixes; an index is conditional', 'iifname "eth*"'],
    ['meta mark', 'full', 'followed from 0 through all chains of the packet', 'meta mark & 0xff == 0x1'],
    [
      'ct state',
      'full',
      'bit tests, numbers and sets as nft tells them apart; invalid before the kernel’s look-up (-200)',
      'ct state established,related',
    ],
    ['ct status dnat', 'full', 'translated by a rule; other bits are conditional', 'ct status dnat'],
    ['ct original proto-dst, ip daddr', 'full', 'as the packet arrived', 'ct original ip daddr 10.0.0.1'],
    ['ct reply proto-src, ip saddr', 'full', 'where the packet goes by now', 'ct reply ip saddr 10.0.0.1'],
    ['ct direction', 'conditional', 'original for sure of new packets only', 'ct direction original'],
    [
      'fib daddr type local, broadcast',
      'conditional',
      'full in chains of input and forward and, for local, with --local-address',
      'fib daddr type local',
    ],
    [
      'fib saddr . iif oif',
      'conditional',
      'the routing table is not in the input',
      'fib saddr . iif oif missing',
    ],
    ['ct mark, label, helper, zone, bytes …', 'conditional', 'what the connection carries', 'ct mark 1'],
    ['ether, vlan, arp', 'conditional', 'link layer', 'ether saddr 00:11:22:33:44:55'],
    ['other header fields', 'conditional', 'ttl, length, dscp, sequence …', 'ip ttl 64'],
    [
      'exthdr, tcp option, ip option, sctp chunk',
      'conditional',
      'with the family or protocol they need',
      'tcp option maxseg size 1400',
    ],
    ['@th, @nh, @ll', 'full', 'where the bits are a port or an address; else conditional', '@th,16,16 22'],
    ['meta skuid, cpu, pkttype, time, day, hour …', 'conditional', 'what the host knows', 'meta skuid 0'],
    ['socket, osf, ipsec, rt, tunnel', 'conditional', 'what the host knows', 'socket transparent 1'],
    ['numgen, jhash, symhash', 'conditional', 'a dice', 'numgen random mod 2 0'],
    ['vxlan, geneve, gre inner headers', 'conditional', 'with the outer protocol', 'vxlan tcp dport 22'],
  ]),
  ...rows('statement', [
    ['accept, drop, return, continue', 'full', '', 'drop'],
    ['jump, goto', 'full', 'also jump { … }', 'jump other'],
    [
      'vmap',
      'full',
      'anonymous and named, intervals, concatenations',
      'tcp dport vmap { 22 : accept, 23 : drop }',
    ],
    ['reject', 'full', 'drop with an answer', 'reject with icmpx admin-prohibited'],
    ['dnat, snat, redirect, masquerade', 'full', 'addresses, ports, ranges, prefixes, maps', 'redirect'],
    ['notrack', 'full', 'behind the look-up (-200) of invalid packets only', 'notrack'],
    ['meta mark set', 'full', 'constants, masks and maps of them', 'meta mark set 0x1'],
    ['ip daddr set, tcp dport set', 'full', 'fields that later rules may test', 'tcp dport set 80'],
    ['limit, quota, ct count', 'conditional', 'may hold or not, each time anew', 'limit rate 5/second'],
    [
      'add, update, delete @set; meter',
      'ignored',
      'true; makes the set’s content unknown; with a limit inside conditional',
      'add @dynamic { ip saddr }',
    ],
    ['queue', 'conditional', 'a program decides', 'queue num 1'],
    ['synproxy, tproxy', 'conditional', 'the proxy decides', 'tcp dport 80 synproxy mss 1460 wscale 7'],
    ['fwd', 'full', 'the packet leaves by a device: dropped here', 'fwd to "eth1"'],
    ['log, counter, last, dup, comment', 'ignored', '', 'log prefix "x" counter'],
    ['ct helper, ct mark, meta priority set …', 'ignored', 'no later rule is decided by it', 'ct mark set 1'],
    ['flow add', 'ignored', 'new connections never meet a flowtable', 'flow add @f'],
    [
      'xt match, xt target',
      'conditional',
      'printed without parameters, use iptables-save; comment, LOG, REJECT and their like need none',
    ],
  ]),
  ...rows('set', [
    [
      'set, map, verdict map',
      'full',
      'type and typeof, intervals, prefixes, concatenations, catch-all',
      'ip saddr @plain',
    ],
    ['timeout', 'conditional', 'an element may be gone', 'ip saddr @leases'],
    ['dynamic, or changed by rules', 'conditional', 'unknown content', 'ip saddr @dynamic'],
    ['no elements in a listing', 'conditional', 'nft -t leaves them out; empty where another set has some'],
  ]),
  ...rows('structure', [
    ['ip, ip6, inet', 'full', 'every base chain of a hook must let a packet pass'],
    ['netdev, inet ingress', 'full', 'for the devices they name'],
    ['bridge, arp', 'ignored', 'they see no routed IP packets; said so'],
    ['type filter, nat, route', 'full', 'nat chains at the priority of the kernel’s NAT hook'],
    ['flags dormant', 'full', 'the table does nothing'],
    ['equal priority', 'full', 'the later chain first, as the file has them; said so where it matters'],
    ['flowtables, counters, quotas, helpers', 'ignored', 'named objects'],
  ]),
  ...rows('input', [
    ['nft list ruleset', 'full', 'also -a, -n, -s, -t'],
    ['nft -f scripts', 'full', 'define, include, all commands replayed in order'],
    ['nft -j list ruleset', 'full', 'and JSON command lists'],
  ]),
];

/** The support table as Markdown. */
export function nftablesSupportTable(): string {
  const lines = nftablesSupport.map(
    ({ kind, name, level, note }) => `| ${kind} | ${name} | ${level} | ${note} |`,
  );
  return ['| kind | construct | support | note |', '| --- | --- | --- | --- |', ...lines].join('\n');
}
