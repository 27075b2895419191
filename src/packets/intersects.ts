import { type Bdd, FALSE, type Node, TRUE } from './bdd.ts';
import { PairTable } from './pair-table.ts';

/** Both functions hold somewhere together. Makes no nodes: for sets that, as a rule, meet soon. */
export function intersects(bdd: Bdd, a: Node, b: Node): boolean {
  let disjoint: PairTable | undefined;
  const walk = (f: Node, g: Node): boolean => {
    if (f === FALSE || g === FALSE) return false;
    if (f === TRUE || g === TRUE || f === g) return true;
    if (disjoint?.has(f, g) === true) return false;
    const level = Math.min(bdd.levelOf(f), bdd.levelOf(g));
    const splitsF = bdd.levelOf(f) === level;
    const splitsG = bdd.levelOf(g) === level;
    if (walk(splitsF ? bdd.lowOf(f) : f, splitsG ? bdd.lowOf(g) : g)) return true;
    if (walk(splitsF ? bdd.highOf(f) : f, splitsG ? bdd.highOf(g) : g)) return true;
    (disjoint ??= new PairTable(16)).add(f, g);
    return false;
  };
  return walk(a, b);
}
