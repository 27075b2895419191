import { fc } from '../property-testing.ts';
import { describe, expect, it } from 'vitest';
import { type Node, TRUE } from '../../src/packets/bdd.ts';
import { DecisionList, DecisionLists } from '../../src/packets/decision-list.ts';
import { doHere } from '../../src/packets/list-work.ts';
import { PacketSpace } from '../../src/packets/packet-space.ts';
import { PortKeys } from '../../src/packets/port-keys.ts';
import { Tests } from '../../src/packets/tests.ts';

interface Entry {
  readonly protocol?: number | undefined;
  readonly ports?: readonly [number, number] | undefined;
  readonly source?: readonly [value: number, bits: number] | undefined;
  readonly destination?: readonly [value: number, bits: number] | undefined;
  readonly outcome: number;
}

interface Packet {
  readonly protocol: number;
  readonly port: number;
  readonly source: number;
  readonly destination: number;
}

const anyNetwork = fc.option(fc.tuple(fc.constantFrom(10, 11, 138), fc.constantFrom(1, 5, 8)), {
  nil: undefined,
});
const anyEntry: fc.Arbitrary<Entry> = fc.record({
  protocol: fc.option(fc.constantFrom(6, 17, 47), { nil: undefined }),
  ports: fc.option(
    fc.constantFrom<readonly [number, number]>([22, 22], [80, 443], [0, 1023], [443, 65535], [0, 65535]),
    { nil: undefined },
  ),
  source: anyNetwork,
  destination: anyNetwork,
  // 9 and 10 share their bit among the leaves that a diagram leads to.
  outcome: fc.constantFrom(1, 2, 3, 9, 10),
});
const anyPacket: fc.Arbitrary<Packet> = fc.record({
  protocol: fc.constantFrom(1, 6, 17, 47, 255),
  port: fc.constantFrom(0, 22, 79, 80, 443, 444, 1023, 1024, 65535),
  source: fc.constantFrom(10, 11, 14, 26, 42, 138, 200).map((first) => first * 2 ** 24 + 5),
  destination: fc.constantFrom(10, 11, 14, 26, 42, 138, 200).map((first) => first * 2 ** 24 + 5),
});

function inNetwork(address: number, network: Entry['source']): boolean {
  if (network === undefined) return true;
  const [first, bits] = network;
  return Math.floor(address / 2 ** (32 - bits)) === Math.floor((first * 2 ** 24) / 2 ** (32 - bits));
}

function matches(entry: Entry, packet: Packet): boolean {
  return (
    (entry.protocol === undefined || entry.protocol === packet.protocol) &&
    (entry.ports === undefined || (packet.port >= entry.ports[0] && packet.port <= entry.ports[1])) &&
    inNetwork(packet.source, entry.source) &&
    inNetwork(packet.destination, entry.destination)
  );
}

function testsOf(space: PacketSpace, tests: Tests, entry: Entry): readonly number[] {
  const found: number[] = [];
  if (entry.protocol !== undefined)
    found.push(space.numberIn('protocol', [[entry.protocol, entry.protocol]]));
  if (entry.ports !== undefined) found.push(space.numberIn('destinationPort', [entry.ports]));
  for (const field of ['source', 'destination'] as const) {
    const network = entry[field];
    if (network !== undefined)
      found.push(tests.prefix(space.levelsOf(field), network[0] * 2 ** 24, network[1]));
  }
  return found;
}

function leafAt(space: PacketSpace, diagram: Node, packet: Packet): Node {
  const values = new Map<number, boolean>();
  const put = (field: Parameters<PacketSpace['levelsOf']>[0], value: number): void => {
    const levels = space.levelsOf(field);
    levels.forEach((level, i) =>
      values.set(level, Math.floor(value / 2 ** (levels.length - 1 - i)) % 2 === 1),
    );
  };
  put('protocol', packet.protocol);
  put('destinationPort', packet.port);
  put('source', packet.source);
  put('destination', packet.destination);
  let at = diagram;
  while (!space.bdd.isLeaf(at))
    at = values.get(space.bdd.levelOf(at)) === true ? space.bdd.highOf(at) : space.bdd.lowOf(at);
  return at;
}

function newSpace(): PacketSpace {
  return new PacketSpace({
    family: 'ipv4',
    order: 'addresses-first',
    names: new Map(),
    fixed: new Map(),
    maxNodes: 1_000_000,
  });
}

