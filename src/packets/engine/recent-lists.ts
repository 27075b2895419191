// The latest lists of a decision list, to which the next one is compared.

import { larger, take } from './memory';

/** Bytes of an entry: the item it is of, and its diagram. Items ascend, and have one entry each. */
const ENTRY: i32 = 8;

/** A list and its result. */
class Remembered {
  private entries: usize;
  private room: i32;
  /** Bytes in use. */
  end: i32;
  result: i32;

  static make(): Remembered {
    return changetype<Remembered>(take(offsetof<Remembered>()));
  }

  put(item: i32, diagram: i32): void {
    if (this.end === this.room) {
      const room = max(this.room * 2, 1 << 10);
      this.entries = larger(this.entries, this.room, room);
      this.room = room;
    }
    const address = this.entries + <usize>this.end;
    store<i32>(address, item);
    store<i32>(address, diagram, 4);
    this.end += ENTRY;
  }

  itemAt(place: i32): i32 {
    return place < this.end ? load<i32>(this.entries + <usize>place) : i32.MAX_VALUE;
  }

  diagramAt(place: i32): i32 {
    return load<i32>(this.entries + <usize>place, 4);
  }
}

/** What stands in each place that differs in one list and in another, in turn. */
class Changes {
  private pairs: usize;
  private room: i32;
  private end: i32;

  static make(): Changes {
    return changetype<Changes>(take(offsetof<Changes>()));
  }

  begin(): void {
    this.end = 0;
  }

  put(before: i32, now: i32): void {
    if (this.end === this.room) {
      const room = max(this.room * 2, 1 << 9);
      this.pairs = larger(this.pairs, this.room, room);
      this.room = room;
    }
    store<i32>(this.pairs + <usize>this.end, before);
    store<i32>(this.pairs + <usize>this.end, now, 4);
    this.end += 8;
  }

  get count(): i32 {
    return this.end >> 3;
  }

  before(place: i32): i32 {
    return load<i32>(this.pairs + ((<usize>place) << 3));
  }

  now(place: i32): i32 {
    return load<i32>(this.pairs + ((<usize>place) << 3), 4);
  }
}

/** Two are remembered: the list before, and the one before that, which ports with rules of their own interrupt. */
export class RecentLists {
  private latest: Remembered;
  private older: Remembered;
  /** How many of them there are. */
  private known: i32;
  /** The list that is being made. */
  private current: Remembered;
  /** Of the list that `nearest` found, and where the next comparison is noted. */
  changes: Changes;
  private noted: Changes;

  static make(): RecentLists {
    const made = changetype<RecentLists>(take(offsetof<RecentLists>()));
    made.latest = Remembered.make();
    made.older = Remembered.make();
    made.current = Remembered.make();
    made.changes = Changes.make();
    made.noted = Changes.make();
    return made;
  }

  /** Begins a decision list. */
  forget(): void {
    this.known = 0;
  }

  /** Begins a list. */
  begin(): void {
    this.current.end = 0;
  }

  put(item: i32, diagram: i32): void {
    this.current.put(item, diagram);
  }

  /**
   * The result of the remembered list that differs in the fewest entries, at most `most`, or -1; how it differs, `changes` tells until the
   * next list. `pass` stands for nothing.
   */
  nearest(most: i32, pass: i32): i32 {
    let found = -1;
    let fewest = most;
    if (this.known > 0 && this.differs(this.latest, fewest, pass)) {
      found = this.latest.result;
      fewest = this.changes.count - 1;
    }
    if (this.known > 1 && fewest >= 0 && this.differs(this.older, fewest, pass)) found = this.older.result;
    return found;
  }

  /** Whether a list differs in at most `most` places, which are noted then. */
  private differs(old: Remembered, most: i32, pass: i32): bool {
    const current = this.current;
    const noted = this.noted;
    noted.begin();
    for (let i = 0, j = 0; i < old.end || j < current.end;) {
      const before = old.itemAt(i);
      const now = current.itemAt(j);
      let was = pass;
      let is = pass;
      if (before <= now) {
        was = old.diagramAt(i);
        i += ENTRY;
      }
      if (now <= before) {
        is = current.diagramAt(j);
        j += ENTRY;
      }
      if (was === is) continue;
      if (noted.count === most) return false;
      noted.put(was, is);
    }
    this.noted = this.changes;
    this.changes = noted;
    return true;
  }

  /** Remembers the list that was made. */
  keep(result: i32): void {
    const made = this.current;
    made.result = result;
    this.current = this.older;
    this.older = this.latest;
    this.latest = made;
    this.known = min(this.known + 1, 2);
  }
}
