import { fc } from '../property-testing.ts';
import { describe, expect, test } from 'vitest';
import { Bdd, FALSE, type Node, TooComplex, TRUE } from '../../src/packets/bdd.ts';
import { bitsEqual, numberIn, wideIn } from '../../src/packets/field-diagrams.ts';
import { type Interval, normalize } from '../../src/packets/interval.ts';

const WIDTH = 8;
const levels = Array.from({ length: WIDTH }, (_, i) => i);

function newBdd(): Bdd {
  return new Bdd(1e5, 0, [{ first: 0, step: 1, bits: WIDTH }]);
}

/** A random set of bytes, as the intervals that make it up. */
const set = fc
  .array(fc.tuple(fc.nat(255), fc.nat(255)), { maxLength: 5 })
  .map((pairs) => normalize(pairs.map(([a, b]): Interval => [Math.min(a, b), Math.max(a, b)])));

function bytes(values: readonly Interval[]): Set<number> {
  const found = new Set<number>();
  for (const [from, to] of values) for (let n = from; n <= to; n++) found.add(n);
  return found;
}

function members(bdd: Bdd, node: Node): number[] {
  const found: number[] = [];
  for (let n = 0; n < 256; n++)
    if (bdd.holds(node, (level) => ((n >> (WIDTH - 1 - level)) & 1) === 1)) found.push(n);
  return found;
}

describe('binary decision diagrams', () => {
  test('hold exactly the numbers of the intervals they are made of', () => {
    fc.assert(
      fc.property(set, (values) => {
        const bdd = newBdd();
        expect(members(bdd, numberIn(bdd, levels, values, TRUE))).toEqual(
          [...bytes(values)].sort((a, b) => a - b),
        );
      }),
    );
  });

  test('obey the Boolean laws, and equal sets are the same node', () => {
    fc.assert(
      fc.property(set, set, set, (x, y, z) => {
        const bdd = newBdd();
        const [a, b, c] = [x, y, z].map((values) => numberIn(bdd, levels, values, TRUE)) as [
          Node,
          Node,
          Node,
        ];
        expect(bdd.and(a, bdd.or(b, c))).toBe(bdd.or(bdd.and(a, b), bdd.and(a, c)));
        expect(bdd.or(a, bdd.and(b, c))).toBe(bdd.and(bdd.or(a, b), bdd.or(a, c)));
        expect(bdd.not(bdd.and(a, b))).toBe(bdd.or(bdd.not(a), bdd.not(b)));
        expect(bdd.not(bdd.not(a))).toBe(a);
        expect(bdd.diff(a, b)).toBe(bdd.and(a, bdd.not(b)));
        expect(bdd.choose(a, b, c)).toBe(bdd.or(bdd.and(a, b), bdd.and(bdd.not(a), c)));
        expect(bdd.and(a, bdd.not(a))).toBe(FALSE);
        expect(bdd.or(a, bdd.not(a))).toBe(TRUE);
        expect(members(bdd, bdd.diff(a, b))).toEqual(members(bdd, a).filter((n) => !bytes(y).has(n)));
      }),
    );
  });

  test('quantify: exists is the union and forAll the intersection of both cofactors', () => {
    fc.assert(
      fc.property(set, fc.nat(WIDTH - 1), (values, level) => {
        const bdd = newBdd();
        const a = numberIn(bdd, levels, values, TRUE);
        const high = bdd.substitute(a, new Map([[level, TRUE]]));
        const low = bdd.substitute(a, new Map([[level, FALSE]]));
        expect(bdd.exists(a, (l) => l === level)).toBe(bdd.or(low, high));
        expect(bdd.forAll(a, (l) => l === level)).toBe(bdd.and(low, high));
        expect(bdd.support(bdd.exists(a, (l) => l === level))).not.toContain(level);
      }),
    );
  });

  test('substitute reads the number before the change', () => {
    const bdd = newBdd();
    const low = numberIn(bdd, levels, [[0, 127]], TRUE);
    // Flipping the top bit takes 128-255 into 0-127.
    const flipped = bdd.substitute(low, new Map([[0, bdd.node(0, TRUE, FALSE)]]));
    expect(members(bdd, flipped)).toEqual(Array.from({ length: 128 }, (_, i) => i + 128));
  });

  test('masks that are no prefix are exact', () => {
    const bdd = newBdd();
    const odd = bitsEqual(bdd, levels, 0b1000_0001n, 0b0000_0001n, TRUE);
    expect(members(bdd, odd)).toEqual(Array.from({ length: 64 }, (_, i) => 2 * i + 1));
    expect(bitsEqual(bdd, levels, 0b1n, 0b10n, TRUE)).toBe(FALSE);
  });

  test('wide fields take ranges at their ends', () => {
    const bdd = new Bdd(
      1e6,
      0,
      [0, 32, 64, 96].map((first) => ({ first, step: 1, bits: 32 })),
    );
    const wide = Array.from({ length: 128 }, (_, i) => i);
    const top = (1n << 128n) - 1n;
    expect(wideIn(bdd, wide, [[0n, top]], TRUE)).toBe(TRUE);
    const last = wideIn(bdd, wide, [[top, top]], TRUE);
    expect(bdd.holds(last, () => true)).toBe(true);
    expect(bdd.holds(last, (level) => level !== 127)).toBe(false);
  });

  test('growing beyond the ceiling is an error of its own kind', () => {
    const bdd = new Bdd(100, 0, [{ first: 0, step: 1, bits: WIDTH }]);
    expect(() => {
      for (let i = 0; i < 256; i += 2) numberIn(bdd, levels, [[0, i]], TRUE);
    }).toThrow(TooComplex);
  });
});
