import type { Bdd, Node } from './bdd.ts';
import type { Finish } from './engine-lists.ts';
import { doHere, type ListWork } from './list-work.ts';
import type { PortMap } from './port-map.ts';

/** More pieces than any list has; keys times this stay exact. `engine/key-sweep.ts` has the same. */
const PIECES = 2 ** 28;

/** A decision list: entries in order, each of them in force for some runs of keys. */
export class DecisionList {
  /** By piece: its keys, its item, and which of the entries below it is of. */
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly items: number[] = [];
  readonly entries: number[] = [];
  /** By entry: its tests, one after the other, where they end, and its outcome. */
  readonly tests: Node[] = [];
  readonly ends: number[] = [];
  readonly outcomes: Node[] = [];
  private last: { readonly tests: readonly Node[]; readonly outcome: Node } | undefined;

  /**
   * For keys `from` to `to`: packets for which all `tests` hold get `outcome`, a leaf or a diagram over leaves. It costs least where the
   * tests' variables ascend from one to the next and those of the outcome lie below. `item`: ascends from call to call; what one item
   * says of different keys has the same number.
   */
  add(item: number, from: number, to: number, tests: readonly Node[], outcome: Node): void {
    // A rule for several ports asks for the same at each.
    if (this.last?.tests !== tests || this.last.outcome !== outcome) {
      this.last = { tests, outcome };
      for (const test of tests) this.tests.push(test);
      this.ends.push(this.tests.length);
      this.outcomes.push(outcome);
    }
    this.from.push(from);
    this.to.push(to);
    this.items.push(item);
    this.entries.push(this.outcomes.length - 1);
  }
}

/** The diagrams of first-match decision lists, built for all entries at once by the engine (`engine/lists.ts`). */
export class DecisionLists {
  private readonly bdd: Bdd;
  readonly pass: Node;
  private readonly keys: number;
  /** Pieces by first key and by last key. */
  private byStart = new Float64Array(64);
  private byEnd = new Float64Array(64);
  /** Leaves that outcomes lead to, as `Bdd.leavesBelow`. */
  private leaves = 0;

  /** `pass`: the outcome of packets that no entry decides, a leaf of a value below `OTHER_LEAVES`. `keys`: how many there are. */
  constructor(bdd: Bdd, pass: Node, keys: number) {
    this.bdd = bdd;
    this.pass = pass;
    this.keys = keys;
  }

  /** See `building`. */
  build(list: DecisionList, finish?: Finish): PortMap {
    return doHere(this.building(list, finish));
  }

  /** Builds a list. Lists with the same `finish` share their results. */
  *building(list: DecisionList, finish?: Finish): ListWork<PortMap> {
    const { from, to, outcomes } = list;
    const pieces = from.length;
    if (pieces > this.byStart.length) {
      const room = 2 ** Math.ceil(Math.log2(pieces));
      this.byStart = new Float64Array(room);
      this.byEnd = new Float64Array(room);
    }
    const { byStart, byEnd } = this;
    for (let i = 0; i < pieces; i++) {
      byStart[i] = from[i]! * PIECES + i;
      byEnd[i] = to[i]! * PIECES + i;
    }
    const { bdd, pass, keys } = this;
    for (const outcome of outcomes) this.leaves |= bdd.leavesBelow(outcome);
    const leaves = this.leaves | bdd.leavesBelow(pass);
    const sorted = {
      byStart: byStart.subarray(0, pieces).sort(),
      byEnd: byEnd.subarray(0, pieces).sort(),
      list,
    };
    const runs = bdd.lists.built(yield bdd.lists.task(sorted, keys, pass, leaves, finish));
    const starts: number[] = [];
    const nodes: Node[] = [];
    for (let i = 0; i < runs.length; i += 2) {
      starts.push(runs[i]!);
      nodes.push(runs[i + 1]!);
    }
    return { starts, nodes };
  }
}
