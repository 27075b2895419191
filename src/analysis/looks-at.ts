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
    const level = bdd.levelOf(node);
    // Leaves lie below all levels.
    if (level > this.last || this.without.has(node)) return false;
    const step = bdd.stepOf(node);
    const end = bdd.lastLevelOf(node);
    const isTested = ([first, last]: Interval): boolean => {
      const next = level >= first || step === 0 ? level : level + Math.ceil((first - level) / step) * step;
      return next >= first && next <= Math.min(last, end);
    };
    if (this.levels.some(isTested) || this.isAsked(bdd.missOf(node)) || this.isAsked(bdd.matchOf(node)))
      return true;
    this.without.add(node);
    return false;
  }
}
