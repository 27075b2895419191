import type { ChainId, Rule } from '../model/firewall.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import { DecisionList, DecisionLists } from '../packets/decision-list.ts';
import { allAtOnce, type ListWork } from '../packets/list-work.ts';
import type { PortKeys } from '../packets/port-keys.ts';
import { mapNodes, type PortMap } from '../packets/port-map.ts';
import type { Test } from '../packets/tests.ts';
import type { ChainCall, ChainEntries, ChainEntry, EntryOutcome } from './chain-entries.ts';
import type { MatchContext } from './compile-match.ts';

/** What a leaf of a chain's diagram says. */
export type LeafMeaning =
  | { readonly kind: 'pass' }
  | { readonly kind: 'return' }
  /** `pending`: a last-match chain's verdict so far. `rule`: where leaves name the accepting rule. */
  | { readonly kind: 'accept' | 'drop'; readonly pending: boolean; readonly rule?: Rule };

/** Leaf values below this are no rule's. */
const FIRST_RULE_LEAF = 2 ** 24;

/** What a list says for a run of keys; see `DecisionList.add`. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly tests: readonly Test[];
  readonly outcome: Node;
}

/** Pieces that stay together: a rule's. */
type Item = readonly Piece[];

/** Pieces of more keys than this are not of one service. */
const WIDE = 64;

/** Widths of pieces. */
const ALL_KEYS = 0;
const SOME_KEYS = 1;
const FEW_KEYS = 2;

/** Lists are built in runs of this many entries, runs in groups of that many: few enough to stay cheap, enough to share much. */
const RUN = 512;
const GROUP = 8;

/** More blocks of few keys than these would make the last list too long to carry them item by item. */
const MOST_UNBUILT = 2;

/**
 * The first level of each of a piece's tests. Where one piece's are the beginning of another's they agree: neither is carried through
 * levels that only the other looks at.
 */
type Shape = readonly number[];

