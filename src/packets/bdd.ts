import { NodeMemo } from './node-memo.ts';
import { FALSE, type Node, NodeTable, TERMINAL, TRUE } from './node-table.ts';

export { FALSE, type Node, OTHER_LEAVES, TERMINAL, TooComplex, TRUE } from './node-table.ts';

/** Variables beyond this would overflow the level table (and long before it, the stack). */
export const MAX_LEVEL = 6000;

/** Words of a slot of the cache. */
const SLOT = 4;

const AND = 0;
const OR = 1;
const DIFF = 2;
const KEEP = 3;

/**
 * Reduced ordered binary decision diagrams (Bryant 1986), hash-consed in typed arrays.
 *
 * A variable is its level: smaller levels are tested first. Recursion depth is bounded by the number of variables.
 * Nothing is ever freed: one `Bdd` lives as long as one audit of one firewall.
 */
export class Bdd extends NodeTable {
  /** Lossy cache of binary operations, four words each: the operands (the second with the operation in its low bits) and the result. */
  private cache = new Int32Array(1 << 14);
  private cacheMask = (1 << 12) - 1;
  private readonly leafMemo = new NodeMemo();
  private readonly quantifyMemo = new NodeMemo();
  private readonly seen = new NodeMemo();

  /** The diagram with each leaf replaced by what `instead` gives for it, which must be a leaf or a constant too. */
  replaceLeaves(node: Node, instead: (leaf: Node) => Node): Node {
    return this.replaceBelow(node, instead, this.leafMemo.begin());
  }

  private replaceBelow(node: Node, instead: (leaf: Node) => Node, memo: NodeMemo): Node {
    if (this.levelOf(node) === TERMINAL) return instead(node);
    const known = memo.get(node);
    if (known !== undefined) return known;
    const low = this.replaceBelow(this.lowOf(node), instead, memo);
    const result = this.node(this.levelOf(node), low, this.replaceBelow(this.highOf(node), instead, memo));
    memo.set(node, result);
    return result;
  }

