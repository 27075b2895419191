// Turns lists of diagrams, of which the first that decides a packet counts, into one.

import { addressOf, diagramAt, ENTRY, EntryList, KNOWN, reserve, wordAt } from './entry-list';
import { ListMemo } from './list-memo';
import { take } from './memory';
import { ByNode } from './by-node';
import {
  after,
  afterAt,
  begun,
  bitsOf,
  bitsTogether,
  chain,
  highOf,
  isLeaf,
  leavesBelow,
  levelOf,
  like,
  lowOf,
  matchOf,
  missAt,
  missOf,
  node,
  OTHER_LEAVES,
  patternAfter,
  stepAt,
  TERMINAL,
  WORD,
} from './nodes';

/** Slots of the memo of lists of two, and bytes of each: both diagrams, the result, and for which lists it is known. */
const PAIRS: i32 = 1 << 14;
const PAIR: i32 = 16;

/**
 * At the first variables that any entry asks about a list splits into what its entries say where these are as asked and where not. Entries
 * that cannot match fall out, so does what comes after an entry that decides everything, and what decides no other than the entries after
 * it would. Equal remaining lists are built once.
 */
export class ListSplitter {
  /** The leaf of packets that an entry leaves to those after it. */
  private pass: i32;
  private passBit: i32;
  /** Leaves become others in the result, see `setFinished`. */
  private finishes: bool;
  private memo: ListMemo;
  private miss: EntryList;
  private match: EntryList;
  /** The list that `put` adds to. */
  private given: EntryList;
  /** By the value of a leaf, a word each: the leaves that become the same in the result. */
  private alike: usize;
  /** Likewise, what becomes of the leaf in the result. */
  private finished: usize;
  private pairs: usize;
  /** By node, two words each: for which lists its outcome is known, and the outcome. */
  private outcomes: ByNode;
  /** Counts the kinds of lists that were begun: results of others do not count. */
  private kind: i32;

  static make(): ListSplitter {
    const made = changetype<ListSplitter>(take(offsetof<ListSplitter>()));
    made.memo = ListMemo.make();
    made.miss = EntryList.make();
    made.match = EntryList.make();
    made.given = EntryList.make();
    made.alike = take(OTHER_LEAVES * 4);
    made.finished = take(OTHER_LEAVES * 4);
    made.pairs = take(PAIRS * PAIR);
    made.outcomes = ByNode.make(8);
    return made;
  }

  /** Forgets all results. */
  reset(pass: i32, finishes: bool): void {
    this.pass = pass;
    this.passBit = leavesBelow(pass);
    this.finishes = finishes;
    for (let value = 0; value < OTHER_LEAVES; value++) this.setAlike(value, 1 << value);
    this.memo.clear();
    this.kind++;
  }

  setAlike(value: i32, leaves: i32): void {
    store<i32>(this.alike + ((<usize>value) << 2), leaves);
  }

  /** What becomes of the leaf of a value below `OTHER_LEAVES` in results that finish; others stay. */
  setFinished(value: i32, result: i32): void {
    store<i32>(this.finished + ((<usize>value) << 2), result);
  }

  /** Begins a list. */
  begin(): void {
    this.given.begin(0);
  }

  /** Adds an entry to the list; false if nothing after it can matter. */
  put(entry: i32): bool {
    const given = this.given;
    reserve(given.end + ENTRY);
    this.append(given, entry);
    return given.open;
  }

  /** The diagram of the list. */
  diagram(): i32 {
    const given = this.given;
    this.withoutIdle(given);
    return this.split(given.start, given.end, given.hash);
  }

  private append(list: EntryList, diagram: i32): void {
    if (diagram !== this.pass) this.appendAt(list, diagram, levelOf(diagram));
  }

  /** Appends what is left of a diagram at a place, see `ENTRY`. */
  private appendAt(list: EntryList, diagram: i32, word: i32): void {
    list.put(diagram, word);
    if ((leavesBelow(diagram) & this.passBit) === 0) list.open = false;
  }

