import { type Bdd, FALSE, type Node } from '../packets/bdd.ts';
import type { PairTable } from '../packets/pair-table.ts';

/**
 * The leaves of `diagram` that some packet of `set` comes to. `seen`: room for the search, which many searches in turn may share; what it
 * holds is forgotten.
 */
export function leavesMet(bdd: Bdd, set: Node, diagram: Node, seen: PairTable): ReadonlySet<Node> {
  const leaves = new Set<Node>();
  seen.clear();
  const walk = (a: Node, b: Node): void => {
    if (a === FALSE) return;
    if (bdd.isLeaf(b)) {
      leaves.add(b);
      return;
    }
    if (!seen.add(a, b)) return;
    const level = Math.min(bdd.levelOf(a), bdd.levelOf(b));
    const bits = bdd.bitsTogether(a, b);
    if (bits === 0) {
      walk(bdd.lowOf(a), bdd.lowOf(b));
      walk(bdd.highOf(a), bdd.highOf(b));
    } else {
      walk(bdd.missAt(a, level), bdd.missAt(b, level));
      walk(bdd.afterAt(a, level, bits), bdd.afterAt(b, level, bits));
    }
  };
  walk(set, diagram);
  return leaves;
}
