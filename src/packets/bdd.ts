import { NodeMemo } from './node-memo.ts';

/** A Boolean function, as an index into one `Bdd`'s node tables. Equal functions of one `Bdd` are the same number. */
export type Node = number;

export const FALSE: Node = 0;
export const TRUE: Node = 1;

/** The level of the two terminals: below every variable. */
export const TERMINAL = 0xffff;
/** Variables beyond this would overflow the level table (and long before it, the stack). */
export const MAX_LEVEL = 6000;

const AND = 0;
const OR = 1;
const DIFF = 2;
const KEEP = 3;

/** Thrown when a set needs more nodes or variables than allowed; callers turn it into a diagnostic, never into a partial answer. */
export class TooComplex extends Error {
  override readonly name = 'TooComplex';
}

/**
 * Reduced ordered binary decision diagrams (Bryant 1986), hash-consed in typed arrays.
 *
 * A variable is its level: smaller levels are tested first. Recursion depth is bounded by the number of variables.
 * Nothing is ever freed: one `Bdd` lives as long as one audit of one firewall.
 */
export class Bdd {
  /** Level of each node's variable. */
  private levels: Uint16Array = new Uint16Array(1 << 14);
  private lows: Int32Array = new Int32Array(1 << 14);
  private highs: Int32Array = new Int32Array(1 << 14);
  private count = 2;
  /** Open-addressed hash of nodes; 0 is empty (terminals are not in it). */
  private unique = new Int32Array(1 << 15);
  private uniqueMask = (1 << 15) - 1;
  /** Lossy cache of binary operations: the operands (the second with the operation in its low bits) and the result. */
  private cacheA = new Int32Array(1 << 14);
  private cacheB = new Int32Array(1 << 14);
  private cacheR = new Int32Array(1 << 14);
  private cacheMask = (1 << 14) - 1;
  private readonly leaves = new Map<number, Node>();
  private readonly leafMemo = new NodeMemo();
  private readonly quantifyMemo = new NodeMemo();
  private readonly seen = new NodeMemo();
  private maxNodes: number;

  /** `expected`: about how many nodes there will be; growing step by step costs more than starting large. */
  constructor(maxNodes: number, expected = 0) {
    this.maxNodes = Math.min(maxNodes, 1 << 28);
    let length = this.levels.length;
    while (length < expected && length < this.maxNodes) length *= 2;
    if (length > this.levels.length) {
      this.levels = new Uint16Array(length);
      this.lows = new Int32Array(length);
      this.highs = new Int32Array(length);
      this.unique = new Int32Array(length * 2);
      this.uniqueMask = length * 2 - 1;
      const cache = Math.min(length, 1 << 20);
      this.cacheA = new Int32Array(cache);
      this.cacheB = new Int32Array(cache);
      this.cacheR = new Int32Array(cache);
      this.cacheMask = cache - 1;
    }
    this.levels[FALSE] = TERMINAL;
    this.levels[TRUE] = TERMINAL;
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
    return this.levels[node]!;
  }

  lowOf(node: Node): Node {
    return this.lows[node]!;
  }

  highOf(node: Node): Node {
    return this.highs[node]!;
  }

