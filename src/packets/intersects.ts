import { type Bdd, FALSE, type Node, TRUE } from './bdd.ts';
import { PairTable } from './pair-table.ts';

/** Both functions hold somewhere together. Makes no nodes: for sets that, as a rule, meet soon. */
export function intersects(bdd: Bdd, a: Node, b: Node): boolean {
  return meeting(bdd, a, b, []) !== undefined;
}

/**
 * Where both functions first hold together, variables false before true: `high` gets the levels on the way that are true, and what is left
 * there of the one that still asks something is returned. Undefined where they share nothing.
 */
export function meeting(bdd: Bdd, a: Node, b: Node, high: number[]): Node | undefined {
  let disjoint: PairTable | undefined;
  const walk = (f: Node, g: Node): Node | undefined => {
    if (f === FALSE || g === FALSE) return undefined;
    if (g === TRUE || f === g) return f;
    if (f === TRUE) return g;
    if (disjoint?.has(f, g) === true) return undefined;
    const level = Math.min(bdd.levelOf(f), bdd.levelOf(g));
    const splitsF = bdd.levelOf(f) === level;
    const splitsG = bdd.levelOf(g) === level;
    let met = walk(splitsF ? bdd.lowOf(f) : f, splitsG ? bdd.lowOf(g) : g);
    if (met !== undefined) return met;
    high.push(level);
    met = walk(splitsF ? bdd.highOf(f) : f, splitsG ? bdd.highOf(g) : g);
    if (met !== undefined) return met;
    high.pop();
    (disjoint ??= new PairTable(16)).add(f, g);
    return undefined;
  };
  return walk(a, b);
}
