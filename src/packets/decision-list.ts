import { type Bdd, FALSE, type Node, TRUE } from './bdd.ts';
import { PairTable } from './pair-table.ts';

/**
 * One entry of a decision list: tests that must all hold, and the leaf (or diagram of leaves) that then decides.
 * The tests' variables must ascend: every variable of a test lies above those of the next one and of `outcome`.
 */
export interface DecisionEntry {
  readonly tests: readonly Node[];
  /** A leaf, or a diagram over leaves. A leaf equal to the list's `pass` lets the entry pass to the next one. */
  readonly outcome: Node;
}

const WORDS = 2;

/**
 * The diagram of a first-match decision list, built from the top down for all entries at once: at each variable the list splits into
 * what each entry says with the variable false and true; entries that cannot match fall out, and nothing after a match is looked at.
 * Equal remaining lists are built once. Unlike folding rule after rule, no intermediate set is ever made.
 */
export class DecisionLists {
  private readonly bdd: Bdd;
  /** The outcome of packets that no entry decides. */
  private readonly pass: Node;
  /** Interned tails of entries: what is left after the current test. `next` is a tail, or ~outcome at the end. */
  private readonly tails = new PairTable();
  /** Lists on their way, as pairs (current node, tail). */
  private stack = new Int32Array(1 << 16);
  private readonly memo = new ListMemo();
  private ownReturn: Node = FALSE;
  private readonly returns = new Set<Node>();

  constructor(bdd: Bdd, pass: Node) {
    this.bdd = bdd;
    this.pass = pass;
  }

  /** `ownReturn`: of the leaves that `isReturn` names, the one that decides here; the others mean that a called chain came back. */
  build(entries: readonly DecisionEntry[], ownReturn: Node = FALSE): Node {
    this.memo.clear();
    this.ownReturn = ownReturn;
    let top = 0;
    for (const entry of entries) {
      let tail = ~entry.outcome;
      for (let i = entry.tests.length - 1; i >= 0; i--) {
        if (entry.tests[i] === FALSE) {
          tail = 0;
          break;
        }
        if (entry.tests[i] !== TRUE) tail = this.tails.index(entry.tests[i]!, tail);
      }
      if (tail === 0) continue;
      this.reserve(top + WORDS);
      top = this.push(top, 0, TRUE, tail);
      if (top < 0) {
        top = ~top;
        break;
      }
    }
    return this.split(0, top);
  }

  /**
   * Appends an entry in its shortest form and returns the list's new end, or ~end when nothing after the entry can matter.
   * `node` is what is left of the current test (TRUE: go on with the tail).
   */
  private push(end: number, start: number, node: Node, tail: number): number {
    let current = node;
    let rest = tail;
    while (current === TRUE) {
      if (rest < 0) {
        current = ~rest;
        rest = 0;
        break;
      }
      current = this.tails.first(rest);
      rest = this.tails.second(rest);
    }
    if (current === FALSE || (rest === 0 && current === this.pass)) return end;
    const decides = rest === 0 && this.bdd.isLeaf(current);
    if (decides && current !== this.ownReturn && this.returns.has(current)) return end;
    // A repetition of the entry before says nothing new.
    if (end > start && this.stack[end - 2] === current && this.stack[end - 1] === rest) return end;
    this.stack[end] = current;
    this.stack[end + 1] = rest;
    return decides ? ~(end + WORDS) : end + WORDS;
  }

  /** Says that a leaf is some chain's return. */
  addReturn(leaf: Node): void {
    this.returns.add(leaf);
  }

  private reserve(words: number): void {
    if (words <= this.stack.length) return;
    const larger = new Int32Array(Math.max(words, this.stack.length * 2));
    larger.set(this.stack);
    this.stack = larger;
  }

  /** The diagram of one entry alone: no list to remember. */
  private single(node: Node, tail: number): Node {
    if (node === FALSE) return this.pass;
    if (node === TRUE) {
      if (tail >= 0) return this.single(this.tails.first(tail), this.tails.second(tail));
      // An outcome that returns from called chains must go through the list once more.
      return this.outcome(~tail);
    }
    const low = this.single(this.bdd.lowOf(node), tail);
    return this.bdd.node(this.bdd.levelOf(node), low, this.single(this.bdd.highOf(node), tail));
  }

  private outcome(diagram: Node): Node {
    if (!this.bdd.isLeaf(diagram)) {
      return this.bdd.replaceLeaves(diagram, (leaf) => this.outcome(leaf));
    }
    return diagram !== this.ownReturn && this.returns.has(diagram) ? this.pass : diagram;
  }

