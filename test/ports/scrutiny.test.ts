import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describePorts } from '../../src/ports/describe.ts';
import { reasonSentence, scrutinyReasons } from '../../src/ports/reasons.ts';
import { scrutinyTable } from '../../src/ports/scrutiny.ts';
import type { Scope } from '../../src/report/report.ts';

function at(
  port: number | [number, number],
  protocol = 'tcp',
  scope: Scope = 'internet',
  direction: 'in' | 'out' = 'in',
) {
  const [from, to] = typeof port === 'number' ? [port, port] : port;
  return describePorts({ protocol, ports: { from, to }, scope, direction });
}

describe('one port', () => {
  test.each<[string, number, string, string, string[]]>([
    ['unassigned', 3092, 'tcp', 'medium', ['unassigned']],
    ['unassigned, removed once', 2693, 'tcp', 'medium', ['unassigned']],
    ['de-assigned', 2682, 'udp', 'medium', ['de-assigned']],
    ['assigned but obscure', 2688, 'tcp', 'medium', ['obscure-assignment']],
    ['reserved', 1024, 'tcp', 'medium', ['reserved']],
    ['the other transport only', 6379, 'udp', 'low', ['assigned-other-transport']],
    ['known software on an unassigned port', 25565, 'tcp', 'low', ['known-unofficial-use']],
    ['known software and a risk', 10250, 'tcp', 'high', ['management-api', 'known-unofficial-use']],
    ['dynamic', 60001, 'tcp', 'medium', ['dynamic']],
    ['dynamic with a known use', 51820, 'udp', 'low', ['dynamic', 'known-unofficial-use']],
    ['database', 27017, 'tcp', 'high', ['database']],
    ['clear text', 23, 'tcp', 'high', ['clear-text']],
    ['debugger', 9229, 'tcp', 'high', ['debugger', 'known-unofficial-use']],
    ['industrial', 502, 'tcp', 'high', ['industrial']],
    ['reflection', 11211, 'udp', 'medium', ['udp-reflection']],
    ['DNS is often meant', 53, 'udp', 'low', ['udp-reflection']],
    ['SSH is often meant', 22, 'tcp', 'low', ['remote-admin']],
    ['any private service', 24, 'tcp', 'low', ['assigned-private-use']],
    ['no word for this transport', 1008, 'tcp', 'medium', ['not-listed']],
  ])('%s', (_, port, protocol, level, reasons) => {
    expect(at(port, protocol).scrutiny).toEqual({ flag: true, level, reasons });
  });

  test.each([
    [80, 'tcp'],
    [443, 'tcp'],
    [25, 'tcp'],
    [8080, 'tcp'],
  ])('%i/%s is nothing to look at', (port, protocol) => {
    expect(at(port, protocol).scrutiny).toEqual({ flag: false, level: 'none', reasons: [] });
  });

  test('the internet ranks above private networks, those above single hosts, and the host itself is not flagged', () => {
    expect(
      ['internet', 'private', 'specific', 'loopback'].map(
        (scope) => at(3092, 'tcp', scope as Scope).scrutiny.level,
      ),
    ).toEqual(['medium', 'low', 'note', 'none']);
    expect(
      ['internet', 'private', 'specific'].map((scope) => at(6379, 'tcp', scope as Scope).scrutiny.level),
    ).toEqual(['high', 'low', 'note']);
  });

  test('outgoing rows are judged mildly', () => {
    expect(at(23, 'tcp', 'internet', 'out').scrutiny).toMatchObject({
      level: 'low',
      reasons: ['clear-text'],
    });
    expect(at(50001, 'tcp', 'internet', 'out').scrutiny.flag).toBe(false);
    expect(at([1024, 49151], 'tcp', 'internet', 'out').scrutiny.reasons).not.toContain('wide-range');
  });

  test('a malware listing alone never raises the flag', () => {
    const { scrutiny, listings } = at(31337);
    expect(listings).toMatchObject([{ label: 'historical backdoor port', transport: 'tcp' }]);
    expect(scrutiny.flag).toBe(false);
    expect(at(31337, 'udp').listings).toEqual([]);
  });

  test('uses come with their sources', () => {
    expect(at(9200).uses).toMatchObject([
      { use: 'Elasticsearch HTTP API', kind: 'conflicting', ports: { from: 9200, to: 9200 } },
    ]);
    for (const { cite } of at(9200).uses) expect(cite.length).toBeGreaterThan(0);
  });
});

describe('rows of several ports', () => {
  test('say which ports raised the flag, and count the statuses', () => {
    const { assignment, scrutiny } = at([3090, 3094]);
    expect(assignment).toEqual({ status: 'mixed', counts: { assigned: 4, unassigned: 1 } });
    expect(scrutiny).toEqual({
      flag: true,
      level: 'medium',
      reasons: ['unassigned'],
      ports: [{ from: 3092, to: 3092 }],
    });
  });

  test('one service over several ports is named; several services are not', () => {
    expect(at([6000, 6063]).assignment).toEqual({
      status: 'assigned',
      service: 'x11',
      description: 'X Window System',
    });
    expect(at([80, 81]).assignment.service).toBeUndefined();
  });

  test('a wide row is one flag with its counts', () => {
    const { range, assignment, scrutiny, listings } = at([1024, 49151]);
    expect(range).toBe('registered');
    expect(assignment.status).toBe('mixed');
    expect(Object.values(assignment.counts!).reduce((sum, count) => sum + count, 0)).toBe(48_128);
    expect(scrutiny.level).toBe('high');
    expect(scrutiny.reasons).toContain('wide-range');
    expect(scrutiny.reasons).toContain('unassigned');
    expect(scrutiny.ports).toEqual([{ from: 1024, to: 49151 }]);
    expect(listings).toEqual([]);
  });

  test('breadth counts', () => {
    expect(at([20000, 20099]).scrutiny.reasons).not.toContain('wide-range');
    expect(at([20100, 20300]).scrutiny).toMatchObject({ level: 'medium' });
    expect(at([20100, 20300]).scrutiny.reasons).toContain('wide-range');
    expect(at([49152, 65535]).scrutiny).toMatchObject({ level: 'high' });
    expect(at([49152, 65535]).scrutiny.reasons).toEqual([
      'wide-range',
      'database',
      'dynamic',
      'ephemeral-range',
      'known-unofficial-use',
    ]);
  });
});

test('every reason has a sentence of its own', () => {
  const sentences = Object.keys(scrutinyReasons).map(reasonSentence);
  expect(new Set(sentences).size).toBe(sentences.length);
  for (const sentence of sentences) expect(sentence.length).toBeGreaterThan(20);
});

test('UDP-Lite and numbers of transports are understood, other protocols have no registry', () => {
  expect(at(53, 'udplite').assignment.service).toBe('domain');
  expect(at(53, '17').assignment.service).toBe('domain');
  expect(at(53, 'gre').assignment.status).toBe('not-listed');
});

test('rulesets/ports/README.md shows the table as it is', () => {
  const readme = readFileSync('rulesets/ports/README.md', 'utf8');
  const rows = [...readme.matchAll(/^\| `([a-z-]+)` \| (\w+) \| (\w+) \| (\w+) \| (.*) \|$/gm)];
  expect(Object.fromEntries(rows.map(([, name, ...levels]) => [name, levels.slice(0, 3)]))).toEqual(
    scrutinyTable,
  );
  for (const [, name, , , , says] of rows) expect(says).toBe(reasonSentence(name!));
});
