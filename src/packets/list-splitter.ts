import { type Bdd, FALSE, type Node, OTHER_LEAVES, TERMINAL, TRUE } from './bdd.ts';
import { EntryList, levelIn, MIXED, WORDS } from './entry-list.ts';
import { ListMemo } from './list-memo.ts';
import { NodeMemo } from './node-memo.ts';
import type { PairTable } from './pair-table.ts';
import type { Test, Tests } from './tests.ts';

/** What lists are made of. */
export interface ListParts {
  readonly bdd: Bdd;
  readonly tests: Tests;
  /** The outcome of packets that no entry decides: a leaf of a value below `OTHER_LEAVES`. */
  readonly pass: Node;
  /** Interned tails of tests: what is left after the current one. `next` is a tail, or ~outcome at the end. */
  readonly tails: PairTable;
}

/** Slots of the memo of single entries, and of that of two diagrams. */
const SINGLES = 1 << 14;
const PAIRS = 1 << 14;

/**
 * Turns lists of entries into diagrams. At each variable a list splits into what its entries say with the variable false and true.
 * Entries that cannot match fall out, so does what comes after an entry that decides everything, and what decides no other than the
 * entries after it would. Equal remaining lists are built once.
 */
export class ListSplitter {
  private readonly bdd: Bdd;
  private readonly tests: Tests;
  private readonly tails: PairTable;
  private readonly pass: Node;
  private readonly passBit: number;
  /** Lists on their way. An entry's rest of 0: the node is the outcome. */
  private stack = new Int32Array(1 << 12);
  private readonly memo = new ListMemo();
  private readonly finished = new NodeMemo().begin();
  private readonly low = new EntryList();
  private readonly high = new EntryList();
  private readonly finish: ((leaf: Node) => Node) | undefined;
  /** By the value of a leaf: the leaves that become the same in the result. */
  private readonly alike = new Int32Array(OTHER_LEAVES);
  /** Node, rest and result of single entries, the last of each slot. */
  private readonly singles = new Int32Array(SINGLES * 4);
  /** Both diagrams and the result of lists of two, the last of each slot. */
  private readonly pairs = new Int32Array(PAIRS * 4);
  /** The list that `put` adds to. */
  private readonly given = new EntryList();

  /** `finish`: what becomes of each leaf in the result. */
  constructor(parts: ListParts, finish?: (leaf: Node) => Node) {
    this.bdd = parts.bdd;
    this.tests = parts.tests;
    this.tails = parts.tails;
    this.pass = parts.pass;
    this.passBit = parts.bdd.leavesBelow(parts.pass);
    this.finish = finish;
    this.meet(0);
  }

  /** Says which leaves lists lead to from now on, as `Bdd.leavesBelow`; leaves that were said before stay. */
  meet(met: number): void {
    const { bdd, finish, alike } = this;
    const leaves = met | this.passBit;
    for (let value = 0; value < OTHER_LEAVES; value++) {
      alike[value] = 1 << value;
      if (finish === undefined || (leaves & (1 << value)) === 0) continue;
      const becomes = finish(bdd.leaf(value));
      for (let other = 0; other < value; other++) {
        if ((leaves & (1 << other)) === 0 || finish(bdd.leaf(other)) !== becomes) continue;
        alike[value]! |= 1 << other;
        alike[other]! |= 1 << value;
      }
    }
  }

  /** Begins a list. */
  begin(): void {
    this.given.begin(0);
  }

  /** Adds an entry to the list; false if nothing after it can matter. */
  put(rest: number): boolean {
    this.reserve(this.given.end + WORDS);
    this.append(this.given, TRUE, rest);
    return this.given.open;
  }

  /** The diagram of the list. */
  diagram(): Node {
    const { given } = this;
    this.withoutIdle(given);
    return this.split(given.start, given.end, given.hash);
  }

  /** Appends an entry in its shortest form. `node` is what is left of the current test (TRUE: go on with the rest). */
  private append(list: EntryList, node: Test, tail: number): void {
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
    const { bdd, tests } = this;
    if (rest === 0) {
      if (current === this.pass) return;
      list.put(this.stack, current, 0, bdd.levelOf(current));
      if ((bdd.leavesBelow(current) & this.passBit) === 0) list.open = false;
      return;
    }
    if (current === FALSE || rest === ~this.pass) return;
    const level = tests.levelOf(current);
    const outcome = rest < 0 ? bdd.levelOf(~rest) : TERMINAL;
    if (outcome === TERMINAL || (tests.isPrefix(current) && outcome > tests.lastLevelOf(current)))
      list.put(this.stack, current, rest, level);
    else list.put(this.stack, current, rest, Math.min(level, outcome) | MIXED);
  }

