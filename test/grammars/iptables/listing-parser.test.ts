import { describe, expect, test } from 'vitest';
import { parseListingLine, type ListingColumns } from '../../../grammars/iptables/listing-parser.ts';

const verbose: ListingColumns = { numbers: false, counters: true };
const plain: ListingColumns = { numbers: false, counters: false };
const numbered: ListingColumns = { numbers: true, counters: false };

function row(line: string, columns: ListingColumns): readonly string[] {
  const syntax = parseListingLine(line, columns);
  if (syntax.kind !== 'rule') throw new Error(`${syntax.kind}: ${line}`);
  return syntax.command.options.map((option) => {
    const owner = option.module === '' ? '' : `${option.module}:`;
    return `${option.negated ? '! ' : ''}${owner}${option.name}${option.known ? '' : '?'}=${option.values.join('|')}`;
  });
}

describe('lines of iptables -L', () => {
  test('chains and headers', () => {
    expect(parseListingLine('Chain INPUT (policy DROP 12 packets, 720 bytes)', undefined)).toEqual({
      kind: 'chain',
      name: 'INPUT',
      policy: 'DROP',
    });
    expect(parseListingLine('Chain DOCKER (2 references)', undefined)).toMatchObject({
      kind: 'chain',
      name: 'DOCKER',
    });
    expect(
      parseListingLine(
        'num   pkts bytes target     prot opt in     out     source               destination',
        undefined,
      ),
    ).toEqual({ kind: 'header', columns: { numbers: true, counters: true } });
  });

  test('a blank target is told by the empty column', () => {
    expect(
      row(
        '    0     0            6    --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:22',
        verbose,
      ),
    ).toEqual(['protocol=6', 'match=tcp', 'tcp:destination-port=22']);
    expect(
      row('5               6    --  0.0.0.0/0            0.0.0.0/0            tcp dpt:22', numbered),
    ).toEqual(['protocol=6', 'match=tcp', 'tcp:destination-port=22']);
  });

  test('long values push the columns to the right', () => {
    expect(
      row(
        '  981K   41M a-very-long-chain-name  tcp  --  !eth+  *      !10.0.0.0/8           10.0.0.5/255.0.0.255 [goto]  tcp spts:!1:5',
        verbose,
      ),
    ).toEqual([
      'protocol=tcp',
      '! in-interface=eth+',
      '! source=10.0.0.0/8',
      'destination=10.0.0.5/255.0.0.255',
      'goto=a-very-long-chain-name',
      'match=tcp',
      '! tcp:source-port=1:5',
    ]);
  });

  test('older IPv6 listings leave the opt column blank', () => {
    expect(
      row('ACCEPT     icmpv6    ::/0                 ::/0                ipv6-icmptype 128', plain),
    ).toEqual(['protocol=icmpv6', 'jump=ACCEPT', 'match=icmp6', 'icmp6:icmpv6-type=128']);
  });

  test.each([
    ['! ctstate INVALID ctproto 6', ['! conntrack:ctstate=INVALID', 'conntrack:ctproto=6']],
    ['multiport dports  !80,443', ['! multiport:destination-ports=80,443']],
    ['tcp flags:!0x03/0x02', ['! tcp:tcp-flags=FIN,SYN|SYN']],
    ['icmp !type 8', ['! icmp:icmp-type=8']],
    ['icmptype 3 code 4', ['icmp:icmp-type=3/4']],
    ['mark match ! 0x1', ['! mark:mark=0x1']],
    [
      'ADDRTYPE match src-type !UNICAST dst-type LOCAL',
      ['! addrtype:src-type=UNICAST', 'addrtype:dst-type=LOCAL'],
    ],
    ['! match-set x src,dst return-nomatch', ['! set:match-set=x|src,dst', 'set:return-nomatch=']],
    ['/* -j DROP tcp dpt:22 */', ['comment:comment=-j DROP tcp dpt:22']],
    ['LOG flags 0 level 4 prefix "a \\"b\\" c"', []],
    ['LOG level info tcp-options ip-options uid prefix "logflags "', []],
    ['sctp any 0x0000,0x0001', ['sctp:chunk-types=any 0x0000,0x0001']],
    [
      'sctp spts:1:2 dpt:3 ! all DATA:Be,INIT',
      ['sctp:source-port=1:2', 'sctp:destination-port=3', 'sctp:chunk-types=! all DATA:Be,INIT'],
    ],
    ['dccp dpt:5 ! 10,11', ['dccp:destination-port=5', 'dccp:dccp-types=! 10,11']],
    ['dccp option=1', ['dccp:dccp-types=option=1']],
    ['esp', []],
    ['ah  /* x */', ['comment:comment=x']],
    ['SNPT src-pfx dead::/64 dst-pfx 1c3::/64', ['SNPT:src-pfx=dead::/64', 'SNPT:dst-pfx=1c3::/64']],
    ['timeout:5 label:x', []],
    ['HMARK mod 5 src-prefix 32 rnd 0x1 ', []],
    ['frobnicate 5', ['frobnicate?=', '5?=']],
  ])('%s', (prose, expected) => {
    const found = row(`ACCEPT     0    --  0.0.0.0/0            0.0.0.0/0            ${prose}`, plain);
    expect(found.filter((text) => text !== 'jump=ACCEPT' && !text.startsWith('match='))).toEqual(expected);
  });

  // As iptables 1.8.9 prints them, legacy and nft.
  test.each([
    ['esp', 'esp spis:!0:4294967295'],
    ['ipcomp', 'comp spi:!18'],
    ['ah', 'ah spis:1:2length:5 reserved'],
    ['rt', 'rt type:0 segslefts:!1:23 length:!42 reserved'],
    ['rt', 'rt type:0 segsleft:1 length:5 reserved 0-addrs ::1,::2 0-not-strict'],
    ['frag', 'frag ids:1:2 reserved first'],
    ['frag', 'frag last'],
    ['dst', 'dst length:8 opts 1:2,3'],
    ['mh', 'mh !1'],
    ['mh', 'mh home-test-init:home-test'],
    ['ipv6header', 'ipv6header flags:!ipv6-opts,ipv6-frag soft'],
    ['tcpmss', 'tcpmss match !5'],
    ['realm', '! realm 0x5/0x7'],
    ['cpu', 'cpu ! 1'],
    ['devgroup', '! src-group 0x1/0x3'],
    ['cluster', 'cluster node_mask=0x00000001 total_nodes=2 hash_seed=0x00000001'],
    ['connlabel', 'connlabel ! 2 set'],
    ['osf', 'OS fingerprint match ! Windows'],
    ['bpf', 'match bpf 48 0 0 9,21 0 1 6,6 0 0 1'],
    ['u32', 'u32 ! "0x0>>0x16&0x3c@0x4=0x1"'],
    ['time', 'TIME from 10:00:00 to 05:00:00 starting from 2020-01-01 00:00:00 UTC contiguous'],
    ['policy', 'policy match dir in pol ipsec strict [0] reqid 1 proto esp tunnel-dst 192.0.2.1 [1] reqid 2'],
  ])('%s: %s', (module, prose) => {
    const found = row(`ACCEPT     0    --  0.0.0.0/0            0.0.0.0/0            ${prose}`, plain);
    expect(found.slice(0, 2)).toEqual(['jump=ACCEPT', `match=${module}`]);
    expect(found).toHaveLength(3);
  });

  test('a line that is no row is said to be none', () => {
    expect(parseListingLine('some other text', plain).kind).toBe('unknown');
  });
});
