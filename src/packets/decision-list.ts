import { type Bdd, FALSE, type Node, TERMINAL, TRUE } from './bdd.ts';
import { ListMemo } from './list-memo.ts';
import { NodeMemo } from './node-memo.ts';
import { PairTable } from './pair-table.ts';
import type { PortMap } from './port-map.ts';
import type { Test, Tests } from './tests.ts';

const WORDS = 2;

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
 * at each variable the list splits into what each entry says with the variable false and true; entries that cannot match fall out, and
 * nothing after a match is looked at. Equal remaining lists are built once. Unlike folding rule after rule, no intermediate set is made.
 */
export class DecisionLists {
  private readonly bdd: Bdd;
  private readonly tests: Tests;
  /** The outcome of packets that no entry decides. */
  private readonly pass: Node;
  private readonly keys: number;
  /** Interned tails of tests: what is left after the current one. `next` is a tail, or ~outcome at the end. */
  private readonly tails = new PairTable();
  /** Lists on their way, as pairs (current node, rest). A rest of 0: the node is the outcome. */
  private stack = new Int32Array(1 << 12);
  private readonly memo = new ListMemo();
  private readonly finished = new NodeMemo();
  private readonly low = new Side();
  private readonly high = new Side();
  private finish: ((leaf: Node) => Node) | undefined;

  /** `keys`: how many there are. */
  constructor(bdd: Bdd, tests: Tests, pass: Node, keys: number) {
    this.bdd = bdd;
    this.tests = tests;
    this.pass = pass;
    this.keys = keys;
  }

  /** An entry as the rest of a test that holds; undefined if some test never does. */
  rest(tests: readonly Test[], outcome: Node): number | undefined {
    let rest = ~outcome;
    for (let i = tests.length - 1; i >= 0; i--) {
      if (tests[i] === FALSE) return undefined;
      if (tests[i] !== TRUE) rest = this.tails.index(tests[i]!, rest);
    }
    return rest;
  }

  /** `finish`: what becomes of each leaf in the result; leaves and constants only. */
  build(list: DecisionList, finish?: (leaf: Node) => Node): PortMap {
    this.memo.clear();
    this.finished.begin();
    this.finish = finish;
    const starts: number[] = [];
    const nodes: Node[] = [];
    const sweep = new Sweep(list);
    for (let key = 0; key < this.keys; key = sweep.next(this.keys)) {
      sweep.moveTo(key);
      const node = this.splitActive(list, sweep.active, sweep.count);
      if (nodes.length > 0 && nodes[nodes.length - 1] === node) continue;
      starts.push(key);
      nodes.push(node);
    }
    return { starts, nodes };
  }

  private splitActive(list: DecisionList, active: Int32Array, count: number): Node {
    this.reserve(count * WORDS);
    const { low } = this;
    low.begin(0);
    for (let i = 0; i < count && low.open; i++) {
      this.append(low, TRUE, list.rests[active[i]!]!);
    }
    return this.split(low);
  }

  /** Appends an entry in its shortest form. `node` is what is left of the current test (TRUE: go on with the rest). */
  private append(side: Side, node: Test, tail: number): void {
    let current = node;
    let rest = tail;
    while (current === TRUE && rest !== 0) {
      if (rest < 0) {
        current = ~rest;
        rest = 0;
      } else {
        current = this.tails.first(rest);
        rest = this.tails.second(rest);
      }
    }
    if (current === FALSE && rest !== 0) return;
    if (rest === 0 ? current === this.pass : rest === ~this.pass) return;
    this.put(side, current, rest, this.tests.levelOf(current));
  }

  private put(side: Side, node: Test, rest: number, nodeLevel: number): void {
    side.put(this.stack, this.tests, node, rest, nodeLevel, rest < 0 ? this.bdd.levelOf(~rest) : TERMINAL);
  }

  private reserve(words: number): void {
    if (words <= this.stack.length) return;
    const larger = new Int32Array(Math.max(words, this.stack.length * 2));
    larger.set(this.stack);
    this.stack = larger;
  }

  /** The outcome as the result has it. */
  private outcome(diagram: Node): Node {
    const { finish, bdd } = this;
    if (finish === undefined) return diagram;
    if (bdd.isLeaf(diagram)) return finish(diagram);
    const known = this.finished.get(diagram);
    if (known !== undefined) return known;
    const low = this.outcome(bdd.lowOf(diagram));
    const result = bdd.node(bdd.levelOf(diagram), low, this.outcome(bdd.highOf(diagram)));
    this.finished.set(diagram, result);
    return result;
  }