  /** Takes out the last entries where packets that they decide would end in the same way without them. */
  private withoutIdle(list: EntryList): void {
    const { stack, bdd, pass } = this;
    let last = list.end - WORDS;
    if (last < list.start) return;
    let leaf = pass;
    if (!list.open) {
      leaf = stack[last]!;
      if (!bdd.isLeaf(leaf)) return;
      if (this.decidesAs(leaf, pass)) {
        leaf = pass;
        list.open = true;
      } else last -= WORDS;
    }
    let from = last;
    while (from >= list.start) {
      const rest = stack[from + 1]!;
      if (rest > 0 || !this.decidesAs(rest === 0 ? stack[from]! : ~rest, leaf)) break;
      from -= WORDS;
    }
    if (from < last) list.cut(stack, from + WORDS, !list.open);
  }

  /** All that a diagram decides becomes what the leaf becomes. */
  private decidesAs(diagram: Node, leaf: Node): boolean {
    if (diagram === leaf) return true;
    const value = this.bdd.leafValue(leaf)!;
    if (value >= OTHER_LEAVES) return false;
    return (this.bdd.leavesBelow(diagram) & ~(this.alike[value]! | this.passBit)) === 0;
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
    const miss = this.outcome(bdd.missOf(diagram));
    const result = bdd.like(diagram, miss, this.outcome(bdd.matchOf(diagram)));
    this.finished.set(diagram, result);
    return result;
  }

  /** The diagram of one entry alone, whose test has still something to ask. */
  private single(node: Test, rest: number): Node {
    const { singles } = this;
    const hash = Math.imul(node, 0x9e3779b1) ^ Math.imul(rest, 0x85ebca6b);
    const slot = ((hash ^ (hash >>> 15)) & (SINGLES - 1)) * 4;
    if (singles[slot] === node && singles[slot + 1] === rest) return singles[slot + 2]!;
    const made = this.makeSingle(node, rest);
    singles[slot] = node;
    singles[slot + 1] = rest;
    singles[slot + 2] = made;
    return made;
  }

  private makeSingle(node: Test, rest: number): Node {
    const { bdd, tests } = this;
    // Where test and outcome mix, paths may be many and meet again.
    if (rest < 0 && bdd.levelOf(~rest) <= tests.lastLevelOf(node))
      return this.outcome(bdd.keepWhere(tests.node(node), ~rest, this.pass));
    if (tests.isPrefix(node)) return tests.stacked(node, this.outcome(this.pass), this.after(TRUE, rest));
    const miss = this.after(bdd.missOf(node), rest);
    return bdd.like(node, miss, this.after(bdd.matchOf(node), rest));
  }

  /** The diagram of one entry alone, `node` being what is left of its test. */
  private after(node: Test, rest: number): Node {
    if (node === FALSE) return this.outcome(this.pass);
    if (node !== TRUE) return this.single(node, rest);
    return rest < 0 ? this.outcome(~rest) : this.single(this.tails.first(rest), this.tails.second(rest));
  }

  /** The list of two diagrams: what the first does not decide, the second does. Most lists end as such, and this takes half the time. */
  private over(first: Node, second: Node): Node {
    const { bdd, pass, pairs } = this;
    if (first === pass) return this.outcome(second);
    if (second === pass || first === second || (bdd.leavesBelow(first) & this.passBit) === 0)
      return this.outcome(first);
    if (this.decidesAs(second, pass)) return this.outcome(this.decidesAs(first, pass) ? pass : first);
    if (bdd.isLeaf(second) && this.decidesAs(first, second)) return this.outcome(second);
    const hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    const slot = ((hash ^ (hash >>> 15)) & (PAIRS - 1)) * 4;
    if (pairs[slot] === first && pairs[slot + 1] === second) return pairs[slot + 2]!;
    const made = this.merged(first, second);
    pairs[slot] = first;
    pairs[slot + 1] = second;
    pairs[slot + 2] = made;
    return made;
  }

  /** `over` of two diagrams of which the first leaves something to the second. */
  private merged(first: Node, second: Node): Node {
    const { bdd } = this;
    const level = Math.min(bdd.levelOf(first), bdd.levelOf(second));
    const bits = bdd.bitsTogether(first, second);
    if (bits === 0) {
      const low = this.over(bdd.lowOf(first), bdd.lowOf(second));
      return bdd.node(level, low, this.over(bdd.highOf(first), bdd.highOf(second)));
    }
    const upper = bdd.levelOf(first) === level ? first : second;
    const miss = this.over(bdd.missAt(first, level), bdd.missAt(second, level));
    const match = this.over(bdd.afterAt(first, level, bits), bdd.afterAt(second, level, bits));
    return bdd.begun(upper, bits, miss, match);
  }

