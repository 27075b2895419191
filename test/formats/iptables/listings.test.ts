import { describe, expect, test } from 'vitest';
import { codesOf, readText, rulesOf } from './read-text.ts';

describe('iptables -S', () => {
  test('tables one after the other are told by their built-in chains', () => {
    const reading = readText(
      [
        '-P INPUT DROP -c 12 720',
        '-P FORWARD DROP',
        '-P OUTPUT ACCEPT',
        '-N web',
        '-A INPUT -p tcp -m tcp --dport 22 -c 1 60 -j web',
        '-P PREROUTING ACCEPT',
        '-P INPUT ACCEPT',
        '-P OUTPUT ACCEPT',
        '-P POSTROUTING ACCEPT',
        '-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080',
        '',
      ].join('\n'),
    );
    expect([...reading.firewall.chains.keys()]).toContain('ipv4/nat/PREROUTING');
    expect(rulesOf(reading)).toEqual(['(protocol=6 & destinationPort=22) -> jump ipv4/filter/web']);
    expect(reading.firewall.chains.get('ipv4/filter/INPUT')?.fallthrough).toEqual({ kind: 'drop' });
    expect(codesOf(reading)).toEqual([]);
  });

  test('a heading or a prompt says table and family', () => {
    const reading = readText(
      '# ip6tables -t mangle -S\n-P PREROUTING ACCEPT\n-A PREROUTING -j MARK --set-mark 1\n',
    );
    expect(rulesOf(reading, 'ipv6/mangle/PREROUTING')).toEqual(['all -> mark&0^1 continue']);
  });
});

describe('iptables -L', () => {
  test('with -v it says the same as iptables-save', () => {
    const reading = readText(
      [
        'Chain INPUT (policy DROP 0 packets, 0 bytes)',
        ' pkts bytes target     prot opt in     out     source               destination         ',
        '    0     0 ACCEPT     0    --  lo     *       0.0.0.0/0            0.0.0.0/0           ',
        '    0     0            6    --  *      *       0.0.0.0/0            0.0.0.0/0            tcp dpt:23',
        ' 4210  252K ACCEPT     6    --  !eth+  *      !10.0.0.0/8           0.0.0.0/0            tcp dpts:22:23 ctstate NEW',
        '',
      ].join('\n'),
    );
    expect(rulesOf(reading)).toEqual([
      'inInterface=lo -> accept',
      '(protocol=6 & destinationPort=23) -> continue',
      '(!source=10.0.0.0-10.255.255.255 & protocol=6 & !inInterface=eth* & destinationPort=22-23 & state=0) -> accept',
    ]);
    expect([reading.rules, reading.understood]).toEqual([3, 3]);
  });

  test('without -v every rule is only possible', () => {
    const reading = readText(
      [
        'Chain INPUT (policy DROP)',
        'target     prot opt source               destination         ',
        'ACCEPT     all  --  anywhere             anywhere            ',
        'ACCEPT     tcp  --  anywhere             anywhere             tcp dpt:ssh',
        '',
      ].join('\n'),
    );
    const unseen = '~{the listing was made without -v and does not show interfaces}';
    expect(rulesOf(reading)).toEqual([
      `${unseen} -> accept`,
      `(protocol=6 & destinationPort=22 & ${unseen}) -> accept`,
    ]);
    expect(codesOf(reading)).toContain('FW1115');
  });

  test('words nobody knows make the rule possible', () => {
    const reading = readText(
      [
        'Chain INPUT (policy DROP 0 packets, 0 bytes)',
        ' pkts bytes target     prot opt in     out     source               destination         ',
        '    0     0 ACCEPT     6    --  *      *       0.0.0.0/0            0.0.0.0/0            frobnicated',
        '',
      ].join('\n'),
    );
    expect(rulesOf(reading)).toEqual(['(protocol=6 & ~{frobnicated}) -> accept']);
    expect(reading.understood).toBe(0);
  });

  test('tables by the headings of "service iptables status", and prompts of a terminal', () => {
    const rows = 'target     prot opt source               destination         ';
    const reading = readText(
      [
        '[root@host ~]# service iptables status',
        'Table: nat',
        'Chain PREROUTING (policy ACCEPT)',
        rows,
        'REDIRECT   tcp  --  0.0.0.0/0            0.0.0.0/0           tcp dpt:2222 redir ports 22',
        '',
        'Table: filter',
        'Chain INPUT (policy DROP)',
        rows,
        'ACCEPT     tcp  --  0.0.0.0/0            0.0.0.0/0           tcp dpt:22',
        '',
        '[root@host ~]# iptables -t mangle -nL INPUT',
        'Chain INPUT (policy ACCEPT)',
        rows,
        '[root@host ~]# ',
        '',
      ].join('\n'),
    );
    expect(codesOf(reading).filter((code) => code !== 'FW1115' && code !== 'FW1104')).toEqual([]);
    expect(rulesOf(reading)).toHaveLength(1);
    expect(rulesOf(reading, 'ipv4/nat/PREROUTING')).toHaveLength(1);
    expect(rulesOf(reading, 'ipv4/mangle/INPUT')).toEqual([]);
  });
});
