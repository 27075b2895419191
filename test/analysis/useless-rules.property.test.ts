import { fc } from '../property-testing.ts';
import { describe, expect, test } from 'vitest';
import { interpret, type Interpretation } from '../../src/analysis/interpret.ts';
import { markIsTracked } from '../../src/analysis/mark-is-tracked.ts';
import type { Packet } from '../../src/analysis/packet.ts';
import { uselessRules } from '../../src/analysis/useless-rules.ts';
import type { Action } from '../../src/model/action.ts';
import type { Chain, EntryPoint, Firewall, Rule } from '../../src/model/firewall.ts';
import { all, and, type Match } from '../../src/model/match.ts';
import { randomFirewall, randomPacket } from './random-firewall.ts';

/** Each rule written in a place of its own, as in a file. */
function written(firewall: Firewall): Firewall {
  return {
    ...firewall,
    chains: new Map(
      [...firewall.chains].map(([id, chain]) => [
        id,
        {
          ...chain,
          rules: chain.rules.map((rule) => ({
            ...rule,
            span: { source: 0, start: rule.id * 10, end: rule.id * 10 + 5 },
          })),
        },
      ]),
    ),
  };
}

function without(firewall: Firewall, ids: ReadonlySet<number>): Firewall {
  return {
    ...firewall,
    chains: new Map(
      [...firewall.chains].map(([id, chain]) => [
        id,
        { ...chain, rules: chain.rules.filter((rule) => !ids.has(rule.id)) },
      ]),
    ),
  };
}

/** Every question has an answer of its own, the same each time the same one is asked. */
function answerTo(question: string, seed: number): boolean {
  let hash = seed | 0;
  for (let i = 0; i < question.length; i++) hash = Math.imul(hash ^ question.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 13)) & 1) === 1;
}

function walk(
  firewall: Firewall,
  entry: EntryPoint,
  packet: Packet,
  seed: number,
  tracked: boolean,
): Interpretation {
  return interpret(firewall, entry, packet, {
    oracle: {
      packet: (key) => answerTo(key, seed),
      visit: (rule, reason, visit) => answerTo(`${rule} ${reason} ${visit}`, seed),
      pick: (rule, from, to, visit) => (answerTo(`pick ${rule} ${visit}`, seed) ? to : from),
    },
    hostAddresses: [],
    markIsTracked: tracked,
  });
}

