import type { Bdd, Node } from '../packets/bdd.ts';
import type { Interval } from '../packets/interval.ts';

/** Which sets test some variable of `levels`. Sets share most of what lies below them, and what does not is remembered. */
export class LooksAt {
  private readonly bdd: Bdd;
  private readonly levels: readonly Interval[];
  private readonly last: number;
  private readonly without = new Set<Node>();

  constructor(bdd: Bdd, levels: readonly Interval[]) {
    this.bdd = bdd;
    this.levels = levels;
    this.last = Math.max(-1, ...levels.map(([, last]) => last));
  }

  /** Levels ascend on the way down, so it is a question of as many steps as there are variables. */
  isAsked(node: Node): boolean {
    const { bdd } = this;
    // Leaves lie below all levels.
    if (bdd.levelOf(node) > this.last || this.without.has(node)) return false;
    const isTested = this.levels.some(([first, last]) => bdd.asksWithin(node, first, last));
    if (isTested || this.isAsked(bdd.missOf(node)) || this.isAsked(bdd.matchOf(node))) return true;
    this.without.add(node);
    return false;
  }
}
