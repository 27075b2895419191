import type { Bdd, Node } from './bdd.ts';
import type { Finish, SortedList } from './engine-lists.ts';
import type { ListTask, ListWork } from './list-work.ts';
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
  private lastTests: readonly Node[] | undefined;
  private lastOutcome: Node | undefined;

  /**
   * For keys `from` to `to`: packets for which all `tests` hold get `outcome`, a leaf or a diagram over leaves. It costs least where the
   * tests' variables ascend from one to the next and those of the outcome lie below. `item`: ascends from call to call; what one item
   * says of different keys has the same number.
   */
  add(item: number, from: number, to: number, tests: readonly Node[], outcome: Node): void {
    // A rule for several ports asks for the same at each.
    if (this.lastTests !== tests || this.lastOutcome !== outcome) {
      this.lastTests = tests;
      this.lastOutcome = outcome;
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

/** A list that somebody needs. */
export interface ListOrder {
  readonly lists: DecisionLists;
  readonly list: DecisionList;
  readonly finish: Finish | undefined;
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

  /** Builds a list. Lists with the same `finish` share their results; those that are built together have one, or none. */
  *building(list: DecisionList, finish?: Finish): ListWork<PortMap> {
    const [map] = yield [{ lists: this, list, finish }];
    return map!;
  }

  /** Writes lists to where the engine builds them. */
  begin(orders: readonly ListOrder[]): ListTask {
    const { bdd, pass, keys } = this;
    for (const { list } of orders)
      for (const outcome of list.outcomes) this.leaves |= bdd.leavesBelow(outcome);
    const finishes = new Set(orders.map(({ finish }) => finish));
    const task = bdd.lists.begin(finishes, keys, pass, this.leaves | bdd.leavesBelow(pass));
    for (const { list, finish } of orders) bdd.lists.add(this.sorted(list), finish !== undefined);
    return task;
  }

  private sorted(list: DecisionList): SortedList {
    const { from, to } = list;
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
    return {
      byStart: byStart.subarray(0, pieces).sort(),
      byEnd: byEnd.subarray(0, pieces).sort(),
      list,
    };
  }

  /** The lists that were built last. */
  mapsOf(orders: readonly ListOrder[]): readonly PortMap[] {
    const { ends, runs } = this.bdd.lists.built(orders.length);
    let at = 0;
    return orders.map((_, i) => {
      const starts: number[] = [];
      const nodes: Node[] = [];
      for (const end = ends[i]!; at < end; at++) {
        starts.push(runs[at * 2]!);
        nodes.push(runs[at * 2 + 1]!);
      }
      return { starts, nodes };
    });
  }
}