describe('rules that are called useless', () => {
  test('can be deleted, one by one and all together, and no packet ends otherwise', () => {
    const kinds = new Map<string, number>();
    fc.assert(
      fc.property(
        randomFirewall,
        fc.array(randomPacket, { minLength: 40, maxLength: 40 }),
        fc.integer(),
        (random, packets, seed) => {
          const { entry } = random;
          const firewall = written(random.firewall);
          const tracked = markIsTracked(firewall, entry);
          const { rules } = uselessRules(firewall, 1e6);
          const ids = rules.map((one) => one.rules.map(({ id }) => id));
          for (const { kind } of rules) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
          for (const gone of [ids.flat(), ...ids]) {
            if (gone.length === 0) continue;
            const left = without(firewall, new Set(gone));
            for (const packet of packets) {
              const was = walk(firewall, entry, packet, seed, tracked);
              expect(walk(left, entry, packet, seed, tracked).action).toBe(was.action);
            }
          }
        },
      ),
      { numRuns: 400 },
    );
    // The property says nothing about rule sets without any such rule.
    expect([...kinds.keys()].sort()).toEqual(['dead', 'redundant', 'shadowed']);
    for (const count of kinds.values()) expect(count).toBeGreaterThan(50);
  });

  test('are all there are, where nothing is open and no packet changes', () => {
    fc.assert(
      fc.property(plainFirewall, ({ firewall, entry }) => {
        const { rules } = uselessRules(firewall, 1e6);
        const useless = rules.flatMap((one) => one.rules.map(({ id }) => id));
        fc.pre(useless.length <= 6);
        const ends = (gone: readonly number[]): string =>
          everyPacket
            .map((packet) => walk(without(firewall, new Set(gone)), entry, packet, 0, false).action)
            .join(' ');
        const was = ends([]);
        const some = subsets(useless);
        // Any of them can go …
        for (const gone of some) expect(ends(gone)).toBe(was);
        // … and no other rule can, whatever of them is gone.
        for (const { rules: list } of firewall.chains.values()) {
          for (const { id, action } of list) {
            if (action.kind === 'jump' || useless.includes(id)) continue;
            const could = some.every((gone) => ends([...gone, id]) === was);
            expect(could, `rule ${id} could go too`).toBe(false);
          }
        }
        for (const one of rules) {
          if (one.kind !== 'dead' && one.kind !== 'shadowed') continue;
          const [rule] = one.rules;
          const decided = everyPacket.some((packet) =>
            walk(firewall, entry, packet, 0, false).path.some((step) => step.rule === rule),
          );
          expect(decided, `rule ${rule!.id} decides something`).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function subsets(ids: readonly number[]): readonly (readonly number[])[] {
  return ids.reduce<readonly (readonly number[])[]>(
    (found, id) => [...found, ...found.map((one) => [...one, id])],
    [[]],
  );
}

/** Two ports and two sources make every packet there is for these rules. */
const fields: fc.Arbitrary<Match> = fc.oneof(
  fc.constant<Match>(all),
  fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })).map(([a, b]): Match => ({
    kind: 'number',
    field: 'destinationPort',
    values: [[Math.min(a, b), Math.max(a, b)]],
  })),
  fc.constantFrom(6, 17).map((p): Match => ({ kind: 'number', field: 'protocol', values: [[p, p]] })),
  fc
    .constantFrom(0x0a000000n, 0x0a000001n, 0x0a000002n)
    .map((a): Match => ({ kind: 'address', field: 'source', family: 'ipv4', ranges: [[a, a]] })),
);

const everyPacket: readonly Packet[] = [6, 17, 1].flatMap((protocol) =>
  [0, 1, 2, 3, 4, 5, 6].flatMap((destinationPort) =>
    [0x0a000000n, 0x0a000001n, 0x0a000002n, 0x0b000000n].map((source) => ({
      family: 'ipv4' as const,
      protocol,
      source,
      destination: 0n,
      sourcePort: 0,
      destinationPort,
      tcpFlags: 2,
      state: 'new' as const,
      names: { inInterface: 'eth0' },
    })),
  ),
);

/** One filter stage, of each order of evaluation, with a chain that it calls once at the most. */
const plainFirewall = fc
  .record({
    order: fc.constantFrom('first-match' as const, 'last-match' as const, 'block-wins' as const),
    policy: fc.constantFrom<Action>({ kind: 'accept' }, { kind: 'drop' }),
    main: fc.array(
      fc.tuple(fields, fields, fc.constantFrom('accept', 'drop', 'reject', 'jump'), fc.boolean()),
      {
        maxLength: 7,
      },
    ),
    inner: fc.array(
      fc.tuple(fields, fields, fc.constantFrom('accept', 'drop', 'reject', 'return'), fc.boolean()),
      { maxLength: 4 },
    ),
  })
  .map(({ order, policy, main, inner }) => {
    let id = 0;
    let called = order !== 'first-match';
    const rule = ([a, b, kind, quick]: (typeof main)[number] | (typeof inner)[number]): Rule => {
      const jumps = kind === 'jump' && !called;
      called ||= jumps;
      const verdict = { kind: kind === 'jump' ? 'drop' : kind } as Action;
      id++;
      return {
        id,
        span: { source: 0, start: id * 10, end: id * 10 + 5 },
        match: and(a, b),
        action: jumps ? { kind: 'jump', chain: 'inner' } : verdict,
        enabled: true,
        quick,
      };
    };
    const rules = main.map(rule);
    const chains: readonly Chain[] = [
      { id: 'main', name: 'main', order, rules, fallthrough: policy },
      {
        id: 'inner',
        name: 'inner',
        order: 'first-match',
        rules: inner.map(rule),
        fallthrough: { kind: 'return' },
      },
    ];
    const entry: EntryPoint = {
      direction: 'in',
      family: 'ipv4',
      stages: [{ name: 'filter', hook: 'input', priority: 0, chain: 'main', kind: 'filter' }],
    };
    const firewall: Firewall = {
      format: 'iptables',
      dialect: 'test',
      entries: [entry],
      chains: new Map(chains.map((chain) => [chain.id, chain])),
      sets: new Map(),
      assumptions: [],
    };
    return { firewall, entry };
  });
