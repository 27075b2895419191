import { int32s } from './large-arrays.ts';
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
 * and its bits in one word, the next of its bucket, and the pattern.
 */
const MATCH = 1;
const KIND = 2;
const NEXT = 3;
const PATTERN = 4;
/** Where in the third word the leaves begin, and where the number of bits but one. */
const LEAVES = 16;
const BITS = 24;
const LEAVES_MASK = 0xff0000;

/** Nodes for each bucket, beyond which there are to be more of these: making room costs more than walking past a few nodes more often. */
const MOST_PER_BUCKET = 1.25;

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
 * The nodes of decision diagrams, hash-consed: a node is told by its variables and where it leads. Nothing is ever freed.
 *
 * A node asks whether the variables of a stretch, from its level on, are as its pattern says: one bit, as in any decision diagram, or as
 * many as lead to one and the same node where they differ (chain reduction, Bryant 2018). A network of a rule so is one node and not one
 * for each bit of its prefix. Nodes always have as many bits as they can, so equal functions are equal nodes still.
 */
export class NodeTable {
  /** The words of a node lie beside each other because they are wanted together: reading memory is what diagrams take time for. */
  private nodes = int32s(NODE << 14);
  private count = 2;
  /** The first node of each hash value; 0: none. Others follow by `NEXT`. */
  private buckets = int32s(1 << 14);
  private readonly leaves = new Map<number, Node>();
  private maxNodes: number;
  /** By level: how far it is to the next variable of its stretch, and how many there are from there on, itself included; 1 where none follows. */
  private readonly steps: Uint8Array;
  private readonly lengths: Uint8Array;

