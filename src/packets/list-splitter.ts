import { int32s } from './large-arrays.ts';
import { type Bdd, type Node, OTHER_LEAVES, TERMINAL, WORD } from './bdd.ts';
import { EntryList, KNOWN, WORDS } from './entry-list.ts';
import { ListMemo } from './list-memo.ts';
import { NodeMemo } from './node-memo.ts';

/** Slots of the memo of lists of two. */
const PAIRS = 1 << 14;

/**
 * Turns lists of diagrams, of which the first that decides a packet counts, into one. At the first variables that any of them asks
 * about a list splits into what its entries say where these are as asked and where not. Entries that cannot match fall out, so does what
 * comes after an entry that decides everything, and what decides no other than the entries after it would. Equal remaining lists are
 * built once.
 */
export class ListSplitter {
  private readonly bdd: Bdd;
  private readonly pass: Node;
  private readonly passBit: number;
  /** Lists on their way. */
  private stack = int32s(1 << 12);
  private readonly memo = new ListMemo();
  private readonly finished = new NodeMemo().begin();
  private readonly miss = new EntryList();
  private readonly match = new EntryList();
  private readonly finish: ((leaf: Node) => Node) | undefined;
  /** By the value of a leaf: the leaves that become the same in the result. */
  private readonly alike = new Int32Array(OTHER_LEAVES);
  /** Both diagrams and the result of lists of two, the last of each slot. */
  private readonly pairs = int32s(PAIRS * 4);
  /** The list that `put` adds to. */
  private readonly given = new EntryList();

  /** `pass`: the leaf of packets that an entry leaves to those after it. `finish`: what becomes of each leaf in the result. */
  constructor(bdd: Bdd, pass: Node, finish?: (leaf: Node) => Node) {
    this.bdd = bdd;
    this.pass = pass;
    this.passBit = bdd.leavesBelow(pass);
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
  put(entry: Node): boolean {
    this.reserve(this.given.end + WORDS);
    this.append(this.given, entry);
    return this.given.open;
  }

  /** The diagram of the list. */
  diagram(): Node {
    const { given } = this;
    this.withoutIdle(given);
    return this.split(given.start, given.end, given.hash);
  }

  private append(list: EntryList, node: Node): void {
    if (node !== this.pass) this.appendAt(list, node, this.bdd.levelOf(node));
  }

  /** Appends what is left of a node at a place, see `WORDS`. */
  private appendAt(list: EntryList, node: Node, place: number): void {
    list.put(this.stack, node, place);
    if ((this.bdd.leavesBelow(node) & this.passBit) === 0) list.open = false;
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
    while (from >= list.start && this.decidesAs(stack[from]!, leaf)) from -= WORDS;
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
    const larger = int32s(Math.max(words, this.stack.length * 2));
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

  /** The outcome of a list of one. */
  private only(node: Node, place: number): Node {
    const { bdd } = this;
    const known = place >>> KNOWN;
    if (known === 0 || this.finish === undefined) return this.outcome(this.whole(node, place));
    const bits = bdd.bitsOf(node) - known;
    const miss = this.outcome(bdd.missOf(node));
    const match = this.outcome(bdd.matchOf(node));
    return bdd.chain(place & TERMINAL, bits, bdd.patternAfter(node, known) >>> (WORD - bits), miss, match);
  }

  /** What is left of an entry as a diagram. */
  private whole(node: Node, place: number): Node {
    const known = place >>> KNOWN;
    return known === 0 ? node : this.bdd.after(node, known);
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
    const { stack: given } = this;
    if (start === end) return this.outcome(this.pass);
    if (end - start === WORDS) return this.only(given[start]!, given[start + 1]!);
    if (end - start === 2 * WORDS) {
      const first = this.whole(given[start]!, given[start + 1]!);
      return this.over(first, this.whole(given[start + WORDS]!, given[start + WORDS + 1]!));
    }
    const known = this.memo.find(hash, given, start, end);
    if (known >= 0) return known;
    const { miss, match, bdd } = this;
    this.reserve(end + (end - start) * 2);
    const { stack } = this;
    let level = TERMINAL;
    /** What the first entry that looks at `level` asks, and how many bits all of them that do can be followed through together. */
    let pattern = 0;
    let bits = 0;
    let step = 0;
    /** The first level that any other entry looks at. */
    let next = TERMINAL;
    for (let i = start; i < end; i += WORDS) {
      const place = stack[i + 1]!;
      const own = place & TERMINAL;
      if (own < level) {
        next = level;
        level = own;
        const node = stack[i]!;
        pattern = bdd.patternAfter(node, place >>> KNOWN);
        bits = bdd.bitsOf(node) - (place >>> KNOWN);
        step = bdd.stepOf(node);
      } else if (own > level) {
        if (own < next) next = own;
      } else if (bits > 0) {
        const node = stack[i]!;
        const alike = Math.clz32(pattern ^ bdd.patternAfter(node, place >>> KNOWN));
        bits = Math.min(bits, alike, bdd.bitsOf(node) - (place >>> KNOWN));
      }
    }
    if (bits > 1) bits = Math.min(bits, Math.ceil((next - level) / step));
    // The matching side's list lies before the other's, which is used up first.
    match.begin(end);
    miss.begin(end + (end - start));
    this.spread(start, end, level, bits, step);
    this.withoutIdle(match);
    this.withoutIdle(miss);
    const matchEnd = match.end;
    const matchHash = match.hash;
    const missNode = this.split(miss.start, miss.end, miss.hash);
    const matchNode = this.split(end, matchEnd, matchHash);
    const made =
      bits > 0
        ? bdd.chain(level, bits, pattern >>> (WORD - bits), missNode, matchNode)
        : bdd.node(level, missNode, matchNode);
    this.memo.add(hash, this.stack, start, end, made);
    return made;
  }

  /**
   * What the list says where the next `bits` are as all entries that look at them ask, and where they are not. With 0 they differ in the
   * first: what it says where this is true (`match`), and where it is false.
   */
  private spread(start: number, end: number, level: number, bits: number, step: number): void {
    const { bdd, miss, match, stack } = this;
    const taken = Math.max(bits, 1);
    for (let i = start; i < end; i += WORDS) {
      const node = stack[i]!;
      const place = stack[i + 1]!;
      if ((place & TERMINAL) === level) {
        const isMatch = bits > 0 || bdd.patternAfter(node, place >>> KNOWN) < 0;
        const to = isMatch ? match : miss;
        const other = isMatch ? miss : match;
        if (to.open) this.forward(to, node, (place >>> KNOWN) + taken, level + taken * step);
        if (other.open) this.append(other, bdd.missOf(node));
      } else {
        if (match.open) match.put(stack, node, place);
        if (miss.open) miss.put(stack, node, place);
      }
      if (!miss.open && !match.open) return;
    }
  }

  /** Appends what is left of a node where its first bits match. */
  private forward(list: EntryList, node: Node, known: number, level: number): void {
    if (known === this.bdd.bitsOf(node)) this.append(list, this.bdd.matchOf(node));
    else this.appendAt(list, node, level | (known << KNOWN));
  }
}
