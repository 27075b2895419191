import type { Bdd, Node } from './bdd.ts';
import type { Finish } from './engine-lists.ts';
import { doHere, type ListWork } from './list-work.ts';
import type { PortMap } from './port-map.ts';

/** More pieces than any list has; keys times this stay exact. `engine/key-sweep.ts` has the same. */
const PIECES = 2 ** 28;

/** A decision list: entries in order, each of them in force for some runs of keys. */
export class DecisionList {
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly items: number[] = [];
  readonly entries: Node[] = [];
  private readonly lists: DecisionLists;

  constructor(lists: DecisionLists) {
    this.lists = lists;
  }

  /**
   * For keys `from` to `to`: packets for which all `tests` hold get `outcome`, a leaf or a diagram over leaves. It costs least where the
   * tests' variables ascend from one to the next and those of the outcome lie below. `item`: ascends from call to call; what one item
   * says of different keys has the same number.
   */
  add(item: number, from: number, to: number, tests: readonly Node[], outcome: Node): void {
    const entry = this.lists.entry(tests, outcome);
    if (entry === this.lists.pass) return;
    this.from.push(from);
    this.to.push(to);
    this.items.push(item);
    this.entries.push(entry);
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
  /** The last entry that was made. */
  private known:
    { readonly tests: readonly Node[]; readonly outcome: Node; readonly entry: Node } | undefined;
  /** Leaves that outcomes lead to, as `Bdd.leavesBelow`. */
  private leaves = 0;

  /** `pass`: the outcome of packets that no entry decides, a leaf of a value below `OTHER_LEAVES`. `keys`: how many there are. */
  constructor(bdd: Bdd, pass: Node, keys: number) {
    this.bdd = bdd;
    this.pass = pass;
    this.keys = keys;
  }

  /** The outcome where all tests hold, `pass` elsewhere. */
  entry(tests: readonly Node[], outcome: Node): Node {
    // A rule for several ports asks for the same at each.
    const { known } = this;
    if (known?.tests !== tests || known.outcome !== outcome)
      this.known = { tests, outcome, entry: this.newEntry(tests, outcome) };
    return this.known!.entry;
  }

  private newEntry(tests: readonly Node[], outcome: Node): Node {
    const { bdd, pass } = this;
    this.leaves |= bdd.leavesBelow(outcome);
    let entry = outcome;
    for (let i = tests.length - 1; i >= 0; i--) {
      const test = tests[i]!;
      entry =
        bdd.isPattern(test) && bdd.levelOf(entry) > bdd.lastLevelOf(test)
          ? bdd.like(test, pass, entry)
          : bdd.keepWhere(test, entry, pass);
    }
    return entry;
  }

  /** See `building`. */
  build(list: DecisionList, finish?: Finish): PortMap {
    return doHere(this.building(list, finish));
  }

  /** Builds a list. Lists with the same `finish` share their results. */
  *building({ from, to, items, entries }: DecisionList, finish?: Finish): ListWork<PortMap> {
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
    const list = {
      byStart: byStart.subarray(0, pieces).sort(),
      byEnd: byEnd.subarray(0, pieces).sort(),
      items,
      entries,
    };
    const { bdd, pass, keys } = this;
    const leaves = this.leaves | bdd.leavesBelow(pass);
    const runs = bdd.lists.built(yield bdd.lists.task(list, keys, pass, leaves, finish));
    const starts: number[] = [];
    const nodes: Node[] = [];
    for (let i = 0; i < runs.length; i += 2) {
      starts.push(runs[i]!);
      nodes.push(runs[i + 1]!);
    }
    return { starts, nodes };
  }
}
