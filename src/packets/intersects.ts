import { type Bdd, FALSE, type Node, TRUE } from './bdd.ts';

/** Both functions hold somewhere together. Makes no nodes: for sets that, as a rule, meet soon. */
export function intersects(bdd: Bdd, a: Node, b: Node): boolean {
  return meeting(bdd, a, b, []) !== undefined;
}

/**
 * Where both functions first hold together, variables false before true: `high` gets the levels on the way that are true, and what is left
 * there of the one that still asks something is returned. Undefined where they share nothing.
 */
export function meeting(bdd: Bdd, a: Node, b: Node, high: number[]): Node | undefined {
  const walk = (f: Node, g: Node): Node | undefined => {
    if (f === FALSE || g === FALSE) return undefined;
    if (g === TRUE || f === g) return f;
    if (f === TRUE) return g;
    if (bdd.areDisjoint(f, g)) return undefined;
    const met = bdd.bitsTogether(f, g) === 0 ? apart(f, g) : together(f, g);
    if (met !== undefined) return met;
    bdd.setDisjoint(f, g);
    return undefined;
  };
  const withHigh = (levels: readonly number[], f: Node, g: Node): Node | undefined => {
    for (const level of levels) high.push(level);
    const met = walk(f, g);
    if (met === undefined) high.length -= levels.length;
    return met;
  };
  const apart = (f: Node, g: Node): Node | undefined =>
    walk(bdd.lowOf(f), bdd.lowOf(g)) ?? withHigh([bdd.levelOf(f)], bdd.highOf(f), bdd.highOf(g));
  const together = (f: Node, g: Node): Node | undefined => {
    const level = Math.min(bdd.levelOf(f), bdd.levelOf(g));
    const upper = bdd.levelOf(f) === level ? f : g;
    const bits = bdd.bitsTogether(f, g);
    const asked = bdd.levelsHigh(upper, bits);
    const miss = (levels: readonly number[]): Node | undefined =>
      withHigh(levels, bdd.missAt(f, level), bdd.missAt(g, level));
    const match = (): Node | undefined =>
      withHigh(asked, bdd.afterAt(f, level, bits), bdd.afterAt(g, level, bits));
    // The first variable that must be true is false first; where none must, the last is true last.
    if (asked.length > 0) return miss([]) ?? match();
    return match() ?? miss([level + (bits - 1) * bdd.stepOf(upper)]);
  };
  return walk(a, b);
}