  private split(start: number, end: number): Node {
    if (start === end) return this.pass;
    const { bdd } = this;
    if (end - start === WORDS) {
      const rest = this.stack[start + 1]!;
      if (rest !== 0) return this.single(this.stack[start]!, rest);
      if (bdd.isLeaf(this.stack[start]!)) return this.stack[start]!;
    }
    const hash = hashOf(this.stack, start, end);
    const known = this.memo.find(hash, this.stack, start, end);
    if (known >= 0) return known;
    let level = 0xffff;
    for (let i = start; i < end; i += WORDS) {
      const at = bdd.levelOf(this.stack[i]!);
      if (at < level) level = at;
    }
    this.reserve(end + (end - start));
    let top = end;
    for (let i = start; i < end; i += WORDS) {
      const node = this.stack[i]!;
      const next = this.push(
        top,
        end,
        bdd.levelOf(node) === level ? bdd.lowOf(node) : node,
        this.stack[i + 1]!,
      );
      if (next < 0) {
        top = ~next;
        break;
      }
      top = next;
    }
    const low = this.split(end, top);
    top = end;
    for (let i = start; i < end; i += WORDS) {
      const node = this.stack[i]!;
      const next = this.push(
        top,
        end,
        bdd.levelOf(node) === level ? bdd.highOf(node) : node,
        this.stack[i + 1]!,
      );
      if (next < 0) {
        top = ~next;
        break;
      }
      top = next;
    }
    const high = this.split(end, top);
    const made = bdd.node(level, low, high);
    this.memo.add(hash, this.stack, start, end, made);
    return made;
  }
}

/** Words of list content that one build remembers at the most: 128 MB. */
const MOST_REMEMBERED = 1 << 25;

/** Results by list content: an open-addressed table over a pool of all keys met. */
class ListMemo {
  private pool = new Int32Array(1 << 12);
  private poolEnd = 0;
  private table = new Int32Array(1 << 10);
  private count = 0;
  private starts = new Int32Array(1 << 9);
  private hashes = new Int32Array(1 << 9);
  private results = new Int32Array(1 << 9);

  clear(): void {
    this.count = 0;
    this.poolEnd = 0;
    // A table that one long list has blown up would cost every short one after it.
    if (this.table.length > 1 << 16) this.table = new Int32Array(1 << 16);
    else this.table.fill(0);
  }

  /** The list's result, or -1. */
  find(hash: number, stack: Int32Array, start: number, end: number): Node {
    const mask = this.table.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = this.table[slot]! - 1;
      if (index < 0) return -1;
      if (this.hashes[index] === hash && this.same(index, stack, start, end)) return this.results[index]!;
    }
  }

  add(hash: number, stack: Int32Array, start: number, end: number, result: Node): void {
    const length = end - start;
    // Forgetting costs time, never the answer; not forgetting could cost gigabytes.
    if (this.poolEnd > MOST_REMEMBERED) this.clear();
    while (this.poolEnd + length + 1 > this.pool.length) this.pool = doubled(this.pool);
    if (this.count === this.starts.length) {
      this.starts = doubled(this.starts);
      this.hashes = doubled(this.hashes);
      this.results = doubled(this.results);
    }
    const index = this.count++;
    this.starts[index] = this.poolEnd;
    this.hashes[index] = hash;
    this.results[index] = result;
    this.pool[this.poolEnd++] = length;
    for (let i = start; i < end; i++) this.pool[this.poolEnd++] = stack[i]!;
    if (this.count * 2 > this.table.length) this.rehash();
    else this.insert(index);
  }

  private same(index: number, stack: Int32Array, start: number, end: number): boolean {
    let at = this.starts[index]!;
    if (this.pool[at++] !== end - start) return false;
    for (let i = start; i < end; i++) if (this.pool[at++] !== stack[i]) return false;
    return true;
  }

  private insert(index: number): void {
    const mask = this.table.length - 1;
    let slot = this.hashes[index]! & mask;
    while (this.table[slot] !== 0) slot = (slot + 1) & mask;
    this.table[slot] = index + 1;
  }

  private rehash(): void {
    this.table = new Int32Array(this.table.length * 2);
    for (let index = 0; index < this.count; index++) this.insert(index);
  }
}

function doubled(old: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(old.length * 2);
  larger.set(old);
  return larger;
}

function hashOf(stack: Int32Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) {
    hash = Math.imul(hash ^ stack[i]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash & 0x3fffffff;
}