  /** A diagram over leaves where `condition` holds, and `otherwise`, a leaf that is the same in every call, elsewhere. */
  keepWhere(condition: Node, diagram: Node, otherwise: Node): Node {
    if (condition === TRUE || diagram === otherwise) return diagram;
    if (condition === FALSE) return otherwise;
    const key = diagram * 4 + KEEP;
    const slot = (hash2(condition, key) & this.cacheMask) * SLOT;
    if (this.cache[slot] === condition && this.cache[slot + 1] === key) return this.cache[slot + 2]!;
    const lc = this.levelOf(condition);
    const ld = this.levelOf(diagram);
    let result: Node;
    if (lc === ld) {
      const low = this.keepWhere(this.lowOf(condition), this.lowOf(diagram), otherwise);
      result = this.node(lc, low, this.keepWhere(this.highOf(condition), this.highOf(diagram), otherwise));
    } else if (lc < ld) {
      const low = this.keepWhere(this.lowOf(condition), diagram, otherwise);
      result = this.node(lc, low, this.keepWhere(this.highOf(condition), diagram, otherwise));
    } else {
      const low = this.keepWhere(condition, this.lowOf(diagram), otherwise);
      result = this.node(ld, low, this.keepWhere(condition, this.highOf(diagram), otherwise));
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
    const level = Math.min(this.levelOf(condition), this.levelOf(then), this.levelOf(otherwise));
    const side = (node: Node, high: boolean): Node =>
      this.levelOf(node) !== level ? node : high ? this.highOf(node) : this.lowOf(node);
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
    const slot = (hash2(a, key) & this.cacheMask) * SLOT;
    if (this.cache[slot] === a && this.cache[slot + 1] === key) return this.cache[slot + 2]!;
    const la = this.levelOf(a);
    const lb = this.levelOf(b);
    let result: Node;
    if (la === lb) {
      const low = this.and(this.lowOf(a), this.lowOf(b));
      result = this.node(la, low, this.and(this.highOf(a), this.highOf(b)));
    } else if (la < lb) {
      const low = this.and(this.lowOf(a), b);
      result = this.node(la, low, this.and(this.highOf(a), b));
    } else {
      const low = this.and(a, this.lowOf(b));
      result = this.node(lb, low, this.and(a, this.highOf(b)));
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
    const slot = (hash2(a, key) & this.cacheMask) * SLOT;
    if (this.cache[slot] === a && this.cache[slot + 1] === key) return this.cache[slot + 2]!;
    const la = this.levelOf(a);
    const lb = this.levelOf(b);
    let result: Node;
    if (la === lb) {
      const low = this.or(this.lowOf(a), this.lowOf(b));
      result = this.node(la, low, this.or(this.highOf(a), this.highOf(b)));
    } else if (la < lb) {
      const low = this.or(this.lowOf(a), b);
      result = this.node(la, low, this.or(this.highOf(a), b));
    } else {
      const low = this.or(a, this.lowOf(b));
      result = this.node(lb, low, this.or(a, this.highOf(b)));
    }
    this.remember(a, key, result);
    return result;
  }

  /** `a` without `b`. */
  diff(a: Node, b: Node): Node {
    if (a === FALSE || b === TRUE || a === b) return FALSE;
    if (b === FALSE) return a;
    const key = b * 4 + DIFF;
    const slot = (hash2(a, key) & this.cacheMask) * SLOT;
    if (this.cache[slot] === a && this.cache[slot + 1] === key) return this.cache[slot + 2]!;
    const la = this.levelOf(a);
    const lb = this.levelOf(b);
    let result: Node;
    if (la === lb) {
      const low = this.diff(this.lowOf(a), this.lowOf(b));
      result = this.node(la, low, this.diff(this.highOf(a), this.highOf(b)));
    } else if (la < lb) {
      const low = this.diff(this.lowOf(a), b);
      result = this.node(la, low, this.diff(this.highOf(a), b));
    } else {
      const low = this.diff(a, this.lowOf(b));
      result = this.node(lb, low, this.diff(a, this.highOf(b)));
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
    const level = this.levelOf(node);
    const value = values.get(level);
    // A constant needs only one branch.
    let result: Node;
    if (value === TRUE) result = this.substitute(this.highOf(node), values, memo);
    else if (value === FALSE) result = this.substitute(this.lowOf(node), values, memo);
    else {
      const low = this.substitute(this.lowOf(node), values, memo);
      const high = this.substitute(this.highOf(node), values, memo);
      result = this.choose(value ?? this.variable(level), high, low);
    }
    memo.set(node, result);
    return result;
  }

  /** True where `node` holds for some value of the variables that `quantified` picks, none of them below `last`. */
  exists(node: Node, quantified: (level: number) => boolean, last = MAX_LEVEL): Node {
    return this.quantify(node, quantified, last, this.quantifyMemo.begin(), true);
  }

  /** True where `node` holds whatever the variables that `quantified` picks, none of them below `last`. */
  forAll(node: Node, quantified: (level: number) => boolean, last = MAX_LEVEL): Node {
    return this.quantify(node, quantified, last, this.quantifyMemo.begin(), false);
  }

  private quantify(
    node: Node,
    quantified: (level: number) => boolean,
    last: number,
    memo: NodeMemo,
    some: boolean,
  ): Node {
    const level = this.levelOf(node);
    if (level > last) return node;
    const known = memo.get(node);
    if (known !== undefined) return known;
    let result: Node;
    // One side may say it all: that of "any other name", which has the highest number, mostly does.
    const high = this.quantify(this.highOf(node), quantified, last, memo, some);
    if (quantified(level) && high === (some ? TRUE : FALSE)) result = high;
    else {
      const low = this.quantify(this.lowOf(node), quantified, last, memo, some);
      if (quantified(level)) result = some ? this.or(low, high) : this.and(low, high);
      else result = this.node(level, low, high);
    }
    memo.set(node, result);
    return result;
  }

  /** The levels that a function or diagram tests, ascending. */
  support(node: Node): number[] {
    const found = new Set<number>();
    const seen = this.seen.begin();
    const stack = [node];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (this.levelOf(next) === TERMINAL || seen.get(next) !== undefined) continue;
      seen.set(next, TRUE);
      found.add(this.levelOf(next));
      stack.push(this.lowOf(next), this.highOf(next));
    }
    return [...found].sort((a, b) => a - b);
  }

  /** The function tests some level of `[first, last]`. */
  tests(node: Node, first: number, last: number): boolean {
    const seen = this.seen.begin();
    const stack = [node];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const level = this.levelOf(next);
      if (level > last || seen.get(next) !== undefined) continue;
      if (level >= first) return true;
      seen.set(next, TRUE);
      stack.push(this.lowOf(next), this.highOf(next));
    }
    return false;
  }

  /** The function's value where `valueOf` tells each variable. */
  holds(node: Node, valueOf: (level: number) => boolean): boolean {
    while (node > TRUE) node = valueOf(this.levelOf(node)) ? this.highOf(node) : this.lowOf(node);
    return node === TRUE;
  }

  private remember(a: number, key: number, result: Node): void {
    const slot = (hash2(a, key) & this.cacheMask) * SLOT;
    this.cache[slot] = a;
    this.cache[slot + 1] = key;
    this.cache[slot + 2] = result;
    // The cache follows the diagram's size, up to 2^20 results (16 MB).
    if (this.cacheMask < this.size / 2 && this.cacheMask < 1 << 20) {
      this.cacheMask = this.cacheMask * 2 + 1;
      this.cache = new Int32Array((this.cacheMask + 1) * SLOT);
    }
  }
}

function hash2(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b3c6d) >>> 8;
}
