import { type Bdd, FALSE, type Node, TRUE } from './bdd.ts';

/** The set is one value of each variable that it tests: a prefix, a single name. */
export function isCube(bdd: Bdd, set: Node): boolean {
  let node = set;
  while (!bdd.isLeaf(node)) {
    if (bdd.missOf(node) === FALSE) node = bdd.matchOf(node);
    else if (bdd.matchOf(node) === FALSE && bdd.bitsOf(node) === 1) node = bdd.missOf(node);
    else return false;
  }
  return node === TRUE;
}

/** What a diagram asks where a cube (`isCube`) is known to hold. Variables of the cube that lie below others of the diagram are asked still. */
export function restricted(bdd: Bdd, diagram: Node, cube: Node): Node {
  let node = diagram;
  let known = cube;
  while (!bdd.isLeaf(known) && !bdd.isLeaf(node)) {
    const level = bdd.levelOf(known);
    const own = bdd.levelOf(node);
    if (own < level) return node;
    if (bdd.matchOf(known) === FALSE) {
      if (own === level) node = bdd.lowOf(node);
      known = bdd.missOf(known);
    } else if (own > level) known = bdd.after(known, bdd.bitsAbove(known, own));
    else {
      const bits = bdd.bitsTogether(known, node);
      node = bits === 0 ? bdd.missOf(node) : bdd.after(node, bits);
      known = bdd.after(known, Math.max(bits, 1));
    }
  }
  return node;
}
