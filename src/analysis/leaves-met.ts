import { type Bdd, FALSE, type Node } from '../packets/bdd.ts';

/** The leaves of `diagram` that some packet of `set` comes to. */
export function leavesMet(bdd: Bdd, set: Node, diagram: Node): ReadonlySet<Node> {
  const leaves = new Set<Node>();
  const seen = new Map<Node, Set<Node>>();
  const walk = (a: Node, b: Node): void => {
    if (a === FALSE) return;
    if (bdd.isLeaf(b)) {
      leaves.add(b);
      return;
    }
    let partners = seen.get(b);
    if (partners === undefined) seen.set(b, (partners = new Set<Node>()));
    if (partners.has(a)) return;
    partners.add(a);
    const level = Math.min(bdd.levelOf(a), bdd.levelOf(b));
    const splitsA = bdd.levelOf(a) === level;
    const splitsB = bdd.levelOf(b) === level;
    walk(splitsA ? bdd.lowOf(a) : a, splitsB ? bdd.lowOf(b) : b);
    walk(splitsA ? bdd.highOf(a) : a, splitsB ? bdd.highOf(b) : b);
  };
  walk(set, diagram);
  return leaves;
}
