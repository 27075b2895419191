import { describe, expect, it } from 'vitest';
import { judge } from '../../src/policy/judge.ts';
import type { Judgement } from '../../src/policy/judge.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import type { Policy } from '../../src/policy/policy-types.ts';
import type { Exposure } from '../../src/report/report.ts';
import { input, policySource, row } from './sample-row.ts';

function policy(text: string): Policy {
  const loaded = loadPolicy(policySource(`version: 1\n${text}`), () => 'no such file');
  expect(loaded.diagnostics).toEqual([]);
  return loaded.policy!;
}

function judged(rows: readonly Exposure[], text: string, today = '2026-11-23'): Judgement {
  return judge(rows, policy(text), today, [input()]);
}

/** Rows as short text: ports, verdict with its entry, sources. */
function short(judgement: Judgement): string[] {
  return judgement.exposures.map((one) => {
    const ports = one.ports === null ? '' : `${one.ports.from}-${one.ports.to}`;
    const sources = one.from.map((element) => element.sources?.join(' ') ?? 'any').join(' | ');
    return `${ports}/${one.protocol} ${one.policy?.verdict ?? 'null'} ${one.policy?.entry ?? ''} ${sources}`;
  });
}

describe('judge', () => {
  it('leaves rows alone that a policy without an allow list does not deny', () => {
    expect(short(judged([row()], 'deny: [{port: 23/tcp, reason: clear text}]'))).toEqual([
      '22-22/tcp null  any',
    ]);
  });

  it('justifies exactly the sources of the entry and reports the rest as the rest', () => {
    const result = judged([row()], 'allow: [{port: 22/tcp, from: [10.0.0.0/8], reason: admins}]');
    expect(short(result)).toEqual([
      '22-22/tcp justified fw-audit.yaml:2 10.0.0.0/8',
      '22-22/tcp unlisted  0.0.0.0/5 8.0.0.0/7 11.0.0.0/8 12.0.0.0/6 16.0.0.0/4 32.0.0.0/3 64.0.0.0/2 128.0.0.0/1',
    ]);
    expect(result.exposures.map((one) => one.scope)).toEqual(['private', 'internet']);
    expect(result.exposures[0]!.witness.source).toBe('10.0.0.1');
    expect(result.exposures[1]!.witness.source).toBe('198.51.100.7');
  });

  it('cuts ports at the borders of entries and joins neighbours that say the same', () => {
    const result = judged(
      [row({ ports: { from: 8000, to: 8100 } })],
      'allow:\n  - {ports: [8010-8019/tcp, 8020-8029/tcp], reason: one}\n  - {port: 8090-9000/tcp, reason: two}',
    );
    expect(short(result)).toEqual([
      '8000-8009/tcp unlisted  any',
      '8010-8029/tcp justified fw-audit.yaml:3 any',
      '8030-8089/tcp unlisted  any',
      '8090-8100/tcp justified fw-audit.yaml:4 any',
    ]);
    expect(result.exposures.map((one) => one.witness.destinationPort)).toEqual([8000, 8010, 8030, 8090]);
  });

  it('keeps every other field of an element and drops elements that a part has nothing of', () => {
    const result = judged(
      [
        row({
          from: [
            { sources: ['10.0.0.0/8'], inInterfaces: ['eth0'] },
            { sources: ['192.0.2.0/24'], inInterfaces: ['eth1'] },
          ],
        }),
      ],
      'allow: [{port: 22/tcp, from: [10.0.0.0/9, 192.0.2.0/24], reason: x}]',
    );
    expect(result.exposures.map((one) => one.from)).toEqual([
      [
        { sources: ['10.0.0.0/9'], inInterfaces: ['eth0'] },
        { sources: ['192.0.2.0/24'], inInterfaces: ['eth1'] },
      ],
      [{ sources: ['10.128.0.0/9'], inInterfaces: ['eth0'] }],
    ]);
    expect(result.exposures[1]!.witness).toMatchObject({ source: '10.128.0.1', inInterface: 'eth0' });
  });

  it('lets an entry count on its last day and not after', () => {
    const text = 'allow: [{port: 22/tcp, reason: x, expires: 2026-11-23}]';
    expect(judged([row()], text, '2026-11-23').exposures[0]!.policy?.verdict).toBe('justified');
    expect(judged([row()], text, '2026-11-24').exposures[0]!.policy?.verdict).toBe('expired');
    expect(judged([row()], text, '2026-11-23').expiringEntries).toHaveLength(1);
    expect(judged([row()], text, '2026-10-01').expiringEntries).toHaveLength(0);
  });

  it('prefers an entry in force to an expired one, wherever they stand', () => {
    const text =
      'allow:\n  - {port: 22/tcp, reason: old, expires: 2020-01-01}\n  - {port: 22/tcp, reason: new}';
    expect(judged([row()], text).exposures[0]!.policy).toMatchObject({ verdict: 'justified', reason: 'new' });
  });

  it('judges protocols without ports and "any protocol" rows on the same axis', () => {
    const result = judged(
      [
        row({ protocol: 'icmp', ports: null }),
        row({
          protocol: 'any',
          ports: null,
          protocols: [
            { from: 2, to: 5 },
            { from: 47, to: 47 },
          ],
        }),
      ],
      'allow: [{ports: [icmp, gre, protocol-4], reason: x}]',
    );
    expect(result.exposures.map((one) => [one.protocol, one.policy?.verdict, one.protocols])).toEqual([
      ['icmp', 'justified', undefined],
      ['any', 'unlisted', [{ from: 2, to: 3 }]],
      ['any', 'justified', [{ from: 4, to: 4 }]],
      ['any', 'unlisted', [{ from: 5, to: 5 }]],
      ['any', 'justified', [{ from: 47, to: 47 }]],
    ]);
  });

  it('looks at direction, family and input globs', () => {
    const text =
      'allow:\n  - {port: 22/tcp, direction: forward, reason: x}\n  - {port: 22/tcp, inputs: ["edge/*"], reason: y}\n  - {port: 22/tcp, from: ["2001:db8::/32"], reason: z}';
    const result = judged([row()], text);
    expect(result.exposures[0]!.policy?.verdict).toBe('unlisted');
    expect(result.unusedEntries.map((entry) => entry.reason)).toEqual(['x', 'z']);
  });

  it('tells which part of a requirement is closed, and which is only possible', () => {
    const result = judged(
      [
        row({ from: [{ sources: ['10.0.0.0/9'] }] }),
        row({ certainty: 'possible', from: [{ sources: ['10.128.0.0/10'] }] }),
      ],
      'require: [{port: 22/tcp, from: [10.0.0.0/8], reason: admins}]',
    );
    expect(result.missing).toMatchObject([{ ports: '22/tcp', sources: ['10.128.0.0/9'], possible: true }]);
    expect(judged([row()], 'require: [{port: 22/tcp, from: [10.0.0.0/8], reason: admins}]').missing).toEqual(
      [],
    );
    expect(judged([], 'require: [{port: 80-81/tcp, reason: web}]').missing).toMatchObject([
      { ports: '80-81/tcp', possible: false, family: 'ipv4' },
    ]);
  });
});
