import { describe, expect, test } from 'vitest';
import type { Reading } from '../../../src/formats/format.ts';
import { codesOf, printAction, printMatch, readText, rulesOf } from './read-text.ts';

const head =
  '#!/bin/sh\niptables -F\niptables -P INPUT DROP\niptables -P FORWARD DROP\niptables -P OUTPUT ACCEPT\niptables -A INPUT -p tcp --dport 22 -j ACCEPT\n';

function script(...lines: readonly string[]): Reading {
  return readText(`${head}${lines.join('\n')}\n`);
}

function stagesIn(reading: Reading): readonly string[] {
  const entry = reading.firewall.entries.find(
    ({ direction, family }) => direction === 'in' && family === 'ipv4',
  );
  return entry?.stages.map(({ name }) => name) ?? [];
}

describe('nft commands in a script of iptables commands', () => {
  test.each([
    'nft add table inet extra',
    'nft add rule inet extra in tcp dport 22 ip saddr != 10.0.0.0/8 drop',
    "nft 'add chain ip extra in { type filter hook input priority 10; policy drop; }'",
    'nft -f /etc/nftables.conf',
    'nft -f - <<EOF\ntable inet x { chain in { type filter hook input priority 0; policy drop; } }\nEOF',
    'sudo /usr/sbin/nft add rule $FAMILY x in drop',
    '$NFT add rule netdev x in drop',
  ])('%s: whatever iptables lets in may be dropped there', (line) => {
    const reading = script(line);
    expect(codesOf(reading)).toEqual(['FW1114']);
    expect(reading.diagnostics[0]).toMatchObject({ severity: 'error' });
    expect(stagesIn(reading)).toEqual(['filter INPUT', 'nft']);
    const [rule, ...others] = reading.firewall.chains.get('ipv4/nft')?.rules ?? [];
    expect(others).toEqual([]);
    expect(rule === undefined ? '' : `${printMatch(rule.match)} -> ${printAction(rule.action)}`).toBe(
      '?{script: tables of nft, which are not read} -> drop',
    );
    expect(reading.rules - reading.understood).toBe(1);
  });

  test.each([
    'nft list ruleset',
    'nft -a list table inet x | grep -q y',
    'nft --version',
    'nft -c -f /etc/nftables.conf',
    "nft 'add chain bridge x in { type filter hook input priority 0; policy drop; }'",
    'nft add rule ip6 x in drop',
    'nft add rule inet x in drop\nnft flush ruleset\niptables -F; iptables -P INPUT DROP; iptables -P FORWARD DROP',
  ])('%s: nothing that IPv4 packets meet', (line) => {
    expect(stagesIn(script(line))).toEqual(['filter INPUT']);
  });

  test('what prints tells nothing of whether it succeeds', () => {
    const reading = script('if nft list table inet x; then iptables -A INPUT -i eth0 -j ACCEPT; fi');
    expect(rulesOf(reading)[1]).toBe('(inInterface=eth0 & ?{script: nft list table inet x}) -> accept');
  });

  test('a table that is one of iptables-nft too', () => {
    const reading = script('nft add rule ip filter INPUT tcp dport 99 accept');
    expect(rulesOf(reading)).toEqual([
      'all -> unknown accept/drop/continue',
      '(protocol=6 & destinationPort=22) -> accept',
    ]);
    expect(reading.firewall.chains.get('ipv4/filter/INPUT')?.fallthrough).toMatchObject({ kind: 'unknown' });
  });

  test('flush ruleset empties the tables of iptables-nft, not those of iptables-legacy', () => {
    const reading = script('nft flush ruleset');
    expect(rulesOf(reading)).toEqual([
      '(protocol=6 & destinationPort=22 & !?{script: iptables is iptables-nft}) -> accept',
    ]);
    expect(reading.firewall.chains.get('ipv4/filter/INPUT')?.fallthrough).toMatchObject({
      outcomes: ['accept', 'drop'],
    });
    expect(codesOf(reading)).toEqual([]);
  });
});
