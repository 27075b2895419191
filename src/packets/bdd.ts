import { int32s } from './large-arrays.ts';
import { NodeMemo } from './node-memo.ts';
import { FALSE, type Node, NodeTable, TERMINAL, TRUE } from './node-table.ts';
import { Projection } from './projection.ts';

export {
  FALSE,
  type Node,
  OTHER_LEAVES,
  type Stretch,
  TERMINAL,
  TooComplex,
  TRUE,
  WORD,
} from './node-table.ts';

/** Variables beyond this would overflow the level table (and long before it, the stack). */
export const MAX_LEVEL = 6000;

/** Slots of the memo of functions that share nothing. */
const DISJOINT = 1 << 16;

/** Operations by their numbers in `engine/operations.ts`. */
const AND = 0;
const OR = 1;
const DIFF = 2;

/**
 * Reduced ordered binary decision diagrams (Bryant 1986), hash-consed by an engine.
 *
 * A variable is its level: smaller levels are tested first. Recursion depth is bounded by the number of variables.
 * Nothing is ever freed: one `Bdd` lives as long as one audit of one firewall.
 */
export class Bdd extends NodeTable {
  private readonly leafMemo = new NodeMemo();
  private readonly quantifyMemo = new NodeMemo();
  private readonly seen = new NodeMemo();
  /** Pairs of functions that are known to share nothing, the last of each slot. */
  private readonly disjoint = int32s(DISJOINT * 2);

  /** The diagram with each leaf replaced by what `instead` gives for it, which must be a leaf or a constant too. */
  replaceLeaves(node: Node, instead: (leaf: Node) => Node): Node {
    return this.replaceBelow(node, instead, this.leafMemo.begin());
  }

  private replaceBelow(node: Node, instead: (leaf: Node) => Node, memo: NodeMemo): Node {
    if (this.levelOf(node) === TERMINAL) return instead(node);
    const known = memo.get(node);
    if (known !== undefined) return known;
    const miss = this.replaceBelow(this.missOf(node), instead, memo);
    const result = this.like(node, miss, this.replaceBelow(this.matchOf(node), instead, memo));
    memo.set(node, result);
    return result;
  }

