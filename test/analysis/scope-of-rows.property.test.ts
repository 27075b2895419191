import { fc } from '../property-testing.ts';
import { expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { classifySources, type Scope, specialSources } from '../../src/packets/address-scope.ts';
import { parsePrefix } from '../../src/packets/address-text.ts';
import { FALSE, type Node, TRUE } from '../../src/packets/bdd.ts';
import { faceInward } from '../../src/packets/inward-interfaces.ts';
import { PacketSpace } from '../../src/packets/packet-space.ts';
import type { Projection } from '../../src/packets/projection.ts';
import type { Exposure } from '../../src/report/report.ts';

type Family = Exposure['family'];
type Range = readonly [from: bigint, to: bigint];

const networks: Readonly<Record<Family, readonly string[]>> = {
  ipv4: [
    '0.0.0.0/1',
    '128.0.0.0/1',
    '0.0.0.0/7',
    '8.0.0.0/8',
    '10.0.0.0/8',
    '10.1.2.3',
    '172.16.0.0/11',
    '127.0.0.1',
    '203.0.113.0/24',
    '0.0.0.0/0',
  ],
  ipv6: [
    '::/1',
    '8000::/1',
    'fc00::/7',
    'fe80::1',
    '::1',
    '2001:db8::/20',
    '2001:db8::/19',
    '2001:db8::5',
    '::/0',
  ],
};
const interfaces = ['eth0', 'docker0', 'wg+', 'lo'];
const top: Readonly<Record<Family, bigint>> = { ipv4: (1n << 32n) - 1n, ipv6: (1n << 128n) - 1n };

/** `interfacesOf`: one rule of so many names an interface, which decides whether sets ask for it above or below the addresses. */
function anyRule(family: Family, interfacesOf: number): fc.Arbitrary<string> {
  return fc
    .record({
      source: fc.option(fc.tuple(fc.boolean(), fc.constantFrom(...networks[family]))),
      destination: fc.option(fc.constantFrom(...networks[family].slice(0, 6)), { freq: 1 }),
      from: fc.option(fc.tuple(fc.boolean(), fc.constantFrom(...interfaces))),
      names: fc.nat(interfacesOf - 1),
      port: fc.constantFrom('22', '80', '1:100'),
      verdict: fc.constantFrom('ACCEPT', 'ACCEPT', 'DROP'),
    })
    .map(({ source, destination, from, names, port, verdict }) =>
      [
        '-A INPUT',
        ...(source === null ? [] : [`${source[0] ? '! ' : ''}-s ${source[1]}`]),
        ...(destination === null ? [] : [`-d ${destination}`]),
        ...(from === null || names > 0 ? [] : [`${from[0] ? '! ' : ''}-i ${from[1]}`]),
        `-p tcp -m tcp --dport ${port} -j ${verdict}`,
      ].join(' '),
    );
}

function union(ranges: readonly Range[]): readonly Range[] {
  const found: [bigint, bigint][] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const last = found.at(-1);
    if (last !== undefined && from <= last[1] + 1n) last[1] = to > last[1] ? to : last[1];
    else found.push([from, to]);
  }
  return found;
}

function count(ranges: readonly Range[], within: readonly Range[]): number {
  let sum = 0n;
  for (const [from, to] of ranges)
    for (const [low, high] of within) {
      const common = (to < high ? to : high) - (from > low ? from : low) + 1n;
      if (common > 0n) sum += common;
    }
  return Number(sum);
}

/** Counted address by address from the lists that the row writes. */
function scopeOfSome(family: Family, elements: Exposure['from']): Scope {
  const whole: Range = [0n, top[family]];
  const ranges = union(
    elements.flatMap(({ sources }) => sources?.map((text) => parsePrefix(text)!.range) ?? [whole]),
  );
  const special = specialSources(family);
  return classifySources(family, {
    all: ranges.length === 1 && ranges[0]![0] === 0n && ranges[0]![1] === top[family],
    addresses: count(ranges, [whole]),
    private: count(ranges, special.private),
    loopback: count(ranges, special.loopback),
  });
}

/** Names that face inward, one for each pattern of `interfaces` that does. */
const inwardNames = ['docker0', 'wg0'];

function arrivesOn({ inInterfaces = [] }: Exposure['from'][number], name: string): boolean {
  const fits = (pattern: string): boolean =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
  const [no, yes] = [true, false].map((negated) =>
    inInterfaces.filter((pattern) => pattern.startsWith('!') === negated).map((p) => p.replace('!', '')),
  );
  return (yes!.length === 0 || yes!.some(fits)) && !no!.some(fits);
}

const widest: readonly Scope[] = ['internet', 'private', 'specific', 'loopback'];