  /** Takes out the last entries where packets that they decide would end in the same way without them. */
  private withoutIdle(list: EntryList): void {
    let last = list.end - ENTRY;
    if (last < list.start) return;
    let leaf = this.pass;
    if (!list.open) {
      leaf = diagramAt(last);
      if (!isLeaf(leaf)) return;
      if (this.decidesAs(leaf, this.pass)) {
        leaf = this.pass;
        list.open = true;
      } else last -= ENTRY;
    }
    let from = last;
    while (from >= list.start && this.decidesAs(diagramAt(from), leaf)) from -= ENTRY;
    if (from < last) list.cut(from + ENTRY, !list.open);
  }

  /** All that a diagram decides becomes what the leaf becomes. */
  private decidesAs(diagram: i32, leaf: i32): bool {
    if (diagram === leaf) return true;
    const value = missOf(leaf);
    if (<u32>value >= <u32>OTHER_LEAVES) return false;
    const alike = load<i32>(this.alike + ((<usize>value) << 2));
    return (leavesBelow(diagram) & ~(alike | this.passBit)) === 0;
  }

  /** The outcome as the result has it. */
  private outcome(diagram: i32): i32 {
    if (!this.finishes) return diagram;
    if (isLeaf(diagram)) {
      const value = missOf(diagram);
      return <u32>value < <u32>OTHER_LEAVES ? load<i32>(this.finished + ((<usize>value) << 2)) : diagram;
    }
    const known = this.outcomes.at(diagram);
    if (load<i32>(known) === this.kind) return load<i32>(known, 4);
    const miss = this.outcome(missOf(diagram));
    const result = like(diagram, miss, this.outcome(matchOf(diagram)));
    // The records may have moved.
    const place = this.outcomes.at(diagram);
    store<i32>(place, this.kind);
    store<i32>(place, result, 4);
    return result;
  }

  /** The outcome of a list of one. */
  private only(diagram: i32, word: i32): i32 {
    const known = word >>> KNOWN;
    if (known === 0 || !this.finishes) return this.outcome(whole(diagram, word));
    const bits = bitsOf(diagram) - known;
    const pattern = patternAfter(diagram, known) >>> (WORD - bits);
    const miss = this.outcome(missOf(diagram));
    return chain(word & TERMINAL, bits, pattern, miss, this.outcome(matchOf(diagram)));
  }

  /** The list of two diagrams: what the first does not decide, the second does. Most lists end as such, and this takes half the time. */
  private over(first: i32, second: i32): i32 {
    const pass = this.pass;
    if (first === pass) return this.outcome(second);
    if (second === pass || first === second || (leavesBelow(first) & this.passBit) === 0)
      return this.outcome(first);
    if (this.decidesAs(second, pass)) return this.outcome(this.decidesAs(first, pass) ? pass : first);
    if (isLeaf(second) && this.decidesAs(first, second)) return this.outcome(second);
    const hash = (first * 0x9e3779b1) ^ (second * 0x85ebca6b);
    const pair = this.pairs + <usize>((hash ^ (hash >>> 15)) & (PAIRS - 1)) * PAIR;
    if (load<i32>(pair) === first && load<i32>(pair, 4) === second && load<i32>(pair, 12) === this.kind)
      return load<i32>(pair, 8);
    const made = this.merged(first, second);
    store<i32>(pair, first);
    store<i32>(pair, second, 4);
    store<i32>(pair, made, 8);
    store<i32>(pair, this.kind, 12);
    return made;
  }

  /** `over` of two diagrams of which the first leaves something to the second. */
  private merged(first: i32, second: i32): i32 {
    const bits = bitsTogether(first, second);
    const level = min(levelOf(first), levelOf(second));
    if (bits === 0) {
      const low = this.over(lowOf(first), lowOf(second));
      return node(level, low, this.over(highOf(first), highOf(second)));
    }
    const miss = this.over(missAt(first, level), missAt(second, level));
    const match = this.over(afterAt(first, level, bits), afterAt(second, level, bits));
    return begun(levelOf(first) === level ? first : second, bits, miss, match);
  }

