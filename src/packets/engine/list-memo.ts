// Results by the content of lists: an open-addressed table over a pool of all lists met.

import { larger, take } from './memory';

/** Words of list content that are remembered at the most: 4 MB, which mostly stay in the caches of processors. */
const MOST_REMEMBERED: i32 = 1 << 20;

/** Words before each list's content in the pool: its hash, its length, and its result. */
const HEAD: i32 = 3;

/** Slots of the smallest table. */
const FEWEST: i32 = 1 << 10;

/** The first word of the memory of each list of words. */
function word(base: usize, at: i32): usize {
  return base + ((<usize>at) << 2);
}

export class ListMemo {
  private pool: usize;
  private poolRoom: i32;
  /** Place 0 stands for an empty slot. */
  private poolEnd: i32;
  /** Two words a slot: a list's hash and its place in the pool. */
  private table: usize;
  private slots: i32;
  private count: i32;

  static make(): ListMemo {
    const memo = changetype<ListMemo>(take(offsetof<ListMemo>()));
    memo.poolEnd = 1;
    return memo;
  }

  clear(): void {
    if (this.count > 0) memory.fill(this.table, 0, (<usize>this.slots) << 3);
    this.count = 0;
    this.poolEnd = 1;
  }

  /** The result of the list of `length` words at an address, or -1. */
  find(hash: i32, list: usize, length: i32): i32 {
    if (this.count === 0) return -1;
    const mask = this.slots - 1;
    const table = this.table;
    let slot = hash & mask;
    while (true) {
      const at = table + ((<usize>slot) << 3);
      const place = load<i32>(at, 4);
      if (place === 0) return -1;
      if (load<i32>(at) === hash) {
        const head = word(this.pool, place);
        if (load<i32>(head, 4) === length && isAlike(head + (HEAD << 2), list, length))
          return load<i32>(head, 8);
      }
      slot = (slot + 1) & mask;
    }
  }

  add(hash: i32, list: usize, length: i32, result: i32): void {
    // Forgetting costs time, never the answer; memory that is touched for the first time costs more than most lists.
    if (this.poolEnd > MOST_REMEMBERED) this.clear();
    const place = this.poolEnd;
    const end = place + HEAD + length;
    if (end > this.poolRoom) this.makeRoom(end);
    const head = word(this.pool, place);
    store<i32>(head, hash);
    store<i32>(head, length, 4);
    store<i32>(head, result, 8);
    memory.copy(head + (HEAD << 2), list, (<usize>length) << 2);
    this.poolEnd = end;
    if (++this.count * 2 > this.slots) this.growTable();
    else this.insert(hash, place);
  }

  private makeRoom(words: i32): void {
    const room = max(words, max(this.poolRoom * 2, 1 << 12));
    this.pool = larger(this.pool, (<usize>this.poolRoom) << 2, (<usize>room) << 2);
    this.poolRoom = room;
  }

  private insert(hash: i32, place: i32): void {
    const mask = this.slots - 1;
    let slot = hash & mask;
    while (load<i32>(this.table + ((<usize>slot) << 3), 4) !== 0) slot = (slot + 1) & mask;
    store<i32>(this.table + ((<usize>slot) << 3), hash);
    store<i32>(this.table + ((<usize>slot) << 3), place, 4);
  }

  private growTable(): void {
    this.slots = max(this.slots * 2, FEWEST);
    this.table = take((<usize>this.slots) << 3);
    for (let place = 1; place < this.poolEnd;) {
      const head = word(this.pool, place);
      this.insert(load<i32>(head), place);
      place += HEAD + load<i32>(head, 4);
    }
  }
}

/** Both lists, of an even number of words, hold the same. */
function isAlike(a: usize, b: usize, length: i32): bool {
  const end = a + ((<usize>length) << 2);
  let at = a;
  for (let other = b; at < end; at += 8, other += 8) if (load<u64>(at) !== load<u64>(other)) return false;
  return true;
}
