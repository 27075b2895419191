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

function texts(reading: Reading): readonly string[] {
  return (reading.passages ?? []).flatMap(({ pieces }) => pieces.map(({ text }) => text));
}

describe('nft commands in a script of iptables commands', () => {
  test.each([
    ['nft add table inet extra', 'add table inet extra\n'],
    [
      "nft 'add chain ip x in { type filter hook input priority 10; }'",
      'add chain ip x in { type filter hook input priority 10; }\n',
    ],
    ['sudo /usr/sbin/nft add rule $FAMILY x in drop', 'add rule $FAMILY x in drop\n'],
    ['$NFT add rule netdev x in drop', 'add rule netdev x in drop\n'],
    [
      'nft -D lan=10.0.0.0/8 add rule inet x in ip saddr \\$lan drop',
      'define lan = 10.0.0.0/8\nadd rule inet x in ip saddr $lan drop\n',
    ],
    [
      'nft add rule inet x in iifname \\"$WAN\\" ip saddr $(cat list).0/24 drop',
      'add rule inet x in iifname $WAN ip saddr $output_of_cat drop\n',
    ],
    ['nft add rule inet x in log prefix \\"$NAME: \\" drop', 'add rule inet x in log prefix "NAME: " drop\n'],
    [
      'for p in 22 80; do nft add rule inet x in tcp dport $p drop; done',
      'add rule inet x in tcp dport 22 drop\nadd rule inet x in tcp dport 80 drop\n',
    ],
    [
      'NET=10.0.0.0/8\nnft -f - <<EOF\ntable inet x {\n\tset s { elements = { $NET } }\n}\nEOF',
      'table inet x {\n\tset s { elements = { 10.0.0.0/8 } }\n}\n\n',
    ],
    ['cat > /etc/nft.conf <<EOF\ntable inet x { }\nEOF\nnft -f /etc/nft.conf', 'table inet x { }\n\n'],
    ['echo "add table inet x" | nft -f -', 'add table inet x\n\n'],
    ['nft delete table inet x 2>/dev/null; nft add table inet x', 'delete table inet x\nadd table inet x\n'],
  ])('%s: is given to the reader of nftables', (line, text) => {
    const reading = script(line);
    expect(texts(reading).join('')).toBe(text);
    expect(reading.passages?.[0]).toMatchObject({ format: 'nftables', dialect: 'nft-commands' });
    expect(codesOf(reading)).toEqual([]);
    expect(stagesIn(reading)).toEqual(['filter INPUT']);
  });

  test('under a condition, what adds is there under it', () => {
    const [piece] =
      script('if [ "$SSH" = yes ]; then nft add rule inet x in tcp dport 22 drop; fi').passages?.[0]
        ?.pieces ?? [];
    expect(piece?.condition).toMatchObject({ kind: 'unknown', reason: 'script: [ "$SSH" = yes ]' });
  });

  test('what is taken away under a condition before anything is set up was there before', () => {
    const reading = script('nft list table inet x && nft delete table inet x\nnft add table inet x');
    expect(texts(reading)).toEqual(['add table inet x\n']);
  });

  test.each([
    'nft -f /etc/nftables.conf',
    'nft add table inet x; [ -n "$A" ] && nft flush ruleset',
    'nft -j -f - <<EOF\n{}\nEOF',
    'make_rules | nft -f -',
  ])('%s: whatever iptables lets in may be dropped there', (line) => {
    const reading = script(line);
    expect(codesOf(reading)).toEqual(['FW1114']);
    expect(reading.diagnostics[0]).toMatchObject({ severity: 'error' });
    expect(texts(reading)).toEqual([]);
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
