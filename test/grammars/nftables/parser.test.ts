import { beforeAll, describe, expect, it } from 'vitest';
import { parseNftables } from '../../../grammars/nftables/command-parser.ts';
import { printRule } from '../../../grammars/nftables/print-rule.ts';
import type { RuleSyntax, Statement } from '../../../grammars/nftables/syntax.ts';
import { validateGrammarsFromNowOn } from '../../../grammars/shared/strict-parser.ts';

beforeAll(validateGrammarsFromNowOn);

function rulesOf(text: string): readonly RuleSyntax[] {
  const { commands } = parseNftables(0, `table inet t {\n chain c {\n${text}\n }\n}\n`);
  const [table] = commands;
  const chain = table?.kind === 'table' ? table.items[0] : undefined;
  return chain?.kind === 'chain' ? chain.items.filter((item) => item.kind === 'rule') : [];
}

function statement(text: string): Statement {
  const [rule, ...more] = rulesOf(text);
  expect(more).toEqual([]);
  expect(rule!.broken).toBeUndefined();
  expect(rule!.statements).toHaveLength(1);
  return rule!.statements[0]!;
}

describe('statements', () => {
  it.each([
    ['tcp dport 22', 'tcp dport 22'],
    ['tcp dport == 0x16', 'tcp dport 22'],
    ['tcp dport eq 22', 'tcp dport 22'],
    ['tcp dport ne 22', 'tcp dport != 22'],
    ['tcp dport { 22,80-90 ,\n  https }', 'tcp dport { 22, 80-90, https }'],
    ['ip saddr 10.0.0.0/8', 'ip saddr 10.0.0.0/8'],
    ['ip6 saddr fe80::/10', 'ip6 saddr fe80::/10'],
    ['ip6 saddr ::ffff:192.0.2.1-2001:db8::', 'ip6 saddr ::ffff:192.0.2.1-2001:db8::'],
    ['ether saddr 00:11:22:aa:bb:cc', 'ether saddr 00:11:22:aa:bb:cc'],
    ['iifname eth*', 'iifname eth*'],
    ['iifname "a b"', 'iifname "a b"'],
    ['meta l4proto tcp', 'meta l4proto tcp'],
    ['ct original ip saddr 10.0.0.1', 'ct original ip saddr 10.0.0.1'],
    ['tcp flags syn / fin,syn', 'tcp flags & (fin,syn) syn'.replace('(fin,syn)', 'fin,syn')],
    // As nft -n prints it.
    ['tcp flags 0x2,0x4 / 0x2,0x10', 'tcp flags & 2,16 2,4'],
    ['tcp flags != 0x2 / 0x1,0x2', 'tcp flags & 1,2 != 2'],
    ['tcp dport 0x100/8', 'tcp dport 256/8'],
    ['tcp flags & (fin|syn) == syn', 'tcp flags & (fin | syn) syn'],
    ['meta mark 1 | 2 & 3 ^ 4 << 1', 'meta mark 1 | ((2 & 3) ^ (4 << 1))'],
    ['@th,16,16 22', '@th,16,16 22'],
    ['vxlan ip saddr 10.0.0.1', 'vxlan ip saddr 10.0.0.1'],
    ['fib saddr . iif oif missing', 'fib saddr . iif oif missing'],
    ['tcp option maxseg size 1-500', 'tcp option maxseg size 1-500'],
    ['exthdr hbh exists', 'exthdr hbh exists'],
    [
      'ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.2-10.0.0.9 . 80 }',
      'ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.2-10.0.0.9 . 80 }',
    ],
    ['tcp dport vmap { 22 : accept, 23 : jump x }', 'tcp dport vmap { 22 : accept, 23 : jump x }'],
    ['ip saddr @s', 'ip saddr @s'],
    ['jump counter', 'jump counter'],
    ['mark set 0x10', 'meta mark set 16'],
    ['dnat to tcp dport map { 80 : 10.0.0.1 }', 'dnat to tcp dport map { 80 : 10.0.0.1 }'],
    ['dnat ip6 to [2001:db8::1]:80', 'dnat ip6 to 2001:db8::1:80'],
    ['redirect to :8080-8090', 'redirect to :8080-8090'],
    [
      'add @s { ip saddr timeout 1h limit rate over 5/second }',
      'add @s { ip saddr limit rate over 5/second }',
    ],
    ['set add ip saddr @s', 'add @s { ip saddr }'],
    ['reject with icmpx type admin-prohibited', 'reject with icmpx admin-prohibited'],
    ['limit rate 1 mbytes/second burst 2 kbytes', 'limit rate 1 mbytes/second burst 2 kbytes'],
    ['xt match "recent"', 'xt match "recent"'],
    ['tcp dport \\\n  22', 'tcp dport 22'],
  ])('%j', (text, printed) => {
    expect(printRule([statement(text)])).toBe(printed);
  });

  it('ends a protocol that is a value before the header of the same name', () => {
    expect(
      printRule(rulesOf('ip protocol tcp tcp dport 22 meta l4proto udp udp length 9 accept')[0]!.statements),
    ).toBe('ip protocol tcp tcp dport 22 meta l4proto udp udp length 9 accept');
  });

  it('keeps comments, handles and places', () => {
    const [first, second] = rulesOf('  accept comment "why; not" # handle 7\n  # a remark\n  drop; return');
    expect(first).toMatchObject({ comment: 'why; not', handle: 7, variables: false });
    expect(first!.span.end - first!.span.start).toBe('accept comment "why; not"'.length);
    expect(second!.statements).toMatchObject([{ kind: 'verdict', verdict: { kind: 'drop' } }]);
  });
});

describe('errors', () => {
  it('marks the rule, says where, and goes on', () => {
    const text = 'table inet t {\n chain c {\n  tcp dport 22 (\n  drop\n }\n}\ntable ip6 u { }\n';
    const { commands, problems } = parseNftables(0, text);
    expect(problems).toHaveLength(1);
    expect(text.slice(0, problems[0]!.span.start).split('\n')).toHaveLength(3);
    expect(commands.map((command) => command.kind)).toEqual(['table', 'table']);
    expect(rulesOf('  tcp dport 22 (\n  drop').map(({ broken }) => broken)).toEqual([true, undefined]);
  });

  it.each([
    'tcp dport',
    'tcp dport { 22 accept',
    'ip saddr 10.0.0.1 . ',
    'dnat',
    'jump',
    'limit rate',
    'reject with tcp',
  ])('refuses %j', (text) => {
    expect(rulesOf(text).map(({ broken }) => broken)).toEqual([true]);
  });

  it('reads text longer than one piece of the scanner, with statements across pieces', () => {
    const elements = Array.from({ length: 20_000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`).join(',\n');
    const [rule, next] = rulesOf(`ip saddr { ${elements} } accept\n drop`);
    expect(rule!.broken).toBeUndefined();
    const [match] = rule!.statements;
    expect(match?.kind === 'match' && match.right.kind === 'set' ? match.right.elements.length : 0).toBe(
      20_000,
    );
    expect(next!.statements).toHaveLength(1);
  });
});
