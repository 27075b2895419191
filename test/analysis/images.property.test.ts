import { fc } from '../property-testing.ts';
import { expect, it } from 'vitest';
import { Images } from '../../src/analysis/images.ts';
import { Substitutions } from '../../src/analysis/substitution.ts';
import { FALSE, type Node, TRUE } from '../../src/packets/bdd.ts';
import { PacketSpace } from '../../src/packets/packet-space.ts';

const width = 4;
const values = Array.from({ length: 1 << width }, (_, value) => value);

type Bit =
  | { readonly kind: 'keep' }
  | { readonly kind: 'flip' }
  | { readonly kind: 'set'; readonly to: boolean }
  /** The value of a bit that stays as it is. */
  | { readonly kind: 'copy'; readonly of: number };

const bit: fc.Arbitrary<Bit> = fc.oneof(
  fc.constant({ kind: 'keep' } as const),
  fc.constant({ kind: 'flip' } as const),
  fc.record({ kind: fc.constant('set' as const), to: fc.boolean() }),
  fc.record({ kind: fc.constant('copy' as const), of: fc.nat(width - 1) }),
);

it('where packets are after a change: every place that one comes to, and no other', () => {
  const space = new PacketSpace({
    family: 'ipv4',
    order: 'names-first',
    names: new Map(),
    fixed: new Map(),
    maxNodes: 1_000_000,
    expectedNodes: 1000,
  });
  const { bdd } = space;
  const levels = space.levelsOf('mark').slice(-width);
  const substitutions = new Substitutions(space);
  const images = new Images(space);
  const holds = (set: Node, value: number): boolean =>
    bdd.substitute(set, new Map(levels.map((level, i) => [level, (value >> i) & 1 ? TRUE : FALSE]))) === TRUE;
  const cube = (value: number): Node =>
    levels.reduce(
      (set, level, i) => bdd.and(set, (value >> i) & 1 ? bdd.variable(level) : bdd.not(bdd.variable(level))),
      TRUE,
    );

  fc.assert(
    fc.property(
      fc.array(bit, { minLength: width, maxLength: width }),
      fc.subarray(values),
      (drawn, inside) => {
        // A copy of a bit that does not stay is what the class leaves open; it is taken for one that stays.
        const bits = drawn.map((one): Bit =>
          one.kind === 'copy' && drawn[one.of]!.kind !== 'keep' ? { kind: 'keep' } : one,
        );
        const after = (value: number): number =>
          bits.reduce((result, one, i) => {
            const old = (value >> i) & 1;
            const now =
              one.kind === 'keep'
                ? old
                : one.kind === 'flip'
                  ? 1 - old
                  : one.kind === 'set'
                    ? Number(one.to)
                    : (value >> one.of) & 1;
            return result | (now << i);
          }, 0);
        const change = substitutions.of(
          new Map(
            bits.map((one, i) => {
              const own = bdd.variable(levels[i]!);
              const node =
                one.kind === 'keep'
                  ? own
                  : one.kind === 'flip'
                    ? bdd.not(own)
                    : one.kind === 'set'
                      ? one.to
                        ? TRUE
                        : FALSE
                      : bdd.variable(levels[one.of]!);
              return [levels[i]!, node] as const;
            }),
          ),
        );
        const set = bdd.orAll(inside.map(cube));
        const image = images.of(change, set);
        expect(values.filter((value) => holds(image, value))).toEqual(
          [...new Set(inside.map(after))].sort((a, b) => a - b),
        );
      },
    ),
  );
});
