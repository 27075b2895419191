import { fc } from '../property-testing.ts';
import { expect, it } from 'vitest';
import { formatAddress, parsePrefix, prefixesOf } from '../../src/packets/address-text.ts';
import { globMatches } from '../../src/policy/glob.ts';
import { judge } from '../../src/policy/judge.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { sourceRanges } from '../../src/policy/source-text.ts';
import type { Exposure, PolicyVerdict } from '../../src/report/report.ts';
import { input, policySource, row } from './sample-row.ts';

/** Few distinct bits, so that prefixes nest and meet often. */
const prefix = fc
  .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 4 }))
  .map(([top, length]) => {
    const bits = length === 0 ? 0 : (top >> (4 - length)) << (4 - length);
    return `${formatAddress(BigInt(bits) << 28n, 'ipv4')}/${length}`;
  });
const ports = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 4 }))
  .map(([from, size]) => ({ from, to: from + size }));
const entry = fc.record({
  list: fc.constantFrom('allow', 'allow', 'expired', 'deny'),
  ports,
  from: fc.option(fc.array(prefix, { minLength: 1, maxLength: 3 }), { nil: undefined }),
});
const exposure = fc.record({
  ports,
  from: fc.option(fc.array(prefix, { minLength: 1, maxLength: 3 }), { nil: undefined }),
});

const holds = (prefixes: readonly string[] | undefined, address: bigint): boolean =>
  prefixes === undefined ||
  prefixes.some((text) => sourceRanges(text).some(([from, to]) => from <= address && address <= to));

it('gives every packet of every row exactly the verdict that the naive reading of the policy gives', () => {
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 8 }),
      fc.array(exposure, { minLength: 1, maxLength: 3 }),
      (entries, rows) => {
        const line = (one: (typeof entries)[number], index: number): string =>
          `  - {port: ${one.ports.from}-${one.ports.to}/tcp, reason: r${index}${one.from === undefined ? '' : `, from: [${one.from.join(', ')}]`}${one.list === 'expired' ? ', expires: 2020-01-01' : ''}}`;
        const lists = (deny: boolean): string =>
          entries.flatMap((one, i) => ((one.list === 'deny') === deny ? [line(one, i)] : [])).join('\n');
        const allow = loadPolicy(
          policySource(`version: 1\nallow:\n${lists(false) || '  []'}`),
          () => '',
        ).policy!;
        // Loaded apart, for a file with overlapping allow and deny is refused.
        const deny = loadPolicy(
          policySource(`version: 1\ndeny:\n${lists(true) || '  []'}`),
          () => '',
        ).policy!;
        const exposures: Exposure[] = rows.map((one) =>
          row({
            ports: one.ports,
            from: [one.from === undefined ? {} : { sources: one.from }],
            witness: {
              source: (one.from?.[0] ?? '198.51.100.7').replace(/\/.*/, ''),
              destination: '192.0.2.1',
              destinationPort: one.ports.from,
            },
          }),
        );
        const { exposures: judged } = judge(exposures, { ...allow, deny: deny.deny }, '2026-01-01', [
          input(),
        ]);

        const naive = (port: number, address: bigint): PolicyVerdict['verdict'] => {
          const covers = (list: string): boolean =>
            entries.some(
              (one) =>
                one.list === list &&
                one.ports.from <= port &&
                port <= one.ports.to &&
                holds(one.from, address),
            );
          return covers('deny')
            ? 'forbidden'
            : covers('allow')
              ? 'justified'
              : covers('expired')
                ? 'expired'
                : 'unlisted';
        };
        for (let port = 1; port <= 14; port++)
          for (let top = 0n; top < 16n; top++) {
            const address = (top << 28n) + 5n;
            const inRow = (one: Exposure): boolean =>
              one.ports!.from <= port &&
              port <= one.ports!.to &&
              one.from.some(({ sources }) => holds(sources, address));
            expect(judged.filter(inRow).map(({ policy }) => policy!.verdict)).toEqual(
              exposures.filter(inRow).map(() => naive(port, address)),
            );
          }
        for (const one of judged) {
          expect(
            holds(
              one.from.flatMap(({ sources }) => sources ?? ['0.0.0.0/0']),
              parsePrefix(one.witness.source)!.range[0],
            ),
          ).toBe(true);
          expect(one.witness.destinationPort).toBeGreaterThanOrEqual(one.ports!.from);
          expect(one.witness.destinationPort).toBeLessThanOrEqual(one.ports!.to);
        }
      },
    ),
    { numRuns: 100 },
  );
});

it('writes a range as the fewest prefixes that cover it exactly', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 4096n), fc.bigInt(0n, 4096n), (a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      const ranges = prefixesOf([from, to], 'ipv4').map((text) => parsePrefix(text)!.range);
      expect(ranges[0]![0]).toBe(from);
      expect(ranges[ranges.length - 1]![1]).toBe(to);
      ranges.forEach(([start], i) => {
        if (i > 0) expect(start).toBe(ranges[i - 1]![1] + 1n);
      });
    }),
  );
  expect(prefixesOf([0n, (1n << 128n) - 1n], 'ipv6')).toEqual(['::/0']);
  expect(prefixesOf([1n, 6n], 'ipv4')).toEqual(['0.0.0.1', '0.0.0.2/31', '0.0.0.4/31', '0.0.0.6']);
});

it('takes masked addresses apart', () => {
  expect(sourceRanges('10.0.0.4/255.0.0.254').length).toBe(65_536);
  expect(sourceRanges('10.0.0.1/255.255.253.255').map(([from]) => formatAddress(from, 'ipv4'))).toEqual([
    '10.0.0.1',
    '10.0.2.1',
  ]);
});

it('matches globs as a shell would, and folders with all they hold', () => {
  const table: readonly [string, string, boolean][] = [
    ['hosts/edge-*', 'hosts/edge-1.rules', true],
    ['hosts/edge-*', 'hosts/edge-1/rules.v4', true],
    ['hosts/edge-*', 'other/hosts/edge-1', false],
    ['hosts/edge-*', 'hosts/db-1', false],
    ['*', 'rules.v4', true],
    ['**/rules.v4', 'a/b/rules.v4', true],
    ['**/rules.v4', 'rules.v4', true],
    ['a/**/z', 'a/z', true],
    ['./a/{b,c}.[rt]*', 'a/c.rules', true],
    ['a/{b,c}.[!rt]*', 'a/c.rules', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
  ];
  for (const [glob, path, expected] of table)
    expect([glob, path, globMatches(glob, path)]).toEqual([glob, path, expected]);
  const started = performance.now();
  expect(globMatches(`${'a*'.repeat(2000)}b`, 'a'.repeat(4000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(2000);
});
