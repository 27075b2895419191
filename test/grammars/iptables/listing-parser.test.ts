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
    ['frobnicate 5', ['frobnicate?=', '5?=']],
  ])('%s', (prose, expected) => {
    const found = row(`ACCEPT     0    --  0.0.0.0/0            0.0.0.0/0            ${prose}`, plain);
    expect(found.filter((text) => text !== 'jump=ACCEPT' && !text.startsWith('match='))).toEqual(expected);
  });

  test('a line that is no row is said to be none', () => {
    expect(parseListingLine('some other text', plain).kind).toBe('unknown');
  });
});
