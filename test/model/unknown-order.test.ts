import { describe, expect, it } from 'vitest';
import { withUnknownOrder } from '../../src/model/unknown-order.ts';
import type { Chain, Stage } from '../../src/model/firewall.ts';
import type { Match } from '../../src/model/match.ts';
import { createQuery, type QueryPacket } from '../../src/query.ts';

const legacy = '*nat\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp -j REDIRECT\nCOMMIT\n';
const nat = (priority: number, rule: string): string =>
  `table ip t {\n  chain c {\n    type nat hook prerouting priority ${String(priority)}; policy accept;\n    ${rule}\n  }\n  chain i {\n    type filter hook input priority 0; policy accept;\n    ct state new counter\n  }\n}\n`;
const syn: QueryPacket = {
  protocol: 'tcp',
  source: '198.51.100.9',
  sourcePort: 40000,
  destination: '10.0.0.1',
  destinationPort: 80,
  inInterface: 'eth0',
};

async function verdict(...texts: readonly string[]): Promise<string> {
  const sources = texts.map((text, id) => ({
    id,
    path: text.startsWith('*') ? `rules${String(id)}.v4` : `rules${String(id)}.nft`,
    text,
    encoding: 'utf-8' as const,
  }));
  const localAddresses = [
    { interface: 'eth0', family: 'ipv4', range: [0x0a000001n, 0x0a000001n] as const } as const,
  ];
  return (await createQuery(sources, { host: true, localAddresses })).query(syn).verdict;
}

// Each was asked of a kernel; of a tie both answers came, as the one or the other ruleset had been loaded last.
describe('chains of several exports of one host', () => {
  it.each([
    ['after', -90, 'drop', 'allow'],
    ['before', -110, 'drop', 'deny'],
    ['somewhere beside', -100, 'drop', 'conditional'],
    ['somewhere beside', -100, 'tcp dport 81 drop', 'allow'],
  ])('a nat chain %s the nat table of iptables: priority %d, %s', async (_, priority, rule, expected) => {
    expect(await verdict(legacy, nat(priority, rule))).toBe(expected);
    expect(await verdict(nat(priority, rule), legacy)).toBe(expected);
  });

  it('marks of two mangle chains', async () => {
    const mangle = '*mangle\n:PREROUTING ACCEPT\n-A PREROUTING -j MARK --set-mark 1\nCOMMIT\n';
    const marks = (priority: string): string =>
      `table ip t {\n  chain c {\n    type filter hook prerouting priority ${priority};\n    meta mark set 2\n  }\n  chain i {\n    type filter hook input priority 0; policy drop;\n    meta mark 2 accept\n  }\n}\n`;
    expect(await verdict(mangle, marks('mangle'))).toBe('conditional');
    expect(await verdict(mangle, marks('mangle + 1'))).toBe('allow');
    expect(await verdict(mangle, marks('mangle - 1'))).toBe('deny');
  });

  it('verdicts alone need no order', async () => {
    const filter = '*filter\n:INPUT DROP\n-A INPUT -p tcp --dport 80 -j ACCEPT\nCOMMIT\n';
    expect(await verdict(filter, nat(-100, 'accept'))).toBe('allow');
  });
});

describe('every order of three that tie', () => {
  const names = ['a', 'b', 'c'];
  const chains = new Map(
    names.map((id): [string, Chain] => [
      id,
      {
        id,
        name: id,
        order: 'first-match',
        fallthrough: { kind: 'accept' },
        rules: [
          {
            id: 0,
            span: { source: 0, start: 0, end: 0 },
            match: { kind: 'all' },
            action: {
              kind: 'change',
              changes: [{ kind: 'bits', field: 'mark', and: 0, xor: 1 }],
              then: 'continue',
            },
            enabled: true,
          },
        ],
      },
    ]),
  );
  const stages = names.map((name): Stage => ({
    name,
    hook: 'prerouting',
    priority: -150,
    chain: name,
    kind: 'filter',
  }));

  it('is possible, and in each a packet meets each of them once', () => {
    const placed = withUnknownOrder(
      stages.map((stage) => [stage]),
      chains,
    );
    const keys = [...new Set(placed.flatMap(({ guard }) => keysOf(guard)))];
    const orders = new Set<string>();
    for (let i = 0; i < 2 ** keys.length; i++) {
      const answers = new Set(keys.filter((_, bit) => (i >> bit) & 1));
      const met = placed.filter(({ guard }) => holds(guard, answers)).map(({ name }) => name);
      expect(met.toSorted()).toEqual(names);
      orders.add(met.join(''));
    }
    expect([...orders].toSorted()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  });
});

function keysOf(match: Match | undefined): string[] {
  if (match?.kind === 'and') return match.of.flatMap(keysOf);
  if (match?.kind === 'not') return keysOf(match.of);
  return match?.kind === 'unknown' ? [match.key] : [];
}

/** Whether a guard holds where these of its questions are answered with yes. */
function holds(match: Match | undefined, yes: ReadonlySet<string>): boolean {
  if (match === undefined || match.kind === 'all') return true;
  if (match.kind === 'and') return match.of.every((part) => holds(part, yes));
  if (match.kind === 'not') return !holds(match.of, yes);
  if (match.kind === 'unknown') return yes.has(match.key);
  throw new Error(`a guard of kind ${match.kind}`);
}