describe('a decision list', () => {
  for (const byKeys of [true, false]) {
    it(`gives each packet what its first entry that matches says${byKeys ? '' : ', ports bit by bit'}`, () => {
      fc.assert(
        fc.property(
          fc.array(anyEntry, { maxLength: 12 }),
          fc.array(anyPacket, { minLength: 1, maxLength: 8 }),
          fc.constantFrom<((value: number) => number) | undefined>(
            undefined,
            (value) => (value === 2 ? 0 : value),
            // Leaves that share their bit stay as they are.
            (value) => (value > 8 ? value : value % 2),
          ),
          (entries, packets, becomes) => {
            const space = newSpace();
            const tests = new Tests(space.bdd);
            const all = entries.map((entry) => testsOf(space, tests, entry));
            const keys = new PortKeys(
              space,
              all.flat().filter((test) => !tests.isPrefix(test)),
              byKeys,
            );
            const leaf = (value: number): Node => space.bdd.leaf(value);
            const valueOf = new Map([0, 1, 2, 3, 9, 10].map((value) => [leaf(value), value]));
            const lists = new DecisionLists(space.bdd, leaf(0), keys.total);
            const list = new DecisionList();
            entries.forEach((entry, i) => {
              const onKeys = all[i]!.filter((test) => !tests.isPrefix(test) && keys.looksAtKey(test));
              const below = all[i]!.filter((test) => !onKeys.includes(test));
              for (const cut of keys.cut(onKeys.reduce((a, b) => space.bdd.and(a, b), TRUE)))
                list.add(
                  i,
                  cut.from,
                  cut.to,
                  cut.rest === TRUE ? below : [cut.rest, ...below],
                  leaf(entry.outcome),
                );
            });
            const finish =
              becomes === undefined ? undefined : (at: Node): Node => leaf(becomes(valueOf.get(at)!));
            const diagram = keys.assemble(doHere(lists.building(list, finish)));
            for (const packet of packets) {
              const first = entries.find((entry) => matches(entry, packet));
              const outcome = first?.outcome ?? 0;
              expect(leafAt(space, diagram, packet)).toBe(leaf(becomes?.(outcome) ?? outcome));
            }
          },
        ),
      );
    });
  }

  it('gives each packet what its first entry says where entries come and go from port to port', () => {
    const anyPart = fc.option(fc.tuple(fc.constantFrom(10, 11, 138), fc.constantFrom(2, 6, 7, 8)), {
      nil: undefined,
    });
    const anyOne = fc.record({
      ports: fc
        .tuple(fc.nat(30), fc.constantFrom(0, 1, 5, 40))
        .map(([from, more]): readonly [number, number] => [from, from + more]),
      source: anyPart,
      destination: anyPart,
      outcome: fc.constantFrom(0, 1, 2),
    });
    const octets = [10, 11, 12, 75, 138, 200];
    fc.assert(
      fc.property(fc.array(anyOne, { minLength: 5, maxLength: 40 }), (entries) => {
        const space = newSpace();
        const tests = new Tests(space.bdd);
        const lists = new DecisionLists(space.bdd, space.bdd.leaf(0), 100);
        const list = new DecisionList();
        entries.forEach((entry, i) => {
          const of = { source: entry.source, destination: entry.destination, outcome: entry.outcome };
          list.add(i, ...entry.ports, testsOf(space, tests, of), space.bdd.leaf(entry.outcome));
        });
        const { starts, nodes } = doHere(lists.building(list));
        starts.forEach((port, run) => {
          for (const source of octets) {
            for (const destination of octets) {
              const packet = {
                protocol: 6,
                port,
                source: source * 2 ** 24,
                destination: destination * 2 ** 24,
              };
              // An outcome of 0 leaves the packet to the next entry.
              const first = entries.find((entry) => entry.outcome > 0 && matches(entry, packet));
              expect(leafAt(space, nodes[run]!, packet)).toBe(space.bdd.leaf(first?.outcome ?? 0));
            }
          }
        });
        // Equal lists are equal diagrams, however they were made.
        const last = new DecisionList();
        const inForce = entries.filter(
          ({ ports: [from, to] }) => from <= starts.at(-1)! && to >= starts.at(-1)!,
        );
        inForce.forEach(({ outcome, source, destination }, i) =>
          last.add(
            i,
            0,
            99,
            testsOf(space, tests, { source, destination, outcome }),
            space.bdd.leaf(outcome),
          ),
        );
        expect(doHere(lists.building(last)).nodes).toEqual([nodes.at(-1)]);
      }),
    );
  });

  it('carries diagrams whose variables lie among those of their test', () => {
    const space = newSpace();
    const lists = new DecisionLists(space.bdd, space.bdd.leaf(0), 1);
    const yes = space.bdd.leaf(1);
    const guard = space.addressIn('destination', [[10n << 24n, (11n << 24n) - 1n]]);
    const source = space.addressIn('source', [[10n << 24n, (11n << 24n) - 1n]]);
    const list = new DecisionList();
    list.add(0, 0, 0, [guard], space.bdd.chooseLeaves(source, yes, space.bdd.leaf(0)));
    list.add(1, 0, 0, [], space.bdd.leaf(2));
    const { nodes } = doHere(lists.building(list));
    const packet = { protocol: 6, port: 1, source: 10 * 2 ** 24, destination: 10 * 2 ** 24 };
    expect(leafAt(space, nodes[0]!, packet)).toBe(yes);
    expect(leafAt(space, nodes[0]!, { ...packet, source: 0 })).toBe(space.bdd.leaf(2));
    expect(leafAt(space, nodes[0]!, { ...packet, destination: 0 })).toBe(space.bdd.leaf(2));
  });
});

describe('a prefix test', () => {
  it('is the same set as the node it stands for', () => {
    const space = newSpace();
    const tests = new Tests(space.bdd);
    const levels = space.levelsOf('destination');
    const test = tests.prefix(levels, 192 * 2 ** 24 + 168 * 2 ** 16, 16);
    const start = (192n << 24n) + (168n << 16n);
    expect(tests.node(test)).toBe(space.addressIn('destination', [[start, start + 65535n]]));
    expect(tests.prefix(levels, 5, 0)).toBe(TRUE);
    expect(tests.isPrefix(test)).toBe(true);
    expect(tests.isPrefix(space.numberIn('protocol', [[6, 6]]))).toBe(false);
    expect(tests.prefix(levels, 192 * 2 ** 24 + 168 * 2 ** 16, 16)).toBe(test);
  });
});