  /** `condition ? then : otherwise` of diagrams over leaves. For rare uses. */
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
    return this.engine.combine(AND, a, b);
  }

  or(a: Node, b: Node): Node {
    return this.engine.combine(OR, a, b);
  }

  /** `a` without `b`. */
  diff(a: Node, b: Node): Node {
    return this.engine.combine(DIFF, a, b);
  }

  /** What sets say of sources, see `Projection`. */
  projection(filter: Node, lastSource: number): Projection {
    return new Projection(this.engine, filter, lastSource);
  }

  /** Projections leave out what sets ask for at these levels, which lie above the sources. */
  leaveOut(levels: Iterable<number>): void {
    for (const level of levels) this.engine.leaveOut(level);
  }

  /** The paths that lead to TRUE: as many disjoint prefixes (or masked addresses) as a set of addresses falls into. */
  paths(set: Node): number {
    return this.engine.paths(set);
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
    const step = this.stepOf(node);
    let isReplaced = false;
    for (let bit = this.bitsOf(node) - 1; bit >= 0 && !isReplaced; bit--)
      isReplaced = values.has(level + bit * step);
    let result: Node;
    if (isReplaced) {
      const value = values.get(level);
      // A constant needs only one branch.
      if (value === TRUE) result = this.substitute(this.highOf(node), values, memo);
      else if (value === FALSE) result = this.substitute(this.lowOf(node), values, memo);
      else {
        const low = this.substitute(this.lowOf(node), values, memo);
        const high = this.substitute(this.highOf(node), values, memo);
        result = this.choose(value ?? this.variable(level), high, low);
      }
    } else {
      const miss = this.substitute(this.missOf(node), values, memo);
      const match = this.substitute(this.matchOf(node), values, memo);
      // What was put in may ask about variables above.
      const ascends = Math.min(this.levelOf(miss), this.levelOf(match)) > this.lastLevelOf(node);
      result = ascends
        ? this.like(node, miss, match)
        : this.choose(this.like(node, FALSE, TRUE), match, miss);
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
    const enough = some ? TRUE : FALSE;
    if (!quantified(level)) {
      // As many of its variables as are not quantified either.
      const step = this.stepOf(node);
      let bits = 1;
      for (const all = this.bitsOf(node); bits < all && !quantified(level + bits * step);) bits++;
      const match = this.quantify(this.after(node, bits), quantified, last, memo, some);
      result = this.begun(node, bits, this.quantify(this.missOf(node), quantified, last, memo, some), match);
    } else {
      // One side may say it all: that of "any other name", which has the highest number, mostly does.
      result = this.quantify(this.highOf(node), quantified, last, memo, some);
      if (result !== enough) {
        const low = this.quantify(this.lowOf(node), quantified, last, memo, some);
        result = some ? this.or(low, result) : this.and(low, result);
      }
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
      const [level, step] = [this.levelOf(next), this.stepOf(next)];
      for (let bit = this.bitsOf(next) - 1; bit >= 0; bit--) found.add(level + bit * step);
      stack.push(this.missOf(next), this.matchOf(next));
    }
    return [...found].sort((a, b) => a - b);
  }

  /** The function tests some level of `[first, last]`. */
  tests(node: Node, first: number, last: number): boolean {
    const seen = this.seen.begin();
    const stack = [node];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (this.levelOf(next) > last || seen.get(next) !== undefined) continue;
      if (this.asksWithin(next, first, last)) return true;
      seen.set(next, TRUE);
      stack.push(this.missOf(next), this.matchOf(next));
    }
    return false;
  }

  /** The function's value where `valueOf` tells each variable. */
  holds(node: Node, valueOf: (level: number) => boolean): boolean {
    while (node > TRUE) node = this.next(node, valueOf);
    return node === TRUE;
  }

  /** Where a node, no leaf, leads to where `valueOf` tells each variable. */
  next(node: Node, valueOf: (level: number) => boolean): Node {
    const pattern = this.patternOf(node);
    const step = this.stepOf(node);
    let level = this.levelOf(node);
    for (let bit = this.bitsOf(node) - 1; bit >= 0; bit--, level += step)
      if (valueOf(level) !== (((pattern >>> bit) & 1) === 1)) return this.missOf(node);
    return this.matchOf(node);
  }

  /** Those of the first `bits` variables of a node that have to be true to match. */
  levelsHigh(node: Node, bits: number): readonly number[] {
    const [level, step, last] = [this.levelOf(node), this.stepOf(node), this.bitsOf(node) - 1];
    const pattern = this.patternOf(node);
    const levels: number[] = [];
    for (let i = 0; i < bits; i++) if ((pattern >>> (last - i)) & 1) levels.push(level + i * step);
    return levels;
  }

  /** `missOf` and `after` of a node that may begin below `level`, and then stays as it is. */
  missAt(node: Node, level: number): Node {
    return this.levelOf(node) === level ? this.missOf(node) : node;
  }

  afterAt(node: Node, level: number, bits: number): Node {
    return this.levelOf(node) === level ? this.after(node, bits) : node;
  }

  /**
   * The ways out of a node, those whose first variable that tells them apart is false before those where it is true: where each leads, the
   * values of the first variables as a number, and how many they are. Ways to FALSE are left out.
   */
  *ways(node: Node): Generator<readonly [to: Node, values: number, bits: number]> {
    const [bits, pattern] = [this.bitsOf(node), this.patternOf(node)];
    const [miss, match] = [this.missOf(node), this.matchOf(node)];
    for (let i = 1; i <= bits && miss !== FALSE; i++) {
      const values = pattern >>> (bits - i);
      if (values & 1) yield [miss, (values ^ 1) >>> 0, i];
    }
    if (match !== FALSE) yield [match, pattern >>> 0, bits];
    for (let i = bits; i > 0 && miss !== FALSE; i--) {
      const values = pattern >>> (bits - i);
      if (!(values & 1)) yield [miss, (values ^ 1) >>> 0, i];
    }
  }

  /** The functions are known to share nothing, see `meeting`. */
  areDisjoint(a: Node, b: Node): boolean {
    const slot = (hash2(a, b) & (DISJOINT - 1)) * 2;
    return this.disjoint[slot] === a && this.disjoint[slot + 1] === b;
  }

  setDisjoint(a: Node, b: Node): void {
    const slot = (hash2(a, b) & (DISJOINT - 1)) * 2;
    this.disjoint[slot] = a;
    this.disjoint[slot + 1] = b;
  }
}

function hash2(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b3c6d) >>> 8;
}
