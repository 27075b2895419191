import { FALSE, MAX_LEVEL, type Node, TRUE } from '../packets/bdd.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import type { Substitution } from './substitution.ts';

/**
 * Where packets are after a change. Exact for values that are constant, flipped, copied from a field that stays, or anything at all; a
 * field that became a sum of itself, or one of a range, is left open (a superset), which can only name one rule too many as deciding.
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
    image = this.withoutPicks(image, assigned);
    for (const [level, value] of [...assigned].sort((a, b) => b[0] - a[0])) {
      const support = bdd.support(value);
      if (support.some((l) => assigned.has(l))) continue;
      // Questions lie below all fields: to say that 32 bits of an address equal 32 of them takes 2^32 nodes.
      if (support.some((l) => l >= this.space.questionBase)) continue;
      image = bdd.and(image, bdd.choose(value, bdd.variable(level), bdd.node(level, TRUE, FALSE)));
    }
    return image;
  }

  /**
   * What was picked is now the field's value, so nobody need remember the pick. Sets of several translations would otherwise hold the
   * product of all that each may have picked.
   */
  private withoutPicks(set: Node, assigned: ReadonlyMap<number, Node>): Node {
    const { bdd, questionBase } = this.space;
    if (!this.space.hasQuestions || !bdd.tests(set, questionBase, MAX_LEVEL)) return set;
    const values = new Map<number, Node>();
    const forgotten = new Set<number>();
    for (const [level, value] of assigned) {
      for (const pick of bdd.support(value)) {
        if (pick < questionBase) continue;
        if (bdd.variable(pick) === value) values.set(pick, bdd.variable(level));
        else forgotten.add(pick);
      }
    }
    const named = values.size === 0 ? set : bdd.substitute(set, values);
    return forgotten.size === 0 ? named : bdd.exists(named, (level) => forgotten.has(level));
  }
}
