import { describe, expect, it } from 'vitest';
import { Bdd, FALSE, type Node, type Stretch, TRUE } from '../../src/packets/bdd.ts';
import { DecisionList, DecisionLists } from '../../src/packets/decision-list.ts';
import { doHere } from '../../src/packets/list-work.ts';
import { intersects } from '../../src/packets/intersects.ts';
import { isCube, restricted } from '../../src/packets/restricted.ts';
import { fc } from '../property-testing.ts';

const WIDTH = 6;
const SIZE = 2 ** WIDTH;

/** Ways to put six variables into stretches: none, one, two in a row, two in turns, and some that are of none. */
const layouts: readonly (readonly Stretch[])[] = [
  [],
  [{ first: 0, step: 1, bits: 6 }],
  [
    { first: 0, step: 1, bits: 2 },
    { first: 2, step: 1, bits: 4 },
  ],
  [
    { first: 0, step: 2, bits: 3 },
    { first: 1, step: 2, bits: 3 },
  ],
  [{ first: 1, step: 1, bits: 4 }],
];
const anyLayout = fc.constantFrom(...layouts);
/** A function by its values; mostly a few networks, so that patterns are long. */
const anyFunction = fc.oneof(
  fc.array(fc.boolean(), { minLength: SIZE, maxLength: SIZE }),
  fc
    .array(fc.tuple(fc.nat(SIZE - 1), fc.nat(WIDTH), fc.boolean()), { maxLength: 4 })
    .map((networks) =>
      Array.from({ length: SIZE }, (_, n) =>
        networks.reduce((value, [at, free, put]) => (n >> free === at >> free ? put : value), false),
      ),
    ),
);

function newBdd(stretches: readonly Stretch[]): Bdd {
  return new Bdd(1e5, 0, stretches);
}

function bit(n: number, level: number): boolean {
  return ((n >> (WIDTH - 1 - level)) & 1) === 1;
}

function nodeOf(bdd: Bdd, values: readonly boolean[]): Node {
  return diagramOf(
    bdd,
    values.map((value) => (value ? TRUE : FALSE)),
  );
}

/** Variable by variable, from the last to the first. */
function diagramOf(bdd: Bdd, ends: readonly Node[]): Node {
  let nodes = ends;
  for (let level = WIDTH - 1; level >= 0; level--)
    nodes = nodes.flatMap((low, i) => (i % 2 === 0 ? [bdd.node(level, low, nodes[i + 1]!)] : []));
  return nodes[0]!;
}

function valuesOf(bdd: Bdd, node: Node): readonly boolean[] {
  return Array.from({ length: SIZE }, (_, n) => bdd.holds(node, (level) => bit(n, level)));
}

/** The same by one variable after the other. */
function valuesByBits(bdd: Bdd, node: Node): readonly boolean[] {
  return Array.from({ length: SIZE }, (_, n) => {
    let at = node;
    while (!bdd.isLeaf(at)) at = bit(n, bdd.levelOf(at)) ? bdd.highOf(at) : bdd.lowOf(at);
    return at === TRUE;
  });
}

