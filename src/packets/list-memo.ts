import type { Node } from './bdd.ts';
import { doubled, int32s } from './large-arrays.ts';

/** Words of list content that are remembered at the most: 4 MB, which mostly stay in the caches of processors. */
const MOST_REMEMBERED = 1 << 20;

/** Words before each list's content in the pool: its length, and its result. */
const HEAD = 2;

/** Results by list content: an open-addressed table over a pool of all lists met. */
export class ListMemo {
  private pool = int32s(1 << 12);
  /** Place 0 stands for an empty slot. */
  private poolEnd = 1;
  /** Two words a slot: a list's hash and its place in the pool. */
  private table = int32s(1 << 11);
  private mask = (1 << 10) - 1;
  private count = 0;

  private clear(): void {
    this.count = 0;
    this.poolEnd = 1;
    this.table.fill(0);
  }

  /** The result of the list that lies on `stack` from `start` to `end`, or -1. */
  find(hash: number, stack: Int32Array, start: number, end: number): Node {
    const { table, mask, pool } = this;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = table[slot * 2 + 1]!;
      if (place === 0) return -1;
      if (table[slot * 2] !== hash || pool[place] !== end - start) continue;
      let at = place + HEAD;
      let i = start;
      for (; i < end && pool[at] === stack[i]; i++) at++;
      if (i === end) return pool[place + 1]!;
    }
  }

  add(hash: number, stack: Int32Array, start: number, end: number, result: Node): void {
    // Forgetting costs time, never the answer; memory that is touched for the first time costs more than most lists.
    if (this.poolEnd > MOST_REMEMBERED) this.clear();
    while (this.poolEnd + HEAD + end - start > this.pool.length) this.pool = doubled(this.pool);
    if (++this.count * 2 > this.mask) this.rehash();
    const { pool } = this;
    const place = this.poolEnd;
    this.insert(hash, place);
    pool[place] = end - start;
    pool[place + 1] = result;
    let at = place + HEAD;
    for (let i = start; i < end; i++) pool[at++] = stack[i]!;
    this.poolEnd = at;
  }

  private insert(hash: number, place: number): void {
    const { table, mask } = this;
    let slot = hash & mask;
    while (table[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
    table[slot * 2] = hash;
    table[slot * 2 + 1] = place;
  }

  private rehash(): void {
    const old = this.table;
    this.table = int32s(old.length * 2);
    this.mask = this.mask * 2 + 1;
    for (let i = 0; i < old.length; i += 2) if (old[i + 1] !== 0) this.insert(old[i]!, old[i + 1]!);
  }
}
