import type { Node } from './bdd.ts';
import { doubled } from './large-arrays.ts';

/** How many lists are remembered: the one before, and the one before that, which ports with rules of their own interrupt. */
const REMEMBERED = 2;

/** A list, each entry beside the item it is of, and its result. Items ascend, and have one entry each. */
interface Remembered {
  words: Int32Array;
  count: number;
  result: Node;
}

/** The latest lists of a decision list, to which the next one is compared. */
export class RecentLists {
  private readonly lists: Remembered[] = Array.from({ length: REMEMBERED }, () => ({
    words: new Int32Array(128),
    count: 0,
    result: 0,
  }));
  private known = 0;
  private latest = 0;
  /** Of the list that `nearest` found: what stands before and now in each place that differs, in turn; `pass` for nothing. */
  private changes: Int32Array = new Int32Array(64);
  /** In how many places it differs. */
  changed = 0;
  /** Where the next comparison is noted. */
  private noted: Int32Array = new Int32Array(64);
  /** The list that is being made. */
  private readonly current: Remembered = { words: new Int32Array(128), count: 0, result: 0 };

  /** Begins a decision list. */
  forget(): void {
    this.known = 0;
  }

  /** Begins a list. */
  begin(): void {
    this.current.count = 0;
  }

  put(item: number, entry: Node): void {
    const { current } = this;
    const at = current.count++ * 2;
    if (at === current.words.length) current.words = doubled(current.words);
    current.words[at] = item;
    current.words[at + 1] = entry;
  }

  /**
   * The result of the remembered list that differs in the fewest entries, at most `most`; how it differs, `changed`, `before` and `now`
   * tell until the next list.
   */
  nearest(most: number, pass: Node): Node | undefined {
    let found: Remembered | undefined;
    let fewest = most;
    for (let i = 0; i < this.known; i++) {
      const list = this.lists[(this.latest + REMEMBERED - i) % REMEMBERED]!;
      const differing = this.compare(list, fewest, pass);
      if (differing > fewest) continue;
      found = list;
      this.changed = differing;
      if (differing === 0) break;
      fewest = differing - 1;
    }
    return found?.result;
  }

  before(place: number): Node {
    return this.changes[place * 2]!;
  }

  now(place: number): Node {
    return this.changes[place * 2 + 1]!;
  }

  /** How many places differ, which are noted if they are at most `most`. */
  private compare(old: Remembered, most: number, pass: Node): number {
    const { words, count } = this.current;
    const most2 = Math.floor(most) * 2;
    while (this.noted.length < most2) this.noted = doubled(this.noted);
    const { noted } = this;
    let end = 0;
    let i = 0;
    let j = 0;
    while (i < old.count || j < count) {
      const before = i < old.count ? old.words[i * 2]! : Infinity;
      const now = j < count ? words[j * 2]! : Infinity;
      const was = before <= now ? old.words[i++ * 2 + 1]! : pass;
      const is = now <= before ? words[j++ * 2 + 1]! : pass;
      if (was === is) continue;
      if (end >= most2) return Infinity;
      noted[end++] = was;
      noted[end++] = is;
    }
    this.noted = this.changes;
    this.changes = noted;
    return end / 2;
  }

  /** Remembers the list that was made. */
  keep(result: Node): void {
    this.latest = (this.latest + 1) % REMEMBERED;
    this.known = Math.min(REMEMBERED, this.known + 1);
    const list = this.lists[this.latest]!;
    const { words } = list;
    list.words = this.current.words;
    list.count = this.current.count;
    list.result = result;
    this.current.words = words;
  }
}
