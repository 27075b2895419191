import { fc } from '../property-testing.ts';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/analysis/evaluate.ts';
import { interpret } from '../../src/analysis/interpret.ts';
import type { Packet } from '../../src/analysis/packet.ts';
import { packetBits } from '../../src/analysis/packet-bits.ts';
import { rowsOf } from '../../src/analysis/rows.ts';
import type { Chain, EntryPoint, Firewall, Rule } from '../../src/model/firewall.ts';
import { and, type Match, NetworkTest, not } from '../../src/model/match.ts';

/** Chains of so many rules are built in blocks, see `ChainDiagrams`; blocks end at 512. */
const RULES = 1800;
const PACKETS = 120;

type Draw = (below: number) => number;

/** Numbers below a bound, always the same of one seed (xorshift32, Marsaglia 2003). */
function drawing(seed: number): Draw {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const ports = [22, 53, 80, 443, 8080, 9200];

function network(draw: Draw, field: 'source' | 'destination', lengths: readonly number[]): NetworkTest {
  const bits = lengths[draw(lengths.length)]!;
  const address = ((10 + draw(3)) << 24) | (draw(16) << 16) | (draw(16) << 12) | draw(256);
  return new NetworkTest(field, address & (-1 << (32 - bits)), bits);
}

/** What rules of large files ask for, in the combinations that lists are sorted by; few of them for much of all traffic. */
function match(draw: Draw): Match {
  const parts: Match[] = [];
  const kind = draw(10);
  if (kind > 0) parts.push(number('protocol', draw(4) === 0 ? 17 : 6));
  if (kind > 2 && kind < 8) parts.push(number('destinationPort', ports[draw(ports.length)]!));
  else if (kind === 8) {
    const from = 1024 + draw(60000);
    parts.push(number('destinationPort', from, from + draw(2000)));
  }
  const lengths = kind < 3 ? [28, 32] : [22, 24, 28, 32];
  const sides = draw(16);
  if (sides !== 1) {
    const source = network(draw, 'source', lengths);
    parts.push(kind > 2 && draw(500) === 0 ? not(source) : source);
  }
  if (sides < 4) parts.push(network(draw, 'destination', lengths));
  if (draw(40) === 0)
    parts.push({ kind: 'name', field: 'inInterface', name: `eth${draw(3)}`, prefix: false });
  if (draw(40) === 0) parts.push({ kind: 'name', field: 'program', name: `svc${draw(4)}`, prefix: false });
  if (draw(200) === 0)
    parts.push({
      kind: 'unknown',
      scope: 'packet',
      key: 'profile',
      reason: 'something that the file cannot tell',
    });
  return and(...parts);
}

function number(field: 'protocol' | 'destinationPort', from: number, to = from): Match {
  return { kind: 'number', field, values: [[from, Math.min(to, 65535)]] };
}

interface Built {
  readonly firewall: Firewall;
  readonly entry: EntryPoint;
  readonly draw: Draw;
}

/** One chain of many rules, which calls another of as many now and then. */
function built(seed: number, order: Chain['order']): Built {
  const draw = drawing(seed);
  let id = 0;
  const span = { source: 0, start: 0, end: 0 };
  const rule = (action: Rule['action']): Rule => ({
    id: id++,
    span,
    match: match(draw),
    action,
    enabled: true,
    ...(order === 'last-match' ? { quick: draw(2) === 0 } : {}),
  });
  const rules = (many: number, callee: string | undefined): Rule[] => {
    const list: Rule[] = [];
    while (list.length < many) {
      // Stretches of one verdict, some of them longer than a block.
      const length = 1 + draw([3, 40, many][draw(3)]!);
      const kind = draw(2) === 0 ? 'accept' : 'drop';
      for (let i = 0; i < length; i++) list.push(rule({ kind }));
      if (callee !== undefined && draw(8) === 0) list.push(rule({ kind: 'jump', chain: callee }));
      if (order === 'first-match' && draw(4) === 0) list.push(rule({ kind: 'return' }));
    }
    return list;
  };
  const calls = order !== 'block-wins';
  const chains: Chain[] = [
    {
      id: 'main',
      name: 'main',
      order,
      rules: rules(RULES, calls ? 'called' : undefined),
      fallthrough: { kind: 'drop' },
    },
    ...(calls
      ? [
          {
            id: 'called',
            name: 'called',
            order,
            rules: rules(RULES / 3, undefined),
            fallthrough: { kind: 'return' as const },
          },
        ]
      : []),
  ];
  const entry: EntryPoint = {
    direction: 'in',
    family: 'ipv4',
    stages: [{ name: 'filter', hook: 'input', priority: 0, chain: 'main', kind: 'filter' }],
  };
  const firewall: Firewall = {
    format: 'windows',
    dialect: 'test',
    entries: [entry],
    chains: new Map(chains.map((chain) => [chain.id, chain])),
    sets: new Map(),
    assumptions: [],
  };
  return { firewall, entry, draw };
}

/** With the values of some rule, one of them now and then moved by one, so that edges are met. */
function packetFor({ firewall, draw }: Built): Packet {
  const chains = [...firewall.chains.values()];
  const { rules } = chains[draw(chains.length)]!;
  const near = rules[draw(rules.length)]!.match;
  const parts = near.kind === 'and' ? near.of : [near];
  const moved = (): number => (draw(6) === 0 ? draw(3) - 1 : 0);
  let [source, destination] = [0x0a000000 + draw(2 ** 26), 0x0a000000 + draw(2 ** 26)];
  let [protocol, port] = [[1, 6, 17, 47][draw(4)]!, ports[draw(ports.length)]!];
  for (const part of parts) {
    if (part instanceof NetworkTest) {
      const address = ((part.lowest >>> 0) + draw(2 ** (32 - part.bits)) + moved()) >>> 0;
      if (part.field === 'source') source = address;
      else destination = address;
    } else if (part.kind === 'number') {
      const [from, to] = part.values[0]!;
      if (part.field === 'protocol') protocol = from;
      else port = [from, to, to + 1][draw(3)]!;
    }
  }
  return {
    family: 'ipv4',
    protocol,
    source: BigInt(source),
    destination: BigInt(destination),
    sourcePort: 40000,
    destinationPort: Math.min(port, 65535),
    tcpFlags: 2,
    state: 'new',
    names: { inInterface: `eth${draw(4)}`, program: `svc${draw(5)}` },
  };
}

describe('chains of thousands of rules', () => {
  for (const order of ['first-match', 'last-match', 'block-wins'] as const) {
    test(`${order}: each packet gets what its rules say, and so do the leading rules of rows`, () => {
      let accepted = 0;
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => {
          const made = built(seed, order);
          const { firewall, entry } = made;
          const evaluation = evaluate(firewall, entry, {
            state: 'new',
            tcpFlags: 2,
            hostAddresses: [],
            maxNodes: 8e6,
          });
          const { bdd, questionBase } = evaluation.space;
          for (let i = 0; i < PACKETS; i++) {
            const packet = packetFor(made);
            const bits = packetBits(evaluation.space, packet);
            for (const answer of [false, true]) {
              const walked = interpret(firewall, entry, packet, {
                oracle: { packet: () => answer, visit: () => answer, pick: (_rule, from) => from },
                hostAddresses: [],
                markIsTracked: false,
              });
              const lets = bdd.holds(evaluation.accepted, (level) =>
                level >= questionBase ? answer : bits(level),
              );
              expect(lets).toBe(walked.verdict === 'accept');
              if (!lets) continue;
              accepted++;
              const leading = evaluation.leadingOne((level) =>
                level >= questionBase ? answer : bits(level),
              );
              expect(leading?.rule?.id).toBe(walked.path.at(-1)?.rule?.id);
            }
          }
          for (const row of rowsOf(evaluation).slice(0, 50)) {
            expect(row.leading()?.rule?.action.kind).toBe('accept');
          }
        }),
        { numRuns: 2 },
      );
      expect(accepted).toBeGreaterThan(10);
    });
  }
});