function agree(a: Shape, b: Shape): boolean {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Negative where `a` looks at a level above those of `b` first. */
function compareShapes(a: Shape, b: Shape): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** A shape, and by level those that go on with it. */
interface ShapeNode {
  readonly shape: Shape;
  readonly longer: Map<number, ShapeNode>;
}

/** Pieces of one width and shape, in the order of their rules. */
interface Kind {
  readonly width: number;
  readonly shape: Shape;
  readonly pieces: Piece[];
}

/** Pieces of one first key stay in their order. */
function byFirstKey(pieces: readonly Piece[]): readonly Piece[] {
  const places = new Float64Array(pieces.length);
  for (let i = 0; i < pieces.length; i++) places[i] = pieces[i]!.from * pieces.length + i;
  places.sort();
  return Array.from(places, (place) => pieces[place % pieces.length]!);
}

/** Items that are a list of their own. */
interface Block {
  readonly items: Item[];
  /** Where few of them are in force at any key: the first levels of what they test, see `Shape`. */
  readonly shape?: Shape;
}

/** Items in order, cut into lists. */
class Blocks {
  readonly all: Block[] = [];
  private readonly longest: number;
  private current: Item[] | undefined;

  constructor(longest: number) {
    this.longest = longest;
  }

  add(item: Item): void {
    if (this.current === undefined || this.current.length === this.longest)
      this.all.push({ items: (this.current = []) });
    this.current.push(item);
  }

  /** A list that is not cut. */
  addWhole(block: Block): void {
    this.all.push(block);
    this.current = undefined;
  }

  /**
   * Blocks whose diagrams would be made only to be taken apart again, since no other one of few keys looks at anything above: the last
   * list takes their items, of which what other blocks decide leaves little.
   */
  unbuilt(): ReadonlySet<Block> {
    const shapes = this.all.flatMap(({ shape }) => (shape === undefined ? [] : [shape]));
    const [first] = shapes.sort(compareShapes);
    const found = this.all.filter(({ shape }) => shape !== undefined && agree(shape, first!));
    return new Set(found.length <= MOST_UNBUILT ? found : []);
  }
}

/**
 * Chains that change no packet, each as one diagram that says what the first matching rule decides. Built from decision lists as a
 * whole, so that no intermediate sets are made.
 */
export class ChainDiagrams {
  private readonly entries: ChainEntries;
  private readonly context: MatchContext;
  private readonly keys: PortKeys;
  private readonly lists: DecisionLists;
  /** Leaves tell which rule accepts, not only that one does. Such diagrams share less. */
  private readonly namesRules: boolean;
  private readonly maps = new Map<ChainId, PortMap>();
  private readonly meanings = new Map<Node, LeafMeaning>();
  private readonly pass: Node;
  private readonly returned: Node;

  /** To its caller a chain that returns has decided nothing. */
  private readonly toCaller = (leaf: Node): Node => (leaf === this.returned ? this.pass : leaf);

  constructor(entries: ChainEntries, context: MatchContext, keys: PortKeys, namesRules: boolean) {
    this.entries = entries;
    this.context = context;
    this.keys = keys;
    this.namesRules = namesRules;
    const { bdd } = context.space;
    this.pass = bdd.leaf(0);
    this.returned = bdd.leaf(1);
    this.meanings.set(this.pass, { kind: 'pass' });
    this.meanings.set(this.returned, { kind: 'return' });
    this.lists = new DecisionLists(bdd, this.pass, keys.total);
  }

  /**
   * The diagram of a chain's packets, each leaf replaced by what `read` makes of it; packets of `dropped` are dropped before any rule
   * sees them. Called chains must have been built before.
   */
  *diagram(
    id: ChainId,
    read: (meaning: LeafMeaning, leaf: Node) => Node,
    dropped: Node = FALSE,
  ): ListWork<Node> {
    const finish = (leaf: Node): Node => read(this.meanings.get(leaf)!, leaf);
    const map = yield* this.build(id, this.entries.of(id)!, finish, dropped);
    return this.keys.assemble(map);
  }

  meaning(leaf: Node): LeafMeaning {
    return this.meanings.get(leaf)!;
  }

  /** Builds the chains that others call. `calleesFirst`: in that order. */
  *buildCalled(calleesFirst: readonly ChainId[]): ListWork<void> {
    const called = new Set<ChainId>();
    for (const id of calleesFirst)
      for (const { outcome } of this.entries.of(id)!) if (outcome.kind === 'call') called.add(outcome.chain);
    // Chains that call none of each other are built at once.
    const depths = new Map<ChainId, number>();
    const byDepth: ChainId[][] = [];
    for (const id of calleesFirst) {
      let depth = 0;
      for (const { outcome } of this.entries.of(id)!)
        if (outcome.kind === 'call') depth = Math.max(depth, 1 + depths.get(outcome.chain)!);
      depths.set(id, depth);
      if (called.has(id)) (byDepth[depth] ??= []).push(id);
    }
    for (const ids of byDepth) {
      const maps = yield* allAtOnce(ids.map((id) => this.buildOne(id)));
      for (const [i, id] of ids.entries()) this.maps.set(id, maps[i]!);
    }
  }

  private buildOne(id: ChainId): ListWork<PortMap> {
    const entries = this.entries.of(id)!;
    const returns = entries.some(({ outcome }) =>
      outcome.kind === 'call' ? outcome.goesTo : outcome.verdict === 'return',
    );
    return this.build(id, entries, returns ? this.toCaller : undefined, FALSE);
  }

  /** Long lists in blocks, so that what most rules share is not carried through every branch. */
  private *build(
    id: ChainId,
    entries: readonly ChainEntry[],
    finish: ((leaf: Node) => Node) | undefined,
    dropped: Node,
  ): ListWork<PortMap> {
    const blocks = this.blocksOf(id, entries, dropped);
    const { all } = blocks;
    if (all.length <= 1) return yield* this.lists.building(this.listOf(all[0]?.items ?? []), finish);
    const unbuilt = blocks.unbuilt();
    const built = yield* allAtOnce(
      all
        .filter((block) => !unbuilt.has(block))
        .map((block) => this.lists.building(this.listOf(block.items))),
    );
    const last: Item[] = [];
    let maps: PortMap[] = [];
    let next = 0;
    for (const block of all) {
      if (unbuilt.has(block)) {
        for (const item of yield* this.grouped(maps)) last.push(item);
        for (const item of block.items) last.push(item);
        maps = [];
      } else maps.push(built[next++]!);
    }
    for (const item of yield* this.grouped(maps)) last.push(item);
    return yield* this.lists.building(this.listOf(last), finish);
  }

  /** Maps in order as few items. */
  private *grouped(maps: readonly PortMap[]): ListWork<readonly Item[]> {
    let items = maps.map((map) => this.piecesOfMap(0, this.keys.total - 1, [], map));
    while (items.length > GROUP) {
      const groups: Item[][] = [];
      for (let i = 0; i < items.length; i += GROUP) groups.push(items.slice(i, i + GROUP));
      const built = yield* allAtOnce(groups.map((group) => this.lists.building(this.listOf(group))));
      items = built.map((map) => this.piecesOfMap(0, this.keys.total - 1, [], map));
    }
    return items;
  }

  private listOf(items: readonly Item[]): DecisionList {
    const list = new DecisionList();
    items.forEach((item, i) => {
      for (const { from, to, tests, outcome } of item) list.add(i, from, to, tests, outcome);
    });
    return list;
  }

  /** The chain's rules in order, as lists that are built for themselves. */
  private blocksOf(id: ChainId, entries: readonly ChainEntry[], dropped: Node): Blocks {
    const blocks = new Blocks(entries.length <= RUN ? Infinity : RUN);
    if (dropped !== FALSE) {
      const outcome = this.leafFor('drop', false, undefined);
      blocks.add([{ from: 0, to: this.keys.total - 1, tests: [dropped], outcome }]);
    }
    if (entries.length <= RUN) {
      for (const entry of entries) blocks.add(this.piecesOf(id, entry));
      return blocks;
    }
    let stretch: Piece[] = [];
    const end = (): void => {
      this.addStretch(stretch, blocks);
      stretch = [];
    };
    for (const entry of entries) {
      const pieces = this.piecesOf(id, entry);
      if (entry.outcome.kind === 'call') {
        end();
        blocks.add(pieces);
      } else if (pieces.length > 0) {
        if (stretch.length > 0 && stretch[0]!.outcome !== pieces[0]!.outcome) end();
        for (const piece of pieces) stretch.push(piece);
      }
    }
    end();
    return blocks;
  }

  /**
   * Rules next to each other that decide alike may change places. Those that look at the same fields and the same keys are put
   * together, so that a list is about few ports, and what asks for a destination does not drag the rest through its bits. Where they are
   * many, and few of them are in force at any key or all of them at each, they are a block of their own, however long.
   */
  private addStretch(pieces: readonly Piece[], blocks: Blocks): void {
    const kinds = new Map<ShapeNode, Kind[]>();
    for (const piece of pieces) {
      const node = this.shapeOf(piece.tests);
      let ofShape = kinds.get(node);
      if (ofShape === undefined) kinds.set(node, (ofShape = []));
      const width = this.widthOf(piece);
      const kind = (ofShape[width] ??= { width, shape: node.shape, pieces: [] });
      kind.pieces.push(piece);
    }
    const ranked = [...kinds.values()]
      .flatMap((ofShape) => Object.values(ofShape))
      .sort((a, b) => a.width - b.width || compareShapes(b.shape, a.shape));
    for (let i = 0; i < ranked.length;) {
      const { width, shape } = ranked[i]!;
      const alike: Item[] = [];
      for (; i < ranked.length && ranked[i]!.width === width && agree(ranked[i]!.shape, shape); i++)
        for (const piece of byFirstKey(ranked[i]!.pieces)) alike.push([piece]);
      if (width !== SOME_KEYS && alike.length > RUN)
        blocks.addWhole({ items: alike, ...(width === FEW_KEYS ? { shape } : {}) });
      else for (const item of alike) blocks.add(item);
    }
  }

  private readonly noShape: ShapeNode = { shape: [], longer: new Map() };

  private shapeOf(tests: readonly Test[]): ShapeNode {
    const { bdd } = this.context.space;
    let node = this.noShape;
    for (const test of tests) {
      const level = bdd.levelOf(test);
      let longer = node.longer.get(level);
      if (longer === undefined)
        node.longer.set(level, (longer = { shape: [...node.shape, level], longer: new Map() }));
      node = longer;
    }
    return node;
  }

  private widthOf({ from, to }: Piece): number {
    return to - from <= WIDE ? FEW_KEYS : to - from + 1 === this.keys.total ? ALL_KEYS : SOME_KEYS;
  }

  private piecesOf(id: ChainId, { tests, outcome }: ChainEntry): Item {
    const [onKeys, below] = this.separated(id, tests);
    const cuts = this.keys.cut(onKeys);
    const left = (rest: Node): readonly Test[] =>
      rest === TRUE ? below : [this.entries.within(id, rest), ...below];
    if (outcome.kind === 'call') {
      const map = this.calledMap(outcome);
      return cuts.flatMap(({ from, to, rest }) => this.piecesOfMap(from, to, left(rest), map));
    }
    const leaf = this.leafOf(outcome);
    return cuts.map(({ from, to, rest }) => ({ from, to, tests: left(rest), outcome: leaf }));
  }

  /** The tests of keys as one, and the others, of which some may be known to hold wherever the chain is entered. */
  private separated(id: ChainId, tests: readonly Test[]): readonly [onKeys: Node, below: readonly Test[]] {
    const [onKeys, others] = this.keys.separated(tests, this.entries.tests);
    return [onKeys, others.map((test) => this.entries.within(id, test))];
  }

  private piecesOfMap(from: number, to: number, tests: readonly Test[], { starts, nodes }: PortMap): Item {
    const pieces: Piece[] = [];
    for (let i = 0; i < starts.length; i++) {
      const first = Math.max(from, starts[i]!);
      const last = Math.min(to, (starts[i + 1] ?? this.keys.total) - 1);
      if (first <= last && nodes[i] !== this.pass)
        pieces.push({ from: first, to: last, tests, outcome: nodes[i]! });
    }
    return pieces;
  }

  private leafOf({ verdict, pending, rule }: Exclude<EntryOutcome, ChainCall>): Node {
    if (verdict === 'return') return this.returned;
    return this.leafFor(verdict, pending, rule);
  }

  private leafFor(verdict: 'accept' | 'drop', pending: boolean, rule: Rule | undefined): Node {
    const kind = (verdict === 'accept' ? 0 : 2) + (pending ? 1 : 0);
    const named = this.namesRules && verdict === 'accept' && rule !== undefined;
    const leaf = this.context.space.bdd.leaf(named ? FIRST_RULE_LEAF + rule.id * 4 + kind : 2 + kind);
    if (!this.meanings.has(leaf))
      this.meanings.set(leaf, { kind: verdict, pending, ...(named ? { rule } : {}) });
    return leaf;
  }

  /** A called chain's map as the call reads it. */
  private calledMap(call: ChainCall): PortMap {
    const { firewall } = this.entries;
    let map = this.maps.get(call.chain)!;
    if (call.renamed !== undefined) map = this.renamed(map, call.renamed);
    const { kind } = firewall.chains.get(call.chain)!.fallthrough;
    // A called chain that ends with a verdict of its own gives it to what falls through.
    const drops = kind === 'drop' || kind === 'reject';
    const asIs = !drops && !call.goesTo && !call.ends && call.part === 'all';
    const { bdd } = this.context.space;
    const read = (leaf: Node): Node => {
      const meaning = this.meanings.get(leaf)!;
      if (meaning.kind === 'pass' || meaning.kind === 'return') {
        if (drops) return call.part === 'pending' ? this.pass : this.leafFor('drop', false, undefined);
        return call.goesTo && call.part !== 'pending' ? this.returned : this.pass;
      }
      if (call.ends) return this.leafFor(meaning.kind, false, meaning.rule);
      return call.part === 'all' || meaning.pending === (call.part === 'pending') ? leaf : this.pass;
    };
    return asIs ? map : mapNodes(map, (node) => bdd.replaceLeaves(node, read));
  }

  private renamed(map: PortMap, names: Map<number, number>): PortMap {
    const { space, questions } = this.context;
    const { bdd, questionBase } = space;
    const memo = new Map<Node, Node>();
    const walk = (node: Node): Node => {
      if (bdd.isLeaf(node)) return node;
      let result = memo.get(node);
      if (result !== undefined) return result;
      const level = bdd.levelOf(node);
      let own = level;
      if (level >= questionBase && questions.at(level)?.perVisit === true) {
        const known = names.get(level);
        own = known ?? questions.again(level);
        if (known === undefined) names.set(level, own);
      }
      result = bdd.chooseLeaves(bdd.variable(own), walk(bdd.highOf(node)), walk(bdd.lowOf(node)));
      memo.set(node, result);
      return result;
    };
    return mapNodes(map, walk);
  }
}
