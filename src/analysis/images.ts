import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import type { Substitution } from './substitution.ts';

/**
 * Where packets are after a change. Exact for values that are constant, flipped, or copied from a field that stays; a field that became
 * a sum of itself, or that open questions decide, is left open (a superset), which can only name one rule too many as deciding.
 */
export class Images {
  private readonly space: PacketSpace;

  constructor(space: PacketSpace) {
    this.space = space;
  }

  of(change: Substitution, set: Node): Node {
    const { bdd } = this.space;
    if (change.values.size === 0 || set === FALSE) return set;
    const flips = new Map<number, Node>();
    const assigned = new Map<number, Node>();
    for (const [level, value] of change.values) {
      if (value === bdd.node(level, TRUE, FALSE)) flips.set(level, value);
      else assigned.set(level, value);
    }
    let image = flips.size === 0 ? set : bdd.substitute(set, flips);
    if (assigned.size === 0) return image;
    const levels = [...assigned.keys()];
    if (bdd.tests(image, Math.min(...levels), Math.max(...levels)))
      image = bdd.exists(image, (level) => assigned.has(level));
    for (const [level, value] of [...assigned].sort((a, b) => b[0] - a[0])) {
      const support = bdd.support(value);
      if (support.some((l) => assigned.has(l))) continue;
      // Questions lie below all fields: to say that 32 bits of an address equal 32 of them takes 2^32 nodes.
      if (support.some((l) => l >= this.space.questionBase)) continue;
      image = bdd.and(image, bdd.choose(value, bdd.variable(level), bdd.node(level, TRUE, FALSE)));
    }
    return image;
  }
}
