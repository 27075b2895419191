import { describe, expect, test } from 'vitest';
import { compileBuiltInTable, parseRanges, readPortRulesets } from '../../scripts/compile-ports.ts';
import { portNotes } from '../../src/generated/port-notes.ts';
import { builtInRegistry } from '../../src/ports/registry.ts';

const registry = builtInRegistry();

describe('the curated files of rulesets/ports', () => {
  test('fit their schema', () => {
    expect([...readPortRulesets('rulesets').keys()]).toEqual([
      'iana-overrides',
      'uses',
      'risks',
      'obscure',
      'listings',
      'ephemeral',
    ]);
  });

  test('no unofficial use has become an IANA assignment, and every conflicting one conflicts', () => {
    const wrong: string[] = [];
    for (const { ports, transports, kind, use } of portNotes.uses) {
      const assigned = transports.some(
        (transport) => (registry.countByStatus(ports.from, ports.to, transport).assigned ?? 0) > 0,
      );
      if (kind === 'unofficial' && assigned) wrong.push(`${ports.from}: ${use} is assigned now`);
      if (kind === 'conflicting' && !assigned) wrong.push(`${ports.from}: ${use} conflicts with nothing`);
    }
    expect(wrong).toEqual([]);
  });

  test('obscure assignments are assignments', () => {
    expect(portNotes.obscure.length).toBeGreaterThan(0);
    for (const { ports, transports } of portNotes.obscure) {
      for (const transport of transports)
        expect(registry.statusOf(ports.from, transport).status).toBe('assigned');
    }
  });

  test('ranges lie in order and inside 0-65535, and no entry is written twice', () => {
    const seen = new Set<string>();
    const all = [
      ...portNotes.uses.map((entry) => ({ ...entry, what: entry.use })),
      ...portNotes.risks.map((entry) => ({ ...entry, what: entry.class })),
      ...portNotes.listings.map((entry) => ({ ...entry, what: `listed ${entry.label}` })),
    ];
    expect(all.length).toBeGreaterThan(150);
    for (const { ports, transports, what } of all) {
      expect(ports.from).toBeLessThanOrEqual(ports.to);
      expect(ports.to).toBeLessThanOrEqual(65535);
      for (const transport of transports) {
        const key = `${ports.from}-${ports.to}/${transport} ${what}`;
        expect(seen.has(key), key).toBe(false);
        seen.add(key);
      }
    }
  });

  test('a damaged file is refused with the reason', () => {
    expect(() =>
      readPortRulesets('fixtures/ports/bad-rulesets', 'rulesets/schema/ports.schema.json'),
    ).toThrow(/uses\.yaml.*(kind|required)/s);
  });

  test('an override that no longer fits the package is an error, not a silent change', () => {
    const overrides = {
      source: { updated: '2026-08-17' },
      added: '2026-11-23',
      statuses: [],
      names: [{ ports: '80', transports: ['tcp'], names: ['http', 'www-http'] }],
    } as const;
    expect(() => compileBuiltInTable('1.0.0', { '80/tcp': ['gopher', 'x'] }, overrides)).toThrow(
      /80 is no longer/,
    );
    const table = compileBuiltInTable('1.0.0', { '80/tcp': ['www-http', 'Web'] }, overrides);
    expect(table.records).toBe('80\t1\t|http|www-http|\tWeb\t\n');
  });

  test('ranges as written', () => {
    expect(parseRanges('225-241, 1109')).toEqual([
      { from: 225, to: 241 },
      { from: 1109, to: 1109 },
    ]);
  });
});