describe('nodes that ask about several variables', () => {
  it('are the function they are made of, read at once or bit by bit', () => {
    fc.assert(
      fc.property(anyLayout, anyFunction, (layout, values) => {
        const bdd = newBdd(layout);
        const node = nodeOf(bdd, values);
        expect(valuesOf(bdd, node)).toEqual(values);
        expect(valuesByBits(bdd, node)).toEqual(values);
      }),
    );
  });

  it('are the same for equal functions, however these are made', () => {
    fc.assert(
      fc.property(anyLayout, anyFunction, anyFunction, (layout, x, y) => {
        const bdd = newBdd(layout);
        const [a, b] = [nodeOf(bdd, x), nodeOf(bdd, y)];
        const by = (join: (p: boolean, q: boolean) => boolean): Node =>
          nodeOf(
            bdd,
            x.map((value, i) => join(value, y[i]!)),
          );
        expect(bdd.and(a, b)).toBe(by((p, q) => p && q));
        expect(bdd.or(a, b)).toBe(by((p, q) => p || q));
        expect(bdd.diff(a, b)).toBe(by((p, q) => p && !q));
        expect(bdd.not(a)).toBe(by((p) => !p));
        expect(intersects(bdd, a, b)).toBe(bdd.and(a, b) !== FALSE);
      }),
    );
  });

  it('go on as the same function after bits that are known, and with other ends', () => {
    fc.assert(
      fc.property(anyLayout, anyFunction, (layout, values) => {
        const bdd = newBdd(layout);
        const node = nodeOf(bdd, values);
        if (bdd.isLeaf(node)) return;
        const level = bdd.levelOf(node);
        const known = new Map<number, Node>();
        for (let bits = 1; bits <= bdd.bitsOf(node); bits++) {
          const isHigh = (bdd.patternOf(node) >>> (bdd.bitsOf(node) - bits)) & 1;
          known.set(level + (bits - 1) * bdd.stepOf(node), isHigh ? TRUE : FALSE);
          expect(bdd.after(node, bits)).toBe(bdd.substitute(node, known));
        }
        expect(bdd.like(node, bdd.missOf(node), bdd.matchOf(node))).toBe(node);
        const swapped = bdd.like(node, TRUE, FALSE);
        const ways = [...bdd.ways(swapped)];
        const covered = ways.reduce((sum, [, , bits]) => sum + 2 ** (WIDTH - bits), 0);
        expect(covered).toBe(valuesOf(bdd, swapped).filter(Boolean).length);
      }),
    );
  });

  it('are put in lists, of which the first that decides counts, key by key and however few change from one to the next', () => {
    const anyEntry = fc.record({
      from: fc.nat(9),
      more: fc.nat(9),
      values: anyFunction,
      leaf: fc.constantFrom(1, 2, 3),
    });
    fc.assert(
      fc.property(
        anyLayout,
        fc.array(anyEntry, { maxLength: 40 }),
        fc.boolean(),
        (layout, entries, finishes) => {
          const bdd = newBdd(layout);
          const pass = bdd.leaf(0);
          const finish = (leaf: Node): Node => (leaf === pass || leaf === bdd.leaf(3) ? FALSE : leaf);
          const lists = new DecisionLists(bdd, pass, 10);
          const list = new DecisionList();
          entries.forEach(({ from, more, values, leaf }, i) =>
            list.add(i, from, Math.min(9, from + more), [nodeOf(bdd, values)], bdd.leaf(leaf)),
          );
          const { starts, nodes } = doHere(lists.building(list, finishes ? finish : undefined));
          for (let key = 0; key < 10; key++) {
            const inForce = entries.filter(({ from, more }) => from <= key && key <= from + more);
            const ends = Array.from({ length: SIZE }, (_, n) => {
              const leaf = bdd.leaf(inForce.find(({ values }) => values[n])?.leaf ?? 0);
              return finishes ? finish(leaf) : leaf;
            });
            expect(nodes[starts.findLastIndex((start) => start <= key)]).toBe(diagramOf(bdd, ends));
          }
        },
      ),
    );
  });

  it('take other functions in place of variables, and are quantified, as their values say', () => {
    const anyValues = fc.array(fc.option(anyFunction, { nil: undefined }), {
      minLength: WIDTH,
      maxLength: WIDTH,
    });
    fc.assert(
      fc.property(anyLayout, anyFunction, anyValues, fc.nat(SIZE - 1), (layout, values, put, mask) => {
        const bdd = newBdd(layout);
        const node = nodeOf(bdd, values);
        const replaced = new Map(
          put.flatMap((one, level) => (one === undefined ? [] : [[level, nodeOf(bdd, one)] as const])),
        );
        const numberOf = (n: number): number =>
          put.reduce(
            (sum, one, level) => sum * 2 + ((one === undefined ? bit(n, level) : one[n]!) ? 1 : 0),
            0,
          );
        expect(valuesOf(bdd, bdd.substitute(node, replaced))).toEqual(
          values.map((_, n) => values[numberOf(n)]),
        );
        const isPicked = (level: number): boolean => bit(mask, level);
        const alike = (n: number): readonly boolean[] => values.filter((_, m) => (m & ~mask) === (n & ~mask));
        expect(valuesOf(bdd, bdd.exists(node, isPicked))).toEqual(
          values.map((_, n) => alike(n).includes(true)),
        );
        expect(valuesOf(bdd, bdd.forAll(node, isPicked))).toEqual(
          values.map((_, n) => !alike(n).includes(false)),
        );
      }),
    );
  });

  it('say which variables they ask about', () => {
    fc.assert(
      fc.property(anyLayout, anyFunction, fc.nat(WIDTH - 1), fc.nat(WIDTH - 1), (layout, values, x, y) => {
        const bdd = newBdd(layout);
        const node = nodeOf(bdd, values);
        const asked = Array.from({ length: WIDTH }, (_, level) => level).filter((level) =>
          values.some((value, n) => value !== values[n ^ (1 << (WIDTH - 1 - level))]),
        );
        expect(bdd.support(node)).toEqual(asked);
        const [first, last] = [Math.min(x, y), Math.max(x, y)];
        expect(bdd.tests(node, first, last)).toBe(asked.some((level) => level >= first && level <= last));
      }),
    );
  });

  it('lose what a cube has made sure of', () => {
    const anyCube = fc.array(fc.constantFrom<Node | undefined>(TRUE, FALSE, undefined), {
      minLength: WIDTH,
      maxLength: WIDTH,
    });
    fc.assert(
      fc.property(anyLayout, anyFunction, anyCube, (layout, values, wanted) => {
        const bdd = newBdd(layout);
        const node = nodeOf(bdd, values);
        const cube = wanted.reduceRight<Node>(
          (below, value, level) =>
            value === undefined
              ? below
              : bdd.node(level, value === TRUE ? FALSE : below, value === TRUE ? below : FALSE),
          TRUE,
        );
        expect(isCube(bdd, cube)).toBe(true);
        expect(bdd.and(restricted(bdd, node, cube), cube)).toBe(bdd.and(node, cube));
        if (bdd.support(node).every((level) => wanted[level] !== undefined))
          expect(bdd.isLeaf(restricted(bdd, node, cube))).toBe(true);
      }),
    );
  });
});
