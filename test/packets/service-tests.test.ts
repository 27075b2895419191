import { describe, expect, test } from 'vitest';
import { type Node, TRUE } from '../../src/packets/bdd.ts';
import { normalize } from '../../src/packets/interval.ts';
import { PacketSpace } from '../../src/packets/packet-space.ts';
import { PortKeys } from '../../src/packets/port-keys.ts';
import { PacketBits, Tests } from '../../src/packets/tests.ts';
import { fc } from '../property-testing.ts';

const port = fc.oneof(fc.constantFrom(0, 1, 22, 23, 1023, 65534, 65535), fc.nat(65535));
const anyPorts = fc
  .array(
    fc.tuple(port, port).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
    { minLength: 1, maxLength: 5 },
  )
  .map(normalize);
const anyProtocols = fc.option(fc.uniqueArray(fc.constantFrom(6, 17, 132), { minLength: 1 }), {
  nil: undefined,
});

function newSpace(): PacketSpace {
  return new PacketSpace({
    family: 'ipv4',
    order: 'addresses-first',
    names: new Map(),
    fixed: new Map(),
    maxNodes: 1_000_000,
  });
}

describe('a test of ports', () => {
  for (const byKeys of [true, false]) {
    test(`with what stands before it is the set that both are${byKeys ? '' : ', ports bit by bit'}`, () => {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(anyProtocols, anyPorts, fc.boolean()), { minLength: 1, maxLength: 6 }),
          fc.array(fc.tuple(fc.constantFrom(1, 6, 17, 132), port), { minLength: 1, maxLength: 8 }),
          (all, packets) => {
            const space = newSpace();
            const { bdd } = space;
            const tests = new Tests(bdd);
            const levels = space.levelsOf('destinationPort');
            const network = tests.prefix(space.levelsOf('source'), 10 * 2 ** 24, 8);
            const protocolNodes = all.map(([protocols]) =>
              protocols === undefined
                ? TRUE
                : space.numberIn('protocol', normalize(protocols.map((one) => [one, one] as const))),
            );
            const keys = new PortKeys(space, protocolNodes, byKeys);
            all.forEach(([, ports, hasNetwork], i) => {
              const before = protocolNodes[i] === TRUE ? [] : [protocolNodes[i]!];
              const below = hasNetwork ? [network] : [];
              const node: Node = bdd.and(protocolNodes[i]!, space.numberIn('destinationPort', ports));
              const [onKeys, others] = keys.separated(
                [...before, tests.ports(levels, ports), ...below],
                tests,
              );
              if (byKeys) {
                expect(keys.cut(onKeys)).toEqual(keys.cut(node));
                expect(tests.node(onKeys)).toBe(node);
                expect(others).toEqual(below);
              } else {
                expect(others.map((one) => tests.node(one)).reduce((a, b) => bdd.and(a, b))).toBe(
                  below.map((one) => tests.node(one)).reduce((a, b) => bdd.and(a, b), node),
                );
                expect(others.some((one) => tests.isService(one))).toBe(false);
              }
              for (const [protocol, to] of packets) {
                const values = new Map<number, boolean>();
                space
                  .levelsOf('protocol')
                  .forEach((level, bit) => values.set(level, ((protocol >> (7 - bit)) & 1) === 1));
                levels.forEach((level, bit) => values.set(level, ((to >> (15 - bit)) & 1) === 1));
                const valueOf = (level: number): boolean => values.get(level) === true;
                if (byKeys)
                  expect(tests.holds(onKeys, new PacketBits(valueOf))).toBe(bdd.holds(node, valueOf));
              }
            });
          },
        ),
      );
    });
  }

  test('is the same for the same ports', () => {
    const space = newSpace();
    const tests = new Tests(space.bdd);
    const levels = space.levelsOf('destinationPort');
    expect(tests.ports(levels, [[1, 2]])).toBe(tests.ports(levels, [[1, 2]]));
    expect(tests.ports(levels, [[1, 2]])).not.toBe(
      tests.ports(levels, [
        [1, 2],
        [4, 4],
      ]),
    );
  });
});