  /** The diagram of one entry alone: no list to remember. */
  private single(node: Test, rest: number): Node {
    const { bdd, tests } = this;
    if (node === FALSE) return this.outcome(this.pass);
    if (node === TRUE) {
      if (rest >= 0) return this.single(this.tails.first(rest), this.tails.second(rest));
      return this.outcome(~rest);
    }
    // Where test and outcome mix, paths may be many and meet again.
    if (rest < 0 && bdd.levelOf(~rest) <= tests.lastLevelOf(node))
      return this.outcome(bdd.keepWhere(tests.node(node), ~rest, this.pass));
    if (tests.isPrefix(node)) return tests.stacked(node, this.outcome(this.pass), this.single(TRUE, rest));
    const low = this.single(bdd.lowOf(node), rest);
    return bdd.node(bdd.levelOf(node), low, this.single(bdd.highOf(node), rest));
  }

  private split(side: Side): Node {
    const { start, end, hash, level, first, next } = side;
    if (start === end) return this.outcome(this.pass);
    if (end - start === WORDS) {
      const rest = this.stack[start + 1]!;
      return rest === 0 ? this.outcome(this.stack[start]!) : this.single(this.stack[start]!, rest);
    }
    const known = this.memo.find(hash, this.stack, start, end);
    if (known >= 0) return known;
    const { low, high, tests } = this;
    this.reserve(end + (end - start) * 2);
    // The high side's list lies before the low side's, which is used up first.
    high.begin(end);
    low.begin(end + (end - start));
    const bits = side.common > 1 ? Math.min(side.common, tests.bitsAbove(first, next)) : 1;
    if (bits > 1) this.skip(start, end, level, bits);
    else this.spread(start, end, level);
    const later = high.copy();
    const lowNode = this.split(low);
    const highNode = this.split(later);
    const made =
      bits > 1 ? tests.stacked(first, lowNode, highNode, bits) : this.bdd.node(level, lowNode, highNode);
    this.memo.add(hash, this.stack, start, end, made);
    return made;
  }

  /** What the list says with the variable true, and what it says with the variable false. */
  private spread(start: number, end: number, level: number): void {
    const { bdd, tests, low, high, stack } = this;
    for (let i = start; i < end; i += WORDS) {
      const node = stack[i]!;
      const rest = stack[i + 1]!;
      const nodeLevel = tests.levelOf(node);
      const outcomeLevel = rest < 0 ? bdd.levelOf(~rest) : TERMINAL;
      if (nodeLevel !== level && outcomeLevel !== level) {
        if (high.open) high.put(stack, tests, node, rest, nodeLevel, outcomeLevel);
        if (low.open) low.put(stack, tests, node, rest, nodeLevel, outcomeLevel);
      } else {
        const splits = nodeLevel === level;
        const parts = outcomeLevel === level;
        if (high.open)
          this.append(high, splits ? tests.side(node, true) : node, parts ? ~bdd.highOf(~rest) : rest);
        if (low.open)
          this.append(low, splits ? tests.side(node, false) : node, parts ? ~bdd.lowOf(~rest) : rest);
      }
    }
  }

  /** What the list says where the next `bits` are as all the prefixes that look at them ask, and where they are not. */
  private skip(start: number, end: number, level: number, bits: number): void {
    const { bdd, tests, low, high, stack } = this;
    for (let i = start; i < end; i += WORDS) {
      const node = stack[i]!;
      const rest = stack[i + 1]!;
      const nodeLevel = tests.levelOf(node);
      if (nodeLevel === level) {
        if (high.open) this.append(high, tests.after(node, bits), rest);
        continue;
      }
      const outcomeLevel = rest < 0 ? bdd.levelOf(~rest) : TERMINAL;
      if (high.open) high.put(stack, tests, node, rest, nodeLevel, outcomeLevel);
      if (low.open) low.put(stack, tests, node, rest, nodeLevel, outcomeLevel);
    }
  }
}

/** More than any prefix has. */
const MOST_BITS = 64;