  private split(start: i32, end: i32, hash: i32): i32 {
    const length = end - start;
    if (length === 0) return this.outcome(this.pass);
    if (length === ENTRY) return this.only(diagramAt(start), wordAt(start));
    if (length === 2 * ENTRY) {
      const first = whole(diagramAt(start), wordAt(start));
      return this.over(first, whole(diagramAt(start + ENTRY), wordAt(start + ENTRY)));
    }
    const known = this.memo.find(hash, addressOf(start), length >> 2);
    if (known >= 0) return known;
    reserve(end + length * 2);
    let level = TERMINAL;
    /** What the first entry that looks at `level` asks, and how many bits all of them that do can be followed through together. */
    let pattern = 0;
    let bits = 0;
    let step = 0;
    /** The first level that any other entry looks at. */
    let next = TERMINAL;
    for (let place = start; place < end; place += ENTRY) {
      const word = wordAt(place);
      const own = word & TERMINAL;
      if (own < level) {
        next = level;
        level = own;
        const diagram = diagramAt(place);
        pattern = patternAfter(diagram, word >>> KNOWN);
        bits = bitsOf(diagram) - (word >>> KNOWN);
        step = stepAt(levelOf(diagram));
      } else if (own > level) {
        if (own < next) next = own;
      } else if (bits > 0) {
        const diagram = diagramAt(place);
        const alike = clz(pattern ^ patternAfter(diagram, word >>> KNOWN));
        bits = min(bits, min(alike, bitsOf(diagram) - (word >>> KNOWN)));
      }
    }
    if (bits > 1) bits = min(bits, (next - level + step - 1) / step);
    const match = this.match;
    const miss = this.miss;
    // The matching side's list lies before the other's, which is used up first.
    match.begin(end);
    miss.begin(end + length);
    this.spread(start, end, level, bits, step);
    this.withoutIdle(match);
    this.withoutIdle(miss);
    const matchEnd = match.end;
    const matchHash = match.hash;
    const missNode = this.split(miss.start, miss.end, miss.hash);
    const matchNode = this.split(end, matchEnd, matchHash);
    const made =
      bits > 0
        ? chain(level, bits, pattern >>> (WORD - bits), missNode, matchNode)
        : node(level, missNode, matchNode);
    this.memo.add(hash, addressOf(start), length >> 2, made);
    return made;
  }

  /**
   * What the list says where the next `bits` are as all entries that look at them ask, and where they are not. With 0 they differ in the
   * first: what it says where this is true (`match`), and where it is false.
   */
  private spread(start: i32, end: i32, level: i32, bits: i32, step: i32): void {
    const match = this.match;
    const miss = this.miss;
    const taken = max(bits, 1);
    for (let place = start; place < end; place += ENTRY) {
      const diagram = diagramAt(place);
      const word = wordAt(place);
      if ((word & TERMINAL) === level) {
        const known = word >>> KNOWN;
        const isMatch = bits > 0 || patternAfter(diagram, known) < 0;
        const to = isMatch ? match : miss;
        const other = isMatch ? miss : match;
        if (to.open) this.forward(to, diagram, known + taken, level + taken * step);
        if (other.open) this.append(other, missOf(diagram));
      } else {
        if (match.open) match.put(diagram, word);
        if (miss.open) miss.put(diagram, word);
      }
      if (!miss.open && !match.open) return;
    }
  }

  /** Appends what is left of a diagram where its first bits match. */
  private forward(list: EntryList, diagram: i32, known: i32, level: i32): void {
    if (known === bitsOf(diagram)) this.append(list, matchOf(diagram));
    else this.appendAt(list, diagram, level | (known << KNOWN));
  }
}

/** What is left of an entry as a diagram. */
function whole(diagram: i32, word: i32): i32 {
  const known = word >>> KNOWN;
  return known === 0 ? diagram : after(diagram, known);
}