  /** `expected`: about how many nodes there will be; growing step by step costs more than starting large. */
  constructor(maxNodes: number, expected = 0, stretches: readonly Stretch[] = []) {
    this.maxNodes = Math.min(maxNodes, 1 << 28);
    const room = Math.min(expected, this.maxNodes);
    if (room * NODE > this.nodes.length) {
      this.nodes = int32s(room * NODE);
      let buckets = this.buckets.length;
      while (buckets * MOST_PER_BUCKET < room) buckets *= 2;
      this.buckets = int32s(buckets);
    }
    this.nodes[FALSE * NODE + KIND] = TERMINAL;
    this.nodes[TRUE * NODE + KIND] = TERMINAL;
    const levels = stretches.reduce((most, { first, step, bits }) => Math.max(most, first + step * bits), 0);
    this.steps = new Uint8Array(levels);
    this.lengths = new Uint8Array(levels);
    for (const { first, step, bits } of stretches) {
      for (let i = 0; i < bits; i++) {
        this.steps[first + i * step] = step;
        this.lengths[first + i * step] = bits - i;
      }
    }
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

  /** How far it is from a variable to the next of its stretch; 0: it is of none. */
  stepAt(level: number): number {
    return this.steps[level] ?? 0;
  }

  /** How many variables of its stretch there are from one on, itself included. */
  bitsFrom(level: number): number {
    return this.lengths[level] ?? 1;
  }

  /** How far it is from each variable of a node to the next. */
  stepOf(node: Node): number {
    return this.stepAt(this.levelOf(node));
  }

  /** What is left of a node where its first `bits` variables, not more than it has, are as its pattern says. */
  after(node: Node, bits: number): Node {
    const { nodes } = this;
    const word = node * NODE;
    const kind = nodes[word + KIND]!;
    const left = (kind >>> BITS) + 1 - bits;
    const miss = nodes[word]!;
    const match = nodes[word + MATCH]!;
    if (left === 0) return match;
    const first = kind & TERMINAL;
    const level = first + bits * this.steps[first]!;
    const pattern = nodes[word + PATTERN]!;
    if (left > 1) return this.find(level, left, pattern & ((1 << left) - 1), miss, match);
    return pattern & 1 ? this.find(level, 1, 1, miss, match) : this.find(level, 1, 1, match, miss);
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
    const word = node * NODE;
    const kind = this.nodes[word + KIND]!;
    const pattern = this.nodes[word + PATTERN]! >>> ((kind >>> BITS) + 1 - bits);
    return this.chain(kind & TERMINAL, bits, pattern, miss, match);
  }

  /** The node that asks what another asks and leads elsewhere. */
  like(node: Node, miss: Node, match: Node): Node {
    const word = node * NODE;
    const kind = this.nodes[word + KIND]!;
    if (kind >>> BITS === 0) return this.node(kind & TERMINAL, miss, match);
    return this.chain(kind & TERMINAL, (kind >>> BITS) + 1, this.nodes[word + PATTERN]!, miss, match);
  }

  /** The node "if variable `level` then `high` else `low`"; both must test only later levels. */
  node(level: number, low: Node, high: Node): Node {
    if (low === high) return low;
    // `undefined` beyond all stretches.
    if (this.lengths[level]! > 1) {
      const next = level + this.steps[level]!;
      let bits = this.goesOn(high, next, low);
      if (bits > 0) return this.find(level, bits + 1, (1 << bits) | this.goingOn, low, this.endOf);
      bits = this.goesOn(low, next, high);
      if (bits > 0) return this.find(level, bits + 1, this.goingOn, high, this.endOf);
    }
    return this.find(level, 1, 1, low, high);
  }

  /** Of what `goesOn` found: the pattern, and where it leads. */
  private goingOn = 0;
  private endOf: Node = 0;

  /** How many bits a node has that begins at a level and leads to `miss` where they differ; 0: it is no such node. */
  private goesOn(node: Node, level: number, miss: Node): number {
    const { nodes } = this;
    const word = node * NODE;
    const kind = nodes[word + KIND]!;
    if ((kind & TERMINAL) !== level) return 0;
    const first = nodes[word]!;
    const second = nodes[word + MATCH]!;
    if (first === miss) {
      this.goingOn = nodes[word + PATTERN]!;
      this.endOf = second;
      return (kind >>> BITS) + 1;
    }
    if (second !== miss || kind >>> BITS !== 0) return 0;
    this.goingOn = 0;
    this.endOf = first;
    return 1;
  }

  /** The node that leads to `match` where the `bits` variables of a stretch from `level` on are as in `pattern`, else to `miss`. */
  chain(level: number, bits: number, pattern: number, miss: Node, match: Node): Node {
    if (miss === match) return miss;
    const step = this.steps[level] ?? 0;
    const last = level + (bits - 1) * step;
    if (bits === 1) return pattern & 1 ? this.node(level, miss, match) : this.node(level, match, miss);
    if (this.lengths[last]! > 1) {
      const more = this.goesOn(match, last + step, miss);
      if (more > 0) return this.find(level, bits + more, (pattern << more) | this.goingOn, miss, this.endOf);
      // The last bit may begin a pattern of its own, the other way round.
      if (this.goesOn(miss, last + step, match) > 0) {
        const end = pattern & 1 ? this.node(last, miss, match) : this.node(last, match, miss);
        return this.chain(level, bits - 1, pattern >>> 1, miss, end);
      }
    }
    return this.find(level, bits, pattern | 0, miss, match);
  }

  /** The node of these words, which have to be in their only form. */
  private find(level: number, bits: number, pattern: number, miss: Node, match: Node): Node {
    const hash = hashOf(level, miss, match, pattern);
    const { nodes } = this;
    const kind = level | ((bits - 1) << BITS);
    for (let at = this.buckets[hash & (this.buckets.length - 1)]!; at !== 0; at = nodes[at * NODE + NEXT]!) {
      const word = at * NODE;
      if (
        nodes[word] === miss &&
        nodes[word + MATCH] === match &&
        nodes[word + PATTERN] === pattern &&
        (nodes[word + KIND]! & ~LEAVES_MASK) === kind
      )
        return at;
    }
    return this.make(kind, pattern, miss, match, hash);
  }

  private make(kind: number, pattern: number, miss: Node, match: Node, hash: number): Node {
    if (this.count >= this.maxNodes) {
      throw new TooComplex(`the packet sets of this rule set need more than ${this.maxNodes} diagram nodes`);
    }
    const made = this.count++;
    if (made * NODE >= this.nodes.length) this.growNodes();
    if (made >= this.buckets.length * MOST_PER_BUCKET) this.growBuckets();
    const { nodes } = this;
    const word = made * NODE;
    const bucket = hash & (this.buckets.length - 1);
    nodes[word] = miss;
    nodes[word + MATCH] = match;
    nodes[word + KIND] = kind | ((nodes[miss * NODE + KIND]! | nodes[match * NODE + KIND]!) & LEAVES_MASK);
    nodes[word + NEXT] = this.buckets[bucket]!;
    nodes[word + PATTERN] = pattern;
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
    return (this.nodes[node * NODE + KIND]! & LEAVES_MASK) >>> LEAVES;
  }

  isLeaf(node: Node): boolean {
    return (this.nodes[node * NODE + KIND]! & TERMINAL) === TERMINAL;
  }

  private growNodes(): void {
    const room = this.nodes.length / NODE;
    const larger = int32s(Math.min(room + (room >> 1), this.maxNodes + 1) * NODE);
    larger.set(this.nodes);
    this.nodes = larger;
  }

  private growBuckets(): void {
    const length = this.buckets.length * 2;
    const buckets = int32s(length);
    const { nodes, count } = this;
    // The last one is being made.
    for (let node = 2; node < count - 1; node++) {
      const word = node * NODE;
      const level = nodes[word + KIND]! & TERMINAL;
      if (level === TERMINAL) continue;
      const hash = hashOf(level, nodes[word]!, nodes[word + MATCH]!, nodes[word + PATTERN]!);
      const bucket = hash & (length - 1);
      nodes[word + NEXT] = buckets[bucket]!;
      buckets[bucket] = node;
    }
    this.buckets = buckets;
  }
}

/** Nodes made one after the other, whose children were, too, lie near each other: far fewer reads miss the processor's caches. */
function hashOf(level: number, miss: Node, match: Node, pattern: number): number {
  return (miss + match * 3 + level * 5 + Math.imul(pattern, 0x9e3779b1)) | 0;
}
