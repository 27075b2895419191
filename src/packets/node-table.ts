import { EngineLists } from './engine-lists.ts';
import { type Engine, type EngineImports, startEngine } from './start-engine.ts';

/** A Boolean function, as an index into one `NodeTable`. Equal functions of one table are the same number. */
export type Node = number;

export const FALSE: Node = 0;
export const TRUE: Node = 1;

/** The level of the two terminals: below every variable. */
export const TERMINAL = 0xffff;

/** Leaves of this value and more share a bit where it is told which leaves a diagram leads to. */
export const OTHER_LEAVES = 7;

/** Words of a node. */
const NODE = 5;
/**
 * The first is where its bits are not as its pattern says (of a leaf, its value); then where they are, the level, the leaves it leads to
 * and its bits in one word, one that is the engine's, and the pattern.
 */
const MATCH = 1;
const KIND = 2;
const PATTERN = 4;
/** Where in the third word the leaves begin, and where the number of bits but one. */
const LEAVES = 16;
const BITS = 24;
const LEAVES_MASK = 0xff0000;

/** Bits of a word: no pattern has more. */
export const WORD = 32;

/** Variables that a pattern may run over: `bits` (at most `WORD`) of them from `first` on, `step` levels from one to the next. */
export interface Stretch {
  readonly first: number;
  readonly step: number;
  readonly bits: number;
}

/** Thrown when a set needs more nodes or variables than allowed; callers turn it into a diagnostic, never into a partial answer. */
export class TooComplex extends Error {
  override readonly name = 'TooComplex';
}

/**
 * The nodes of decision diagrams, hash-consed: a node is told by its variables and where it leads. Nothing is ever freed. They lie in the
 * memory of an engine, which makes them; here they are read.
 *
 * A node asks whether the variables of a stretch, from its level on, are as its pattern says: one bit, as in any decision diagram, or as
 * many as lead to one and the same node where they differ (chain reduction, Bryant 2018). A network of a rule so is one node and not one
 * for each bit of its prefix. Nodes always have as many bits as they can, so equal functions are equal nodes still.
 */
export class NodeTable {
  protected readonly engine: Engine;
  readonly lists: EngineLists;
  /** The words of a node lie beside each other because they are wanted together: reading memory is what diagrams take time for. */
  private nodes: Int32Array = new Int32Array();
  private readonly leaves = new Map<number, Node>();
  private maxNodes: number;
  /** By level: how far it is to the next variable of its stretch. */
  private readonly steps: Uint8Array;

  /** `expected`: about how many nodes there will be; growing step by step costs more than starting large. */
  constructor(maxNodes: number, expected = 0, stretches: readonly Stretch[] = []) {
    this.maxNodes = Math.min(maxNodes, 1 << 28);
    const imports: EngineImports = {
      outOfRoom: () => {
        throw new TooComplex(this.whatIsMissing());
      },
      nodesMoved: (start) => {
        this.nodes = new Int32Array(this.engine.memory.buffer, start);
      },
    };
    this.engine = startEngine(imports);
    this.lists = new EngineLists(this.engine, imports, (value) => this.leaf(value));
    this.engine.begin(this.maxNodes, Math.min(expected, this.maxNodes));
    for (const { first, step, bits } of stretches) this.engine.stretch(first, step, bits);
    const levels = stretches.reduce((most, { first, step, bits }) => Math.max(most, first + step * bits), 0);
    this.steps = new Uint8Array(levels);
    for (const { first, step, bits } of stretches)
      for (let i = 0; i < bits; i++) this.steps[first + i * step] = step;
  }

  private whatIsMissing(): string {
    const { maxNodes } = this;
    return this.size < maxNodes
      ? `the packet sets of this rule set need more memory than there is for their ${this.size} diagram nodes`
      : `the packet sets of this rule set need more than ${maxNodes} diagram nodes`;
  }

  /** Nodes made so far, terminals included. */
  get size(): number {
    return this.engine.size();
  }

  /** What `make` returns, or undefined if it needs more than half of the nodes that are still allowed. */
  attempt<T>(make: () => T): T | undefined {
    const { maxNodes, size } = this;
    this.allow(size + Math.floor((maxNodes - size) / 2));
    try {
      return make();
    } catch (error) {
      if (error instanceof TooComplex) return undefined;
      throw error;
    } finally {
      this.allow(maxNodes);
    }
  }

  private allow(maxNodes: number): void {
    this.maxNodes = maxNodes;
    this.engine.allow(maxNodes);
  }

  /** The level a node tests; terminals are below every level. */
  levelOf(node: Node): number {
    return this.nodes[node * NODE + KIND]! & TERMINAL;
  }

  /** Where the first variable of a node is false. */
  lowOf(node: Node): Node {
    const { nodes } = this;
    const word = node * NODE;
    const more = nodes[word + KIND]! >>> BITS;
    return more === 0 || (nodes[word + PATTERN]! >>> more) & 1 ? nodes[word]! : this.after(node, 1);
  }

  /** Where the first variable of a node is true. */
  highOf(node: Node): Node {
    const { nodes } = this;
    const word = node * NODE;
    const more = nodes[word + KIND]! >>> BITS;
    if (more === 0) return nodes[word + MATCH]!;
    return (nodes[word + PATTERN]! >>> more) & 1 ? this.after(node, 1) : nodes[word]!;
  }

