import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseNftables } from '../../../grammars/nftables/command-parser.ts';
import { ShapedRule } from '../../../grammars/nftables/shaped-rule.ts';
import type { ChainItem, RuleSyntax } from '../../../grammars/nftables/syntax.ts';
import { validateGrammarsFromNowOn } from '../../../grammars/shared/strict-parser.ts';
import { fc } from '../../property-testing.ts';
import { lineOfPieces, linesOfRules, linesOfShapes } from './random-rule-lines.ts';
import { face, joint, unjoined } from './rule-faces.ts';

beforeAll(validateGrammarsFromNowOn);

function read(lines: readonly string[]): { text: string; items: readonly ChainItem[]; problems: unknown[] } {
  const text = `table inet t {\n chain c {\n${lines.join('\n')}\n }\n}\n`;
  const { commands, problems } = parseNftables(0, text);
  const chains = commands.flatMap((command) => (command.kind === 'table' ? command.items : []));
  const items = chains.flatMap((item) => (item.kind === 'chain' ? item.items : []));
  return {
    text,
    items,
    problems: problems.map(({ span, message }) => [
      unjoined(message),
      unjoined(text.slice(span.start, span.end)),
    ]),
  };
}

/** Statements without their places, counters without their numbers, and logging without what it says. */
function words(statements: RuleSyntax['statements']): unknown {
  return statements.map((statement) => {
    // Some values are read when they are asked for.
    const { kind } = statement;
    const whole =
      kind === 'match'
        ? { kind, relation: statement.relation, left: statement.left, right: statement.right }
        : statement;
    return JSON.parse(JSON.stringify(whole), function (this: { what?: string }, key, value: unknown) {
      if (key === 'at') return undefined;
      if (key === 'text' && this.what === 'counter') return undefined;
      if (key === 'text' && this.what === 'log') return (value as string).replace(/prefix "[^"]*"/, 'prefix');
      return value;
    }) as unknown;
  });
}

/** Compares what is read of the lines with what the grammar alone reads of them; how many rules were plain. */
function compare(lines: readonly string[]): number {
  return comparePlain(lines).length;
}

/** The same; the rules that were plain. */
function comparePlain(lines: readonly string[]): readonly RuleSyntax[] {
  const usual = read(lines);
  const alone = read(lines.map((line) => joint + line));
  const faces = ({ text, items }: ReturnType<typeof read>): unknown[] =>
    items.map((item) => (item.kind === 'rule' ? face(item, text) : item.kind));
  expect(faces(usual)).toStrictEqual(faces(alone));
  expect(usual.problems).toStrictEqual(alone.problems);
  const plain = usual.items
    .filter((item) => item.kind === 'rule')
    .filter(({ shared }) => shared !== undefined);
  for (const rule of plain) expect(words(rule.shared!)).toStrictEqual(words(rule.statements));
  expect(alone.items.every((item) => item.kind !== 'rule' || item.shared === undefined)).toBe(true);
  return plain;
}

