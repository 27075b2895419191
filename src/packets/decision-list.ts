import { type Bdd, type Node } from './bdd.ts';
import { differenceOf, inside, replaced } from './cube.ts';
import { KeySweep } from './key-sweep.ts';
import { ListSplitter } from './list-splitter.ts';
import { RecentLists } from './recent-lists.ts';
import type { PortMap } from './port-map.ts';

/** Where more than one entry of so many changes, lists are built anew. */
const CHANGED = 16;

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

/**
 * The diagrams of first-match decision lists, built from the top down for all entries at once: keys are cut by sorting, and below them
 * `ListSplitter` goes on. Unlike folding rule after rule, no intermediate set is made.
 */
export class DecisionLists {
  private readonly bdd: Bdd;
  readonly pass: Node;
  private readonly keys: number;
  private readonly splitter: ListSplitter;
  private readonly sweep = new KeySweep();
  private readonly recent = new RecentLists();
  /** The splitter of the last finish. */
  private latest: { readonly finish: (leaf: Node) => Node; readonly splitter: ListSplitter } | undefined;
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
    this.splitter = new ListSplitter(bdd, pass);
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

  /** Lists with the same finish share their results. */
  private finishing(finish: (leaf: Node) => Node): ListSplitter {
    if (this.latest?.finish !== finish)
      this.latest = { finish, splitter: new ListSplitter(this.bdd, this.pass, finish) };
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
    this.recent.forget();
    for (let key = 0; key < this.keys; key = sweep.next(this.keys)) {
      sweep.moveTo(key);
      const node = this.listInForce(list, splitter);
      if (nodes.length > 0 && nodes[nodes.length - 1] === node) continue;
      starts.push(key);
      nodes.push(node);
    }
    return { starts, nodes };
  }

  /** What the entries say that are in force at the sweep's key. */
  private listInForce({ items, entries }: DecisionList, splitter: ListSplitter): Node {
    const { sweep, recent } = this;
    const { active, count } = sweep;
    recent.begin();
    for (let i = 0; i < count; i++) recent.put(items[active[i]!]!, entries[active[i]!]!);
    let node = this.changed(entries, splitter);
    if (node === undefined) {
      splitter.begin();
      for (let i = 0; i < count && splitter.put(entries[active[i]!]!); i++);
      node = splitter.diagram();
    }
    recent.keep(node);
    return node;
  }

  /**
   * The same by changing the result of a list that differs little, which is most: from one run of ports to the next some rule comes or goes.
   * Undefined where there is no such list, or the change is not confined to few values of the topmost variables.
   */
  private changed(entries: readonly Node[], splitter: ListSplitter): Node | undefined {
    const { bdd, pass, recent } = this;
    const { active, count } = this.sweep;
    let result = recent.nearest(Math.max(2, count / CHANGED), pass);
    for (let place = 0; result !== undefined && place < recent.changed; place++) {
      const cube = differenceOf(bdd, recent.before(place), recent.now(place));
      if (cube === undefined) return undefined;
      splitter.begin();
      for (let i = 0; i < count; i++) {
        const entry = inside(bdd, entries[active[i]!]!, cube);
        if (entry === undefined) return undefined;
        if (!splitter.put(entry)) break;
      }
      result = replaced(bdd, cube, splitter.diagram(), result);
    }
    return result;
  }
}