  /** The level of a node's last variable. */
  lastLevelOf(node: Node): number {
    return this.levelOf(node) + (this.bitsOf(node) - 1) * this.stepOf(node);
  }

  /** Some variable of the node lies on a level from `first` to `last`. */
  asksWithin(node: Node, first: number, last: number): boolean {
    const level = this.levelOf(node);
    const step = this.stepOf(node);
    // The first of its variables that is not above.
    const from = level >= first || step === 0 ? level : level + Math.ceil((first - level) / step) * step;
    return from >= first && from <= Math.min(last, this.lastLevelOf(node));
  }

  /** How many variables a node asks about. */
  bitsOf(node: Node): number {
    return (this.nodes[node * NODE + KIND]! >>> BITS) + 1;
  }

  /** What they must be to match, the first of them in the highest of as many bits as they are. One variable matches if it is true. */
  patternOf(node: Node): number {
    return this.nodes[node * NODE + PATTERN]!;
  }

  /** The pattern without its first bits, from the highest of the word on; what comes after it is 0. */
  patternAfter(node: Node, bits: number): number {
    const word = node * NODE;
    return this.nodes[word + PATTERN]! << (31 - (this.nodes[word + KIND]! >>> BITS) + bits);
  }

  /** Where the variables of a node are as its pattern says, and where not. */
  matchOf(node: Node): Node {
    return this.nodes[node * NODE + MATCH]!;
  }

  missOf(node: Node): Node {
    return this.nodes[node * NODE]!;
  }

  /** How far it is from each variable of a node to the next; 0: they are of no stretch. */
  stepOf(node: Node): number {
    return this.steps[this.levelOf(node)] ?? 0;
  }

  /** What is left of a node where its first `bits` variables, not more than it has, are as its pattern says. */
  after(node: Node, bits: number): Node {
    return this.engine.after(node, bits);
  }

  /** The function is true where one pattern matches, and nowhere else. */
  isPattern(node: Node): boolean {
    return this.missOf(node) === FALSE && this.matchOf(node) === TRUE;
  }

  /** How many of its variables a node asks about above a level. */
  bitsAbove(node: Node, level: number): number {
    const kind = this.nodes[node * NODE + KIND]!;
    const bits = (kind >>> BITS) + 1;
    if (bits === 1) return 1;
    const first = kind & TERMINAL;
    return Math.min(bits, Math.ceil((level - first) / this.steps[first]!));
  }

  /**
   * How many variables, from the upper one's level on, two nodes can be followed through together: all that ask about them ask the same.
   * 0: they differ in the first.
   */
  bitsTogether(a: Node, b: Node): number {
    const { nodes } = this;
    const kindA = nodes[a * NODE + KIND]!;
    const kindB = nodes[b * NODE + KIND]!;
    const levelA = kindA & TERMINAL;
    const levelB = kindB & TERMINAL;
    if (levelA < levelB) return this.bitsAbove(a, levelB);
    if (levelB < levelA) return this.bitsAbove(b, levelA);
    const moreA = kindA >>> BITS;
    const moreB = kindB >>> BITS;
    const differing =
      (nodes[a * NODE + PATTERN]! << (31 - moreA)) ^ (nodes[b * NODE + PATTERN]! << (31 - moreB));
    return Math.min(Math.clz32(differing), moreA + 1, moreB + 1);
  }

  /** A node that asks the first `bits` of what another asks, and leads elsewhere. */
  begun(node: Node, bits: number, miss: Node, match: Node): Node {
    return this.engine.begun(node, bits, miss, match);
  }

  /** The node that asks what another asks and leads elsewhere. */
  like(node: Node, miss: Node, match: Node): Node {
    return this.engine.like(node, miss, match);
  }

  /** The node "if variable `level` then `high` else `low`"; both must test only later levels. */
  node(level: number, low: Node, high: Node): Node {
    return this.engine.node(level, low, high);
  }

  /** The node that leads to `match` where the `bits` variables of a stretch from `level` on are as in `pattern`, else to `miss`. */
  chain(level: number, bits: number, pattern: number, miss: Node, match: Node): Node {
    return this.engine.chain(level, bits, pattern, miss, match);
  }

  /**
   * A leaf that stands for `value` (0 or more). Diagrams over such leaves are decision lists' results, not sets: only `node`,
   * `replaceLeaves` and walking are meant for them.
   */
  leaf(value: number): Node {
    let leaf = this.leaves.get(value);
    if (leaf === undefined) {
      leaf = this.engine.newLeaf(value);
      this.leaves.set(value, leaf);
    }
    return leaf;
  }

  /** The leaves that a diagram leads to: bit `value` of each leaf below `OTHER_LEAVES`, that bit for all others. */
  leavesBelow(node: Node): number {
    return (this.nodes[node * NODE + KIND]! & LEAVES_MASK) >>> LEAVES;
  }

  isLeaf(node: Node): boolean {
    return (this.nodes[node * NODE + KIND]! & TERMINAL) === TERMINAL;
  }
}