/** A list being written: where it lies, its hash, and what its entries look at first. */
class Side {
  start = 0;
  end = 0;
  hash = 0;
  /** The first level that any of the entries looks at. */
  level = TERMINAL;
  /** The first of the tests that look at it, and how many bits from there on all of them ask the same of; 0: not known. */
  first: Test = 0;
  common = 0;
  /** The first level that any other test or any outcome looks at. */
  next = TERMINAL;
  /** False after an entry that decides: nothing after it can matter. */
  open = true;

  begin(start: number): void {
    this.start = start;
    this.end = start;
    this.hash = 0;
    this.level = TERMINAL;
    this.first = 0;
    this.common = 0;
    this.next = TERMINAL;
    this.open = true;
  }

  copy(): Side {
    const copy = new Side();
    copy.start = this.start;
    copy.end = this.end;
    copy.hash = this.hash;
    copy.level = this.level;
    copy.first = this.first;
    copy.common = this.common;
    copy.next = this.next;
    return copy;
  }

  put(
    stack: Int32Array,
    tests: Tests,
    node: Test,
    rest: number,
    nodeLevel: number,
    outcomeLevel: number,
  ): void {
    const { end } = this;
    // A repetition of the entry before says nothing new.
    if (end > this.start && stack[end - 2] === node && stack[end - 1] === rest) return;
    stack[end] = node;
    stack[end + 1] = rest;
    this.end = end + WORDS;
    let hash = Math.imul(this.hash ^ node, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ rest, 0x85ebca6b);
    this.hash = hash ^ (hash >>> 13);
    if (nodeLevel < this.level) {
      this.next = this.level;
      this.level = nodeLevel;
      this.first = node;
      this.common = tests.isPrefix(node) ? MOST_BITS : 0;
    } else if (nodeLevel === this.level) {
      if (this.common > 0 && node !== this.first)
        this.common = tests.isPrefix(node) ? Math.min(this.common, tests.commonBits(this.first, node)) : 0;
    } else if (nodeLevel < this.next) this.next = nodeLevel;
    if (outcomeLevel < this.next) {
      if (outcomeLevel > this.level) this.next = outcomeLevel;
      else {
        if (outcomeLevel < this.level) this.next = this.level;
        this.level = outcomeLevel;
        this.common = 0;
      }
    }
    if (nodeLevel === TERMINAL && rest === 0) this.open = false;
  }
}

/** Goes through the keys of a list and keeps which of its entries are in force, in order. */
class Sweep {
  active: Int32Array;
  count = 0;
  /** Pieces by first key, and by last key. */
  private readonly byStart: Float64Array;
  private readonly byEnd: Float64Array;
  private started = 0;
  private ended = 0;

  constructor(list: DecisionList) {
    const pieces = list.from.length;
    this.active = new Int32Array(64);
    this.byStart = new Float64Array(pieces);
    this.byEnd = new Float64Array(pieces);
    for (let i = 0; i < pieces; i++) {
      this.byStart[i] = list.from[i]! * PIECES + i;
      this.byEnd[i] = list.to[i]! * PIECES + i;
    }
    this.byStart.sort();
    this.byEnd.sort();
  }

  /** The next key at which some entry begins or has ended. */
  next(keys: number): number {
    const start =
      this.started < this.byStart.length ? Math.floor(this.byStart[this.started]! / PIECES) : keys;
    const end = this.ended < this.byEnd.length ? Math.floor(this.byEnd[this.ended]! / PIECES) + 1 : keys;
    return Math.min(start, end);
  }

  moveTo(key: number): void {
    const { byStart, byEnd } = this;
    while (this.ended < byEnd.length && byEnd[this.ended]! < key * PIECES)
      this.remove(byEnd[this.ended++]! % PIECES);
    while (this.started < byStart.length && byStart[this.started]! < (key + 1) * PIECES)
      this.insert(byStart[this.started++]! % PIECES);
  }

  private insert(piece: number): void {
    if (this.count === this.active.length) {
      const larger = new Int32Array(this.count * 2);
      larger.set(this.active);
      this.active = larger;
    }
    const at = this.position(piece);
    this.active.copyWithin(at + 1, at, this.count);
    this.active[at] = piece;
    this.count++;
  }

  private remove(piece: number): void {
    const at = this.position(piece);
    this.active.copyWithin(at, at + 1, this.count);
    this.count--;
  }

  /** Where the piece is, or belongs. Pieces are numbered in the order of their entries. */
  private position(piece: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.active[middle]! < piece) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** More pieces than any list has; keys times this stay exact. */
const PIECES = 2 ** 28;