  /** The node "if variable `level` then `high` else `low`"; both must test only later levels. */
  node(level: number, low: Node, high: Node): Node {
    if (low === high) return low;
    let slot = hash3(level, low, high) & this.uniqueMask;
    for (;;) {
      const found = this.unique[slot]!;
      if (found === 0) break;
      if (this.lows[found] === low && this.highs[found] === high && this.levels[found] === level)
        return found;
      slot = (slot + 1) & this.uniqueMask;
    }
    if (this.count >= this.maxNodes) {
      throw new TooComplex(`the packet sets of this rule set need more than ${this.maxNodes} diagram nodes`);
    }
    const made = this.count++;
    if (made >= this.levels.length) this.growNodes();
    this.levels[made] = level;
    this.lows[made] = low;
    this.highs[made] = high;
    this.unique[slot] = made;
    if (this.count * 2 > this.unique.length) this.growUnique();
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
      if (leaf >= this.levels.length) this.growNodes();
      this.levels[leaf] = TERMINAL;
      this.lows[leaf] = value;
      this.leaves.set(value, leaf);
    }
    return leaf;
  }

  /** The value of a leaf, or undefined for an inner node, FALSE and TRUE. */
  leafValue(node: Node): number | undefined {
    return node > TRUE && this.levels[node] === TERMINAL ? this.lows[node] : undefined;
  }

  isLeaf(node: Node): boolean {
    return this.levels[node] === TERMINAL;
  }

  /** The diagram with each leaf replaced by what `instead` gives for it, which must be a leaf or a constant too. */
  replaceLeaves(node: Node, instead: (leaf: Node) => Node): Node {
    return this.replaceBelow(node, instead, this.leafMemo.begin());
  }

  private replaceBelow(node: Node, instead: (leaf: Node) => Node, memo: NodeMemo): Node {
    if (this.levels[node] === TERMINAL) return instead(node);
    const known = memo.get(node);
    if (known !== undefined) return known;
    const low = this.replaceBelow(this.lows[node]!, instead, memo);
    const result = this.node(this.levels[node]!, low, this.replaceBelow(this.highs[node]!, instead, memo));
    memo.set(node, result);
    return result;
  }

  /** A diagram over leaves where `condition` holds, and `otherwise`, a leaf that is the same in every call, elsewhere. */
  keepWhere(condition: Node, diagram: Node, otherwise: Node): Node {
    if (condition === TRUE || diagram === otherwise) return diagram;
    if (condition === FALSE) return otherwise;
    const key = diagram * 4 + KEEP;
    const slot = hash2(condition, key) & this.cacheMask;
    if (this.cacheA[slot] === condition && this.cacheB[slot] === key) return this.cacheR[slot]!;
    const lc = this.levels[condition]!;
    const ld = this.levels[diagram]!;
    let result: Node;
    if (lc === ld) {
      const low = this.keepWhere(this.lows[condition]!, this.lows[diagram]!, otherwise);
      result = this.node(lc, low, this.keepWhere(this.highs[condition]!, this.highs[diagram]!, otherwise));
    } else if (lc < ld) {
      const low = this.keepWhere(this.lows[condition]!, diagram, otherwise);
      result = this.node(lc, low, this.keepWhere(this.highs[condition]!, diagram, otherwise));
    } else {
      const low = this.keepWhere(condition, this.lows[diagram]!, otherwise);
      result = this.node(ld, low, this.keepWhere(condition, this.highs[diagram]!, otherwise));
    }
    this.remember(condition, key, result);
    return result;
  }

  /** `condition ? then : otherwise` of diagrams over leaves. For rare uses; `keepWhere` is faster where `otherwise` is one leaf. */
  chooseLeaves(condition: Node, then: Node, otherwise: Node, memo: Map<string, Node> = new Map()): Node {
    if (condition === TRUE || then === otherwise) return then;
    if (condition === FALSE) return otherwise;
    const key = `${condition},${then},${otherwise}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const level = Math.min(this.levels[condition]!, this.levels[then]!, this.levels[otherwise]!);
    const side = (node: Node, high: boolean): Node =>
      this.levels[node] !== level ? node : high ? this.highs[node]! : this.lows[node]!;
    const low = this.chooseLeaves(side(condition, false), side(then, false), side(otherwise, false), memo);
    const high = this.chooseLeaves(side(condition, true), side(then, true), side(otherwise, true), memo);
    const result = this.node(level, low, high);
    memo.set(key, result);
    return result;
  }

  /** The function that is true where the variable is. */
  variable(level: number): Node {
    return this.node(level, FALSE, TRUE);
  }

  and(a: Node, b: Node): Node {
    if (a === b) return a;
    if (a === FALSE || b === FALSE) return FALSE;
    if (a === TRUE) return b;
    if (b === TRUE) return a;
    if (a > b) {
      const swap = a;
      a = b;
      b = swap;
    }
    const key = b * 4 + AND;
    const slot = hash2(a, key) & this.cacheMask;
    if (this.cacheA[slot] === a && this.cacheB[slot] === key) return this.cacheR[slot]!;
    const la = this.levels[a]!;
    const lb = this.levels[b]!;
    let result: Node;
    if (la === lb) {
      const low = this.and(this.lows[a]!, this.lows[b]!);
      result = this.node(la, low, this.and(this.highs[a]!, this.highs[b]!));
    } else if (la < lb) {
      const low = this.and(this.lows[a]!, b);
      result = this.node(la, low, this.and(this.highs[a]!, b));
    } else {
      const low = this.and(a, this.lows[b]!);
      result = this.node(lb, low, this.and(a, this.highs[b]!));
    }
    this.remember(a, key, result);
    return result;
  }

  or(a: Node, b: Node): Node {
    if (a === b) return a;
    if (a === TRUE || b === TRUE) return TRUE;
    if (a === FALSE) return b;
    if (b === FALSE) return a;
    if (a > b) {
      const swap = a;
      a = b;
      b = swap;
    }
    const key = b * 4 + OR;
    const slot = hash2(a, key) & this.cacheMask;
    if (this.cacheA[slot] === a && this.cacheB[slot] === key) return this.cacheR[slot]!;
    const la = this.levels[a]!;
    const lb = this.levels[b]!;
    let result: Node;
    if (la === lb) {
      const low = this.or(this.lows[a]!, this.lows[b]!);
      result = this.node(la, low, this.or(this.highs[a]!, this.highs[b]!));
    } else if (la < lb) {
      const low = this.or(this.lows[a]!, b);
      result = this.node(la, low, this.or(this.highs[a]!, b));
    } else {
      const low = this.or(a, this.lows[b]!);
      result = this.node(lb, low, this.or(a, this.highs[b]!));
    }
    this.remember(a, key, result);
    return result;
  }

  /** `a` without `b`. */
  diff(a: Node, b: Node): Node {
    if (a === FALSE || b === TRUE || a === b) return FALSE;
    if (b === FALSE) return a;
    const key = b * 4 + DIFF;
    const slot = hash2(a, key) & this.cacheMask;
    if (this.cacheA[slot] === a && this.cacheB[slot] === key) return this.cacheR[slot]!;
    const la = this.levels[a]!;
    const lb = this.levels[b]!;
    let result: Node;
    if (la === lb) {
      const low = this.diff(this.lows[a]!, this.lows[b]!);
      result = this.node(la, low, this.diff(this.highs[a]!, this.highs[b]!));
    } else if (la < lb) {
      const low = this.diff(this.lows[a]!, b);
      result = this.node(la, low, this.diff(this.highs[a]!, b));
    } else {
      const low = this.diff(a, this.lows[b]!);
      result = this.node(lb, low, this.diff(a, this.highs[b]!));
    }
    this.remember(a, key, result);
    return result;
  }

  not(a: Node): Node {
    return this.diff(TRUE, a);
  }

  /** `condition ? then : otherwise`. */
  choose(condition: Node, then: Node, otherwise: Node): Node {
    return this.or(this.and(condition, then), this.diff(otherwise, condition));
  }

  /** Disjunction of many, as a balanced tree: unions of neighbours stay small longest. */
  orAll(nodes: readonly Node[]): Node {
    return this.balanced(nodes, 0, nodes.length);
  }

  private balanced(nodes: readonly Node[], from: number, to: number): Node {
    if (to - from === 0) return FALSE;
    if (to - from === 1) return nodes[from]!;
    const middle = (from + to) >> 1;
    return this.or(this.balanced(nodes, from, middle), this.balanced(nodes, middle, to));
  }

  /** The function with each variable of `values` replaced by the function given for it, all at once. */
  substitute(node: Node, values: ReadonlyMap<number, Node>, memo: Map<Node, Node> = new Map()): Node {
    if (node <= TRUE) return node;
    const known = memo.get(node);
    if (known !== undefined) return known;
    const level = this.levels[node]!;
    const value = values.get(level);
    // A constant needs only one branch.
    let result: Node;
    if (value === TRUE) result = this.substitute(this.highs[node]!, values, memo);
    else if (value === FALSE) result = this.substitute(this.lows[node]!, values, memo);
    else {
      const low = this.substitute(this.lows[node]!, values, memo);
      const high = this.substitute(this.highs[node]!, values, memo);
      result = this.choose(value ?? this.variable(level), high, low);
    }
    memo.set(node, result);
    return result;
  }

  /** True where `node` holds for some value of the variables that `quantified` picks. */
  exists(node: Node, quantified: (level: number) => boolean): Node {
    return this.quantify(node, quantified, this.quantifyMemo.begin(), true);
  }

  /** True where `node` holds whatever the variables that `quantified` picks. */
  forAll(node: Node, quantified: (level: number) => boolean): Node {
    return this.quantify(node, quantified, this.quantifyMemo.begin(), false);
  }

  private quantify(node: Node, quantified: (level: number) => boolean, memo: NodeMemo, some: boolean): Node {
    if (node <= TRUE) return node;
    const known = memo.get(node);
    if (known !== undefined) return known;
    const level = this.levels[node]!;
    const low = this.quantify(this.lows[node]!, quantified, memo, some);
    const high = this.quantify(this.highs[node]!, quantified, memo, some);
    let result: Node;
    if (quantified(level)) result = some ? this.or(low, high) : this.and(low, high);
    else result = this.node(level, low, high);
    memo.set(node, result);
    return result;
  }

  /** The levels that a function or diagram tests, ascending. */
  support(node: Node): number[] {
    const found = new Set<number>();
    const seen = this.seen.begin();
    const stack = [node];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (this.levels[next] === TERMINAL || seen.get(next) !== undefined) continue;
      seen.set(next, TRUE);
      found.add(this.levels[next]!);
      stack.push(this.lows[next]!, this.highs[next]!);
    }
    return [...found].sort((a, b) => a - b);
  }

  /** The function tests some level of `[first, last]`. */
  tests(node: Node, first: number, last: number): boolean {
    const seen = this.seen.begin();
    const stack = [node];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const level = this.levels[next]!;
      if (level > last || seen.get(next) !== undefined) continue;
      if (level >= first) return true;
      seen.set(next, TRUE);
      stack.push(this.lows[next]!, this.highs[next]!);
    }
    return false;
  }

  /** The function's value where `valueOf` tells each variable. */
  holds(node: Node, valueOf: (level: number) => boolean): boolean {
    while (node > TRUE) node = valueOf(this.levels[node]!) ? this.highs[node]! : this.lows[node]!;
    return node === TRUE;
  }

  private remember(a: number, key: number, result: Node): void {
    const slot = hash2(a, key) & this.cacheMask;
    this.cacheA[slot] = a;
    this.cacheB[slot] = key;
    this.cacheR[slot] = result;
  }

  private growNodes(): void {
    const length = Math.min(this.levels.length * 2, this.maxNodes + 1);
    this.levels = extended(new Uint16Array(length), this.levels);
    this.lows = extended(new Int32Array(length), this.lows);
    this.highs = extended(new Int32Array(length), this.highs);
  }

  private growUnique(): void {
    const length = this.unique.length * 2;
    const mask = length - 1;
    const table = new Int32Array(length);
    for (let node = 2; node < this.count; node++) {
      if (this.levels[node] === TERMINAL) continue;
      let slot = hash3(this.levels[node]!, this.lows[node]!, this.highs[node]!) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = node;
    }
    this.unique = table;
    this.uniqueMask = mask;
    // The cache follows the diagram's size, up to 2^21 entries (24 MB).
    if (this.cacheA.length < length / 2 && this.cacheA.length < 1 << 21) {
      const size = this.cacheA.length * 2;
      this.cacheA = new Int32Array(size);
      this.cacheB = new Int32Array(size);
      this.cacheR = new Int32Array(size);
      this.cacheMask = size - 1;
    }
  }
}

function extended<T extends Uint16Array | Int32Array>(larger: T, old: T): T {
  larger.set(old);
  return larger;
}

function hash2(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b3c6d) >>> 8;
}

function hash3(level: number, low: number, high: number): number {
  let h = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b) ^ Math.imul(level, 0xc2b2ae35);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b3c6d) >>> 6;
}
