/** A Boolean function, as an index into one `NodeTable`. Equal functions of one table are the same number. */
export type Node = number;

export const FALSE: Node = 0;
export const TRUE: Node = 1;

/** The level of the two terminals: below every variable. */
export const TERMINAL = 0xffff;

/** Leaves of this value and more share a bit where it is told which leaves a diagram leads to. */
export const OTHER_LEAVES = 7;

/** Words of a node. */
const NODE = 4;
/** The first is where its variable is false (of a leaf, its value); then where it is true, the level with the leaves it leads to above it, and the next of its bucket. */
const HIGH = 1;
const KIND = 2;
const NEXT = 3;
/** Where in the third word the leaves begin. */
const LEAVES = 16;

/** Thrown when a set needs more nodes or variables than allowed; callers turn it into a diagnostic, never into a partial answer. */
export class TooComplex extends Error {
  override readonly name = 'TooComplex';
}

/** The nodes of decision diagrams, hash-consed: a node is told by its variable and where it leads. Nothing is ever freed. */
export class NodeTable {
  /** Four words a node, beside each other because they are wanted together: reading memory is what diagrams take time for. */
  private nodes = new Int32Array(1 << 16);
  private count = 2;
  /** The first node of each hash value; 0: none. Others follow by `NEXT`. */
  private buckets = new Int32Array(1 << 14);
  private readonly leaves = new Map<number, Node>();
  private maxNodes: number;

  /** `expected`: about how many nodes there will be; growing step by step costs more than starting large. */
  constructor(maxNodes: number, expected = 0) {
    this.maxNodes = Math.min(maxNodes, 1 << 28);
    let room = this.nodes.length / NODE;
    while (room < expected && room < this.maxNodes) room *= 2;
    if (room * NODE > this.nodes.length) this.nodes = new Int32Array(room * NODE);
    this.nodes[FALSE * NODE + KIND] = TERMINAL;
    this.nodes[TRUE * NODE + KIND] = TERMINAL;
  }

  /** Nodes made so far, terminals included. */
  get size(): number {
    return this.count;
  }

  /** What `make` returns, or undefined if it needs more than half of the nodes that are still allowed. */
  attempt<T>(make: () => T): T | undefined {
    const { maxNodes } = this;
    this.maxNodes = this.count + Math.floor((maxNodes - this.count) / 2);
    try {
      return make();
    } catch (error) {
      if (error instanceof TooComplex) return undefined;
      throw error;
    } finally {
      this.maxNodes = maxNodes;
    }
  }

  /** The level a node tests; terminals are below every level. */
  levelOf(node: Node): number {
    return this.nodes[node * NODE + KIND]! & TERMINAL;
  }

  lowOf(node: Node): Node {
    return this.nodes[node * NODE]!;
  }

  highOf(node: Node): Node {
    return this.nodes[node * NODE + HIGH]!;
  }

  /** The node "if variable `level` then `high` else `low`"; both must test only later levels. */
  node(level: number, low: Node, high: Node): Node {
    if (low === high) return low;
    const hash = hashOf(level, low, high);
    const { nodes } = this;
    for (let at = this.buckets[hash & (this.buckets.length - 1)]!; at !== 0; at = nodes[at * NODE + NEXT]!) {
      const word = at * NODE;
      if (nodes[word] === low && nodes[word + HIGH] === high && (nodes[word + KIND]! & TERMINAL) === level)
        return at;
    }
    return this.make(level, low, high, hash);
  }

  private make(level: number, low: Node, high: Node, hash: number): Node {
    if (this.count >= this.maxNodes) {
      throw new TooComplex(`the packet sets of this rule set need more than ${this.maxNodes} diagram nodes`);
    }
    const made = this.count++;
    if (made * NODE >= this.nodes.length) this.growNodes();
    if (made >= this.buckets.length) this.growBuckets();
    const { nodes } = this;
    const word = made * NODE;
    const leaves = (nodes[low * NODE + KIND]! | nodes[high * NODE + KIND]!) & ~TERMINAL;
    const bucket = hash & (this.buckets.length - 1);
    nodes[word] = low;
    nodes[word + HIGH] = high;
    nodes[word + KIND] = level | leaves;
    nodes[word + NEXT] = this.buckets[bucket]!;
    this.buckets[bucket] = made;
    return made;
  }

  /**
   * A leaf that stands for `value` (0 or more). Diagrams over such leaves are decision lists' results, not sets: only `node`,
   * `replaceLeaves` and walking are meant for them.
   */
  leaf(value: number): Node {
    let leaf = this.leaves.get(value);
    if (leaf === undefined) {
      leaf = this.count++;
      if (leaf * NODE >= this.nodes.length) this.growNodes();
      this.nodes[leaf * NODE] = value;
      this.nodes[leaf * NODE + KIND] = TERMINAL | (1 << (LEAVES + Math.min(value, OTHER_LEAVES)));
      this.leaves.set(value, leaf);
    }
    return leaf;
  }

  /** The value of a leaf, or undefined for an inner node, FALSE and TRUE. */
  leafValue(node: Node): number | undefined {
    return node > TRUE && (this.nodes[node * NODE + KIND]! & TERMINAL) === TERMINAL
      ? this.nodes[node * NODE]
      : undefined;
  }

  /** The leaves that a diagram leads to: bit `value` of each leaf below `OTHER_LEAVES`, that bit for all others. */
  leavesBelow(node: Node): number {
    return this.nodes[node * NODE + KIND]! >>> LEAVES;
  }

  isLeaf(node: Node): boolean {
    return (this.nodes[node * NODE + KIND]! & TERMINAL) === TERMINAL;
  }

  private growNodes(): void {
    const length = Math.min(this.nodes.length * 2, (this.maxNodes + 1) * NODE);
    const larger = new Int32Array(length);
    larger.set(this.nodes);
    this.nodes = larger;
  }

  private growBuckets(): void {
    const length = this.buckets.length * 2;
    const buckets = new Int32Array(length);
    const { nodes, count } = this;
    // The last one is being made.
    for (let node = 2; node < count - 1; node++) {
      const word = node * NODE;
      const level = nodes[word + KIND]! & TERMINAL;
      if (level === TERMINAL) continue;
      const bucket = hashOf(level, nodes[word]!, nodes[word + HIGH]!) & (length - 1);
      nodes[word + NEXT] = buckets[bucket]!;
      buckets[bucket] = node;
    }
    this.buckets = buckets;
  }
}

/** Nodes made one after the other, whose children were, too, lie near each other: far fewer reads miss the processor's caches. */
function hashOf(level: number, low: number, high: number): number {
  return (low + high * 3 + level * 5) | 0;
}
