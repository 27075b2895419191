import { describe, expect, it } from 'vitest';
import { builtInPolicy, builtInPolicyNames, loadPolicies, loadPolicy } from '../../src/policy/load.ts';
import type { LoadedPolicy } from '../../src/policy/load.ts';
import type { Source } from '../../src/source/source.ts';
import { policySource } from './sample-row.ts';

function load(text: string, others: Readonly<Record<string, string>> = {}): LoadedPolicy {
  const files = new Map(Object.entries(others));
  return loadPolicy(policySource(text), (name): Source | string => {
    const found = files.get(name);
    return found === undefined ? 'there is no such file' : policySource(found, name);
  });
}

/** Each mistake as `line:column code message | help`. */
function mistakes(text: string, others: Readonly<Record<string, string>> = {}): string[] {
  const { policy, diagnostics } = load(text, others);
  expect(policy).toBeUndefined();
  return diagnostics.map(
    ({ code, message, help, location }) =>
      `${location.line}:${location.column} ${code} ${message} | ${help ?? ''}`,
  );
}

describe('loadPolicy', () => {
  it.each<[string, string, string]>([
    ['no YAML', 'version: 1\nallow: [', '2:9 FW3002 not valid YAML'],
    ['nothing', '', '1:1 FW3005 the policy must be a group of keys, not empty'],
    ['no version', 'allow: []', '1:1 FW3004 the policy has no “version” | Write version: 1'],
    ['another version', 'version: 2', '1:10 FW3005 “version” must be 1'],
    [
      'unknown key',
      'version: 1\nalow: []',
      '2:1 FW3003 unknown key “alow” in the policy | Did you mean “allow”?',
    ],
    [
      'unknown key of an entry',
      'version: 1\nallow:\n  - {port: 1/tcp, reason: x, expire: 2027-01-01}',
      '3:30 FW3003 unknown key “expire” in allow entry 1 | Did you mean “expires”?',
    ],
    [
      'unknown finding',
      'version: 1\nseverity: {any-prt: low}',
      '2:12 FW3003 unknown finding “any-prt” in “severity” | Did you mean “any-port”?',
    ],
    [
      'impossible severity',
      'version: 1\nseverity: {any-port: bad}',
      '2:22 FW3005 “severity.any-port” cannot be “bad” | Write none, note, low, medium or high.',
    ],
    [
      'no ports',
      'version: 1\nallow: [{reason: x}]',
      '2:9 FW3004 allow entry 1 names no ports | Write ports: [443/tcp]',
    ],
    ['no reason', 'version: 1\nallow: [{port: 1/tcp}]', '2:9 FW3004 allow entry 1 has no “reason”'],
    ['empty reason', 'version: 1\nallow: [{port: 1/tcp, reason: " "}]', '2:31 FW3009 the reason is empty'],
    ['TODO', 'version: 1\nallow: [{port: 1/tcp, reason: TODO}]', '2:31 FW3009 the reason is still “TODO”'],
    [
      'reversed range',
      'version: 1\nallow: [{port: 9-8/tcp, reason: x}]',
      '2:16 FW3006 the range “9-8/tcp” is reversed | Write 8-9/tcp.',
    ],
    ['port too high', 'version: 1\nallow: [{port: 65536, reason: x}]', '2:16 FW3006 “65536” is beyond 65535'],
    [
      'no such protocol',
      'version: 1\nallow: [{port: 1/tpc, reason: x}]',
      '2:16 FW3006 “tpc” is not a protocol with ports',
    ],
    [
      'protocol without port',
      'version: 1\nallow: [{port: tcp, reason: x}]',
      '2:16 FW3006 “tcp” has ports, and none is named | Write any/tcp',
    ],
    [
      'impossible address',
      'version: 1\nallow: [{port: 1/tcp, from: [10.0.0.256], reason: x}]',
      '2:30 FW3007 “10.0.0.256” is not an address',
    ],
    [
      'octal address',
      'version: 1\nallow: [{port: 1/tcp, from: [010.0.0.1], reason: x}]',
      '2:30 FW3007 “010.0.0.1” is not an address',
    ],
    [
      'host bits',
      'version: 1\nallow: [{port: 1/tcp, from: [10.1.2.3/8], reason: x}]',
      '2:30 FW3007 “10.1.2.3/8” has bits beyond its prefix | Write 10.0.0.0/8',
    ],
    [
      'impossible day',
      'version: 1\nallow: [{port: 1/tcp, reason: x, expires: 2027-02-30}]',
      '2:43 FW3008 “2027-02-30” is not a day of the calendar',
    ],
    [
      'allow and deny',
      'version: 1\ndeny: [{port: 20-25/tcp, reason: no}]\nallow: [{port: 23, from: [10.0.0.0/8], reason: x}]',
      '3:9 FW3011 this allows 23, but fw-audit.yaml:2 denies 20-25/tcp: no',
    ],
    [
      'unknown policy',
      'version: 1\nextends: [web-serv]',
      '2:11 FW3001 cannot extend “web-serv”: there is no such file | Did you mean “web-server”?',
    ],
    [
      'missing owner',
      'version: 1\nextends: [pci-dss-1.2.5]\nallow: [{port: 443/tcp, reason: x, ticket: T-1}]',
      '3:9 FW3012 the entry for 443/tcp has no “owner”, which this policy demands',
    ],
  ])('tells where and what: %s', (_name, text, expected) => {
    const found = mistakes(text);
    expect(found.join('\n')).toContain(expected);
  });

  it('tells all mistakes of a file at once, in its order', () => {
    const found = mistakes(
      'version: 1\nallow:\n  - {port: x, from: [y], reason: "", expires: z, owned: me}\ndeny: [{port: 1}]\nfoo: 1',
    );
    expect(found.map((line) => line.split(' ')[1])).toEqual([
      'FW3006',
      'FW3007',
      'FW3009',
      'FW3008',
      'FW3003',
      'FW3004',
      'FW3003',
    ]);
  });

  it('refuses circles of extends', () => {
    const found = mistakes('version: 1\nextends: [a]', {
      a: 'version: 1\nextends: [b]',
      b: 'version: 1\nextends: [a]',
    });
    expect(found).toEqual([
      '2:11 FW3010 policies extend each other in a circle: a → b → a | Take one of them out of “extends”.',
    ]);
  });

  it('merges what it extends first, then itself; later severities win', () => {
    const { policy, diagnostics } = load(
      'version: 1\nextends: [base]\nallow: [{port: 2/tcp, reason: own}]\nseverity: {any-port: low}',
      {
        base: 'version: 1\nallow: [{port: 1/tcp, reason: base}]\nseverity: {any-port: high, wide-range: note}',
      },
    );
    expect(diagnostics).toEqual([]);
    expect(policy!.allow.map(({ reason, place }) => [reason, place])).toEqual([
      ['base', 'base:2'],
      ['own', 'fw-audit.yaml:3'],
    ]);
    expect([...policy!.severity]).toEqual([
      ['any-port', 'low'],
      ['wide-range', 'note'],
    ]);
    expect(policy!.files).toEqual(['fw-audit.yaml']);
  });

  it('joins several files in their order', () => {
    const { policy } = loadPolicies(
      [
        policySource('version: 1\nallow: [{port: 1/tcp, reason: a}]', 'a.yaml'),
        policySource('version: 1\nallow: [{port: 2/tcp, reason: b}]', 'b.yaml'),
      ],
      () => 'none',
    );
    expect(policy!.allow.map(({ place }) => place)).toEqual(['a.yaml:2', 'b.yaml:2']);
  });

  it('survives aliases that multiply', () => {
    const bomb = `version: 1\na: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]!}`).join(',')}]`).join('\n')}`;
    expect(mistakes(bomb).join('\n')).toMatch(/FW3002|FW3003/);
  });

  it.each(builtInPolicyNames.map((name) => [name]))('ships a well-formed %s', (name) => {
    const loaded = loadPolicy(builtInPolicy(name)!, () => 'none');
    expect(loaded.diagnostics).toEqual([]);
    expect(loaded.policy!.deny.length).toBeGreaterThan(0);
  });
});
