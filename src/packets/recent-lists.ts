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

/** An entry, and what stands in its place in the other list; `pass` for nothing. */
export interface Change {
  readonly before: Node;
  readonly now: Node;
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

  /** The remembered list that differs in the fewest entries, at most `most`: its result, and how it differs. */
  nearest(
    most: number,
    pass: Node,
  ): { readonly result: Node; readonly changes: readonly Change[] } | undefined {
    let found: { readonly result: Node; readonly changes: readonly Change[] } | undefined;
    for (let i = 0; i < this.known; i++) {
      const list = this.lists[(this.latest + REMEMBERED - i) % REMEMBERED]!;
      const changes = this.changes(list, found === undefined ? most : found.changes.length - 1, pass);
      if (changes !== undefined) found = { result: list.result, changes };
      if (changes?.length === 0) break;
    }
    return found;
  }

  /** Undefined if there are more than `most`. */
  private changes(old: Remembered, most: number, pass: Node): readonly Change[] | undefined {
    const { words, count } = this.current;
    const changes: Change[] = [];
    let i = 0;
    let j = 0;
    while (i < old.count || j < count) {
      const before = i < old.count ? old.words[i * 2]! : Infinity;
      const now = j < count ? words[j * 2]! : Infinity;
      const was = before <= now ? old.words[i++ * 2 + 1]! : pass;
      const is = now <= before ? words[j++ * 2 + 1]! : pass;
      if (was === is) continue;
      if (changes.length >= most) return undefined;
      changes.push({ before: was, now: is });
    }
    return changes;
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
