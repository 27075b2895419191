// Lists of entries on their way.

import { larger, take } from './memory';

/** Bytes of an entry: its diagram, and how many of this one's first bits are known to match, above the level that it looks at next. */
export const ENTRY: i32 = 8;

/** Where in the second word the bits begin that are known to match. */
export const KNOWN: i32 = 16;

/** Where all lists lie; places are bytes from its beginning. */
@unmanaged
class Stack {
  start: usize;
  room: i32;
}

const stack = changetype<Stack>(memory.data(offsetof<Stack>()));

/** Makes room for entries up to a place. */
export function reserve(place: i32): void {
  if (place <= stack.room) return;
  const more = max(place, max(stack.room * 2, 1 << 14));
  stack.start = larger(stack.start, stack.room, more);
  stack.room = more;
}

export function addressOf(place: i32): usize {
  return stack.start + <usize>place;
}

export function diagramAt(place: i32): i32 {
  return load<i32>(stack.start + <usize>place);
}

export function wordAt(place: i32): i32 {
  return load<i32>(stack.start + <usize>place, 4);
}

/** A list being written. */
export class EntryList {
  start: i32;
  end: i32;
  hash: i32;
  /** False after an entry that decides all that comes to it: nothing after it can matter. */
  open: bool;

  static make(): EntryList {
    return changetype<EntryList>(take(offsetof<EntryList>()));
  }

  begin(start: i32): void {
    this.start = start;
    this.end = start;
    this.hash = 0;
    this.open = true;
  }

  put(diagram: i32, word: i32): void {
    const end = this.end;
    const address = stack.start + <usize>end;
    // A repetition of the entry before says nothing new.
    if (end > this.start && load<i32>(address - ENTRY) === diagram && load<i32>(address - ENTRY, 4) === word)
      return;
    store<i32>(address, diagram);
    store<i32>(address, word, 4);
    this.end = end + ENTRY;
    const hash = (this.hash ^ diagram ^ ((word >>> KNOWN) << 26)) * 0x9e3779b1;
    this.hash = hash ^ (hash >>> 15);
  }

  /** Takes out the entries from `from` on, but for the last where `keepsLast`. */
  cut(from: i32, keepsLast: bool): void {
    const start = this.start;
    const last = this.end - ENTRY;
    this.end = start;
    this.hash = 0;
    for (let place = start; place < from; place += ENTRY) this.put(diagramAt(place), wordAt(place));
    if (keepsLast) this.put(diagramAt(last), wordAt(last));
  }
}
