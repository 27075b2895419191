import type { Node } from './bdd.ts';
import { doubled } from './doubled.ts';

/** Words of list content that one build remembers at the most: 128 MB. */
const MOST_REMEMBERED = 1 << 25;

/** Results by list content: an open-addressed table over a pool of all keys met. */
export class ListMemo {
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
