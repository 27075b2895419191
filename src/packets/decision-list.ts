import { type Bdd, FALSE, type Node, TRUE } from './bdd.ts';
import { KeySweep } from './key-sweep.ts';
import { type ListParts, ListSplitter } from './list-splitter.ts';
import { PairTable } from './pair-table.ts';
import type { PortMap } from './port-map.ts';
import type { Test, Tests } from './tests.ts';

/** A decision list: entries in order, each of them in force for some runs of keys. */
export class DecisionList {
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly rests: number[] = [];
  private readonly lists: DecisionLists;

  constructor(lists: DecisionLists) {
    this.lists = lists;
  }

  /**
   * For keys `from` to `to`: packets for which all `tests` hold get `outcome`, a leaf or a diagram over leaves. The tests' variables
   * must ascend from one to the next; only those of the last test and of the outcome may mix.
   */
  add(from: number, to: number, tests: readonly Test[], outcome: Node): void {
    const rest = this.lists.rest(tests, outcome);
    if (rest === undefined) return;
    this.from.push(from);
    this.to.push(to);
    this.rests.push(rest);
  }
}

/**
 * The diagrams of first-match decision lists, built from the top down for all entries at once: keys are cut by sorting, and below them
 * `ListSplitter` goes on. Unlike folding rule after rule, no intermediate set is made.
 */
export class DecisionLists {
  private readonly parts: ListParts;
  private readonly keys: number;
  private readonly splitter: ListSplitter;
  private readonly sweep = new KeySweep();
  /** The splitter of the last finish. */
  private latest: { readonly finish: (leaf: Node) => Node; readonly splitter: ListSplitter } | undefined;
  /** Leaves that outcomes lead to, as `Bdd.leavesBelow`. */
  private leaves = 0;

  /** `pass`: the outcome of packets that no entry decides, a leaf of a value below `OTHER_LEAVES`. `keys`: how many there are. */
  constructor(bdd: Bdd, tests: Tests, pass: Node, keys: number) {
    this.parts = { bdd, tests, pass, tails: new PairTable() };
    this.keys = keys;
    this.splitter = new ListSplitter(this.parts);
  }

  /** An entry as the rest of a test that holds; undefined if some test never does. */
  rest(tests: readonly Test[], outcome: Node): number | undefined {
    const { bdd, tails } = this.parts;
    let rest = ~outcome;
    for (let i = tests.length - 1; i >= 0; i--) {
      if (tests[i] === FALSE) return undefined;
      if (tests[i] !== TRUE) rest = tails.index(tests[i]!, rest);
    }
    this.leaves |= bdd.leavesBelow(outcome);
    return rest;
  }

  /** Lists with the same finish share their results. */
  private finishing(finish: (leaf: Node) => Node): ListSplitter {
    if (this.latest?.finish !== finish)
      this.latest = { finish, splitter: new ListSplitter(this.parts, finish) };
    this.latest.splitter.meet(this.leaves);
    return this.latest.splitter;
  }

  /** `finish`: what becomes of each leaf in the result; leaves and constants only. */
  build(list: DecisionList, finish?: (leaf: Node) => Node): PortMap {
    const splitter = finish === undefined ? this.splitter : this.finishing(finish);
    const starts: number[] = [];
    const nodes: Node[] = [];
    const { sweep } = this;
    sweep.begin(list);
    for (let key = 0; key < this.keys; key = sweep.next(this.keys)) {
      sweep.moveTo(key);
      splitter.begin();
      const { active, count } = sweep;
      for (let i = 0; i < count && splitter.put(list.rests[active[i]!]!); i++);
      const node = splitter.diagram();
      if (nodes.length > 0 && nodes[nodes.length - 1] === node) continue;
      starts.push(key);
      nodes.push(node);
    }
    return { starts, nodes };
  }
}