describe('plain rules and the grammar', () => {
  test('agree on the rules of the fixtures, most of which are plain', () => {
    const lines = globSync('fixtures/nftables/*/input*')
      .filter((path) => !path.endsWith('.json'))
      .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
      .filter((line) => !/[{}]\s*$/.test(line) && !/^\s*(?:#|add|elements|type|define)/.test(line));
    let plain = 0;
    for (let i = 0; i < lines.length; i += 20) plain += compare(lines.slice(i, i + 20));
    expect(plain).toBeGreaterThan(lines.length / 3);
  });

  test('agree on rules whose statements come in any order and number', () => {
    let plain = 0;
    fc.assert(
      fc.property(linesOfRules, (lines) => {
        plain += compare(lines);
      }),
      { numRuns: 800 },
    );
    expect(plain).toBeGreaterThan(1000);
  });

  test('agree on rules that are alike but for values, most of which are known by their shape', () => {
    let shaped = 0;
    fc.assert(
      fc.property(linesOfShapes, (lines) => {
        shaped += comparePlain(lines).filter((rule) => rule instanceof ShapedRule).length;
      }),
      { numRuns: 800 },
    );
    expect(shaped).toBeGreaterThan(600);
  });

  test('agree on lines of any pieces of rules', () => {
    let plain = 0;
    fc.assert(
      fc.property(fc.array(lineOfPieces, { maxLength: 5 }), (lines) => {
        plain += compare(lines);
      }),
      { numRuns: 2000 },
    );
    expect(plain).toBeGreaterThan(20);
  });

  test.each([
    'tcp dport 22 accept',
    '\tip  saddr 10.0.0.0/8 tcp dport { 22, 80-90 } ct state new accept comment "why; not" # handle 7',
    'ip6 saddr fe80::/10 meta l4proto tcp th dport 22 accept # a remark',
    'ct state established,related counter packets 12 bytes 3400 accept',
    'iifname "eth0" limit rate 5/minute burst 5 packets log prefix "no: " level warn',
    'ip protocol icmp icmp type { echo-request, echo-reply } accept; ip daddr 10.0.0.1-10.0.0.9 reject with icmp type host-prohibited',
    'ip saddr @s tcp flags & (fin | syn) == syn jump counter',
    'ether saddr 00:11:22:aa:bb:cc drop',
  ])('%j is plain', (line) => {
    expect(compare([line])).toBe(line.includes('; ip') ? 2 : 1);
  });

  test.each([
    'tcp dport $ports accept',
    'dnat to 10.0.0.1',
    'tcp dport vmap { 22 : accept }',
    'jump { accept }',
  ])('%j is not', (line) => {
    expect(compare([line])).toBe(0);
  });

  test('a rule that cannot be read says nothing of its statements in others', () => {
    expect(compare(['tcp dport 22 (', 'meta mark (', 'tcp dport 22 accept', 'meta mark 1 accept'])).toBe(2);
  });

  test('rules share equal statements, and have their own places', () => {
    const { text, items } = read(['tcp dport 22 accept', 'ip saddr 10.0.0.1 tcp dport 22 drop']);
    const [first, second] = items as RuleSyntax[];
    expect(second!.shared![1]).toBe(first!.shared![0]);
    expect(second!.statements[1]!.at).toBe(text.lastIndexOf('tcp'));
  });

  test('a rule that is like one before it has its own values, comment and handle', () => {
    const { text, items, problems } = read([
      'ip saddr 10.0.0.1 counter packets 1 bytes 2 accept comment "a" # handle 7',
      '  ip saddr {10.0.0.0/8,  10.1.1.1} counter packets 30 bytes 40 accept comment "b" # handle 8',
      'ip saddr 10.0.0.3 counter packets 30 bytes 40 accept',
    ]);
    expect(problems).toStrictEqual([]);
    const [first, second, third] = items as RuleSyntax[];
    expect([first instanceof ShapedRule, second instanceof ShapedRule, third instanceof ShapedRule]).toEqual([
      false,
      true,
      false,
    ]);
    const { start, end } = second!.span;
    expect(text.slice(start, end)).toMatch(/^ip saddr \{.*"b"$/);
    expect([second!.comment, second!.handle]).toStrictEqual(['b', 8]);
    expect(second!.shared![0]).toHaveProperty('right.elements.length', 2);
    expect(second!.shared![1]).toBe(first!.shared![1]);
  });

  test('commands hold plain rules too', () => {
    const text = 'add rule t c tcp dport 22 accept comment "x" # handle 4\nadd rule t c\ntcp dport 23 drop\n';
    const { commands, problems } = parseNftables(0, text);
    expect(commands[0]).toMatchObject({
      kind: 'rule',
      chain: 'c',
      span: { start: 0, end: text.indexOf('\n') },
      rule: { comment: 'x', handle: 4, span: { start: 13, end: 44 } },
    });
    expect(commands[0]).toHaveProperty('rule.shared.length', 2);
    // The next line is none of the second command's.
    expect(problems[0]!.span.start).toBe(text.indexOf('\ntcp'));
  });

  test.each([
    ['a statement of many parts', `ip saddr${' . ip saddr'.repeat(20_000)} accept`],
    ['many such lines', `ip saddr${' . ip saddr'.repeat(30)} accept\n`.repeat(600)],
    ['empty lines', '\n'.repeat(200_000) + 'masquerade'],
    ['blanks', ' '.repeat(200_000) + 'masquerade'],
    ['rules on one line', 'tcp dport 22 accept; tcp dport 23 log prefix "a" drop; masquerade;'.repeat(3000)],
    ['unlike lines', Array.from({ length: 6000 }, (_, i) => `iifname "eth${i}" accept`).join('\n')],
    ['what is logged', Array.from({ length: 6000 }, (_, i) => `log prefix "${i}" accept`).join('\n')],
    ['unlike ones', Array.from({ length: 6000 }, (_, i) => `iifname "eth${i}" accept`).join(';')],
  ])('take time in proportion to the text: %s', (_, text) => {
    const start = process.cpuUsage();
    read([text]);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(4);
  });

  test('so do commands on one line', () => {
    const start = process.cpuUsage();
    parseNftables(0, 'add rule t c tcp dport 22 accept; '.repeat(6000));
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(4);
  });
});