function scopeByLists({ family, from }: Exposure): Scope {
  const away = from.filter(({ inInterfaces }) => inInterfaces?.every((name) => name === 'lo') !== true);
  if (away.length === 0) return 'loopback';
  const outward = away.filter(({ inInterfaces }) => !faceInward(inInterfaces));
  const inward =
    outward.length === 0 ? away : away.filter((one) => inwardNames.some((name) => arrivesOn(one, name)));
  const scopes = outward.length === 0 ? [] : [scopeOfSome(family, outward)];
  if (inward.length > 0) {
    const scope = scopeOfSome(family, inward);
    scopes.push(scope === 'internet' ? 'private' : scope);
  }
  return widest.find((scope) => scopes.includes(scope))!;
}

test('sources are counted without making their set', () => {
  const prefix = fc
    .tuple(fc.bigInt(0n, top.ipv4), fc.integer({ min: 0, max: 32 }))
    .map(([value, bits]): Range => {
      const free = BigInt(32 - bits);
      const from = (value >> free) << free;
      return [from, from + (1n << free) - 1n];
    });
  const prefixes = fc.array(prefix, { maxLength: 6 }).map(union);
  fc.assert(
    fc.property(prefixes, prefixes, fc.nat(31), (sources, ranges, odd) => {
      const space = new PacketSpace({
        family: 'ipv4',
        order: 'addresses-first',
        names: new Map(),
        fixed: new Map(),
        maxNodes: 1_000_000,
      });
      const { bdd } = space;
      const below = bdd.variable(space.levelsOf('destination')[odd]!);
      const set = bdd.and(space.addressIn('source', sources), below);
      const ofPackets = (filter: Node): Projection =>
        bdd.projection(filter, space.levelsOf('source').at(-1)!);
      const counted = ofPackets(TRUE);
      const size = 2 ** 32;
      const whole: Range = [0n, top.ipv4];
      expect(counted.share(set) * size).toBe(count(sources, [whole]));
      expect(counted.shareWithin(set, space.addressIn('source', ranges)) * size).toBe(count(sources, ranges));
      const none = ofPackets(bdd.not(below));
      expect(counted.sources(set)).toBe(space.addressIn('source', sources));
      expect(none.sources(set)).toBe(FALSE);
      expect(none.share(set)).toBe(0);
      expect(none.shareWithin(set, space.addressIn('source', ranges))).toBe(0);
    }),
  );
});

test('the scope of a row is that of the sources it lists', async () => {
  const met = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc
        .tuple(fc.constantFrom<Family>('ipv4', 'ipv6'), fc.constantFrom(1, 6))
        .chain(([family, interfacesOf]) =>
          fc.tuple(
            fc.constant(family),
            fc.array(anyRule(family, interfacesOf), { minLength: 1, maxLength: 12 }),
          ),
        ),
      async ([family, rules]) => {
        const path = family === 'ipv4' ? 'rules.v4' : 'rules.v6';
        const text = `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n${rules.join('\n')}\nCOMMIT\n`;
        const { exposures, diagnostics } = await audit([{ id: 0, path, text, encoding: 'utf-8' }], {
          loopback: true,
        });
        expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
        for (const row of exposures) {
          met.add(`${family} ${row.scope}`);
          expect([rules, row.from, row.scope]).toEqual([rules, row.from, scopeByLists(row)]);
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(met.size).toBeGreaterThan(6);
});

const scopesOf = async (path: string, ...rules: readonly string[]): Promise<readonly Scope[]> => {
  const text = `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n${rules.join('\n')}\nCOMMIT\n`;
  const { exposures } = await audit([{ id: 0, path, text, encoding: 'utf-8' }]);
  return exposures.map(({ scope }) => scope);
};

test('a few hosts from outside do not make an inner network that comes in any narrower', async () => {
  const vpn = '-A INPUT -i wg0 -p tcp --dport 3306 -j ACCEPT';
  const also = (source: string): string => `-A INPUT -s ${source} -p tcp --dport 3306 -j ACCEPT`;
  expect(await scopesOf('rules.v4', vpn, also('127.0.0.1'))).toEqual(['private']);
  expect(await scopesOf('rules.v4', vpn, also('192.0.2.7'))).toEqual(['private']);
  expect(await scopesOf('rules.v4', also('192.0.2.7'))).toEqual(['specific']);
});

test.each([
  ['rules.v4', '224.0.0.251', 'private'],
  ['rules.v4', '255.255.255.255', 'private'],
  ['rules.v4', '224.0.1.1', 'internet'],
  ['rules.v4', '224.0.0.0/23', 'internet'],
  ['rules.v6', 'fe80::/64', 'private'],
  ['rules.v6', 'ff12::fb', 'private'],
  ['rules.v6', 'ff0e::fb', 'internet'],
])('%s: what is sent to %s may come from %s', async (path, destination, scope) => {
  const rule = `-A INPUT -d ${destination} -p udp --dport 5353 -j ACCEPT`;
  expect(await scopesOf(path, rule)).toEqual([scope]);
  // The inner network gets to more, which the internet does not.
  expect(await scopesOf(path, rule, '-A INPUT -i wg0 -p udp --dport 5353 -j ACCEPT')).toEqual([scope]);
});