  private split(start: number, end: number, hash: number): Node {
    if (start === end) return this.outcome(this.pass);
    if (end - start === WORDS) {
      const rest = this.stack[start + 1]!;
      return rest === 0 ? this.outcome(this.stack[start]!) : this.single(this.stack[start]!, rest);
    }
    if (end - start === 2 * WORDS && this.stack[start + 1] === 0 && this.stack[start + WORDS + 1] === 0)
      return this.over(this.stack[start]!, this.stack[start + WORDS]!);
    const known = this.memo.find(hash, this.stack, start, end);
    if (known >= 0) return known;
    const { low, high, tests, bdd } = this;
    this.reserve(end + (end - start) * 2);
    const { stack } = this;
    let level = TERMINAL;
    /** What the first of the tests that look at `level` asks, and how many bits from there on all of them ask the same of. */
    let pattern = 0;
    let common = 0;
    let step = 1;
    /** The first level that any other test or any outcome looks at. */
    let next = TERMINAL;
    for (let i = start; i < end; i += WORDS) {
      const word = stack[i + 2]!;
      let own = levelIn(word);
      let asker: Test = stack[i]!;
      /** The outcome, where it asks as well. */
      let other: Node = FALSE;
      if (word !== own) {
        own = tests.levelOf(asker);
        other = ~stack[i + 1]!;
      }
      for (;;) {
        if (own < level) {
          next = level;
          level = own;
          common = tests.bitsOf(asker);
          pattern = tests.patternOf(asker);
          step = tests.stepOf(asker);
        } else if (own > level) {
          if (own < next) next = own;
        } else if (common > 0) {
          const alike = Math.clz32(pattern ^ tests.patternOf(asker));
          common = Math.min(common, alike, tests.bitsOf(asker));
        }
        if (other === FALSE) break;
        asker = other;
        own = bdd.levelOf(other);
        other = FALSE;
      }
    }
    // The high side's list lies before the low side's, which is used up first.
    high.begin(end);
    low.begin(end + (end - start));
    const bits = common > 1 ? Math.min(common, Math.ceil((next - level) / step)) : 1;
    if (bits > 1) this.skip(start, end, level, bits);
    else this.spread(start, end, level);
    this.withoutIdle(high);
    this.withoutIdle(low);
    const highEnd = high.end;
    const highHash = high.hash;
    const lowNode = this.split(low.start, low.end, low.hash);
    const highNode = this.split(end, highEnd, highHash);
    const made =
      bits > 1
        ? bdd.chain(level, bits, pattern >>> (32 - bits), lowNode, highNode)
        : bdd.node(level, lowNode, highNode);
    this.memo.add(hash, this.stack, start, end, made);
    return made;
  }

  /** What the list says with the variable true, and what it says with the variable false. */
  private spread(start: number, end: number, level: number): void {
    const { bdd, tests, low, high, stack } = this;
    for (let i = start; i < end; i += WORDS) {
      const node = stack[i]!;
      const rest = stack[i + 1]!;
      const word = stack[i + 2]!;
      if (levelIn(word) !== level) {
        if (high.open) high.put(stack, node, rest, word);
        if (low.open) low.put(stack, node, rest, word);
        else if (!high.open) return;
      } else if (word === level) {
        if (high.open) this.append(high, tests.side(node, true), rest);
        if (low.open) this.append(low, tests.side(node, false), rest);
      } else {
        const splits = tests.levelOf(node) === level;
        const parts = bdd.levelOf(~rest) === level;
        if (high.open)
          this.append(high, splits ? tests.side(node, true) : node, parts ? ~bdd.highOf(~rest) : rest);
        if (low.open)
          this.append(low, splits ? tests.side(node, false) : node, parts ? ~bdd.lowOf(~rest) : rest);
      }
    }
  }

  /** What the list says where the next `bits` are as all that look at them ask, and where they are not. */
  private skip(start: number, end: number, level: number, bits: number): void {
    const { bdd, tests, low, high, stack } = this;
    for (let i = start; i < end; i += WORDS) {
      const node = stack[i]!;
      const rest = stack[i + 1]!;
      const word = stack[i + 2]!;
      if (levelIn(word) !== level) {
        if (high.open) high.put(stack, node, rest, word);
        if (low.open) low.put(stack, node, rest, word);
      } else if (word === level) {
        if (high.open) this.append(high, tests.after(node, bits), rest);
        if (low.open) this.append(low, tests.missOf(node), rest);
      } else {
        const asks = tests.levelOf(node) === level;
        const parts = bdd.levelOf(~rest) === level;
        if (high.open)
          this.append(high, asks ? tests.after(node, bits) : node, parts ? ~bdd.after(~rest, bits) : rest);
        if (low.open) this.append(low, asks ? tests.missOf(node) : node, parts ? ~bdd.missOf(~rest) : rest);
      }
      if (!low.open && !high.open) return;
    }
  }
}
