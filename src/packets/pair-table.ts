import { doubled, int32s } from './large-arrays.ts';

/** Pairs of integers, numbered from 1 in the order they are first met. */
export class PairTable {
  private firsts: Int32Array;
  private seconds: Int32Array;
  private table: Int32Array;
  private count = 0;

  /** `expected`: a power of two, about how many pairs there will be. */
  constructor(expected = 1 << 10) {
    this.firsts = int32s(expected);
    this.seconds = int32s(expected);
    this.table = int32s(expected * 2);
  }

  /** Forgets all pairs, and keeps the room they took. */
  clear(): void {
    if (this.count > 0) this.table.fill(0);
    this.count = 0;
  }

  first(index: number): number {
    return this.firsts[index]!;
  }

  second(index: number): number {
    return this.seconds[index]!;
  }

  index(first: number, second: number): number {
    const mask = this.table.length - 1;
    let slot = pairHash(first, second) & mask;
    for (let at = this.table[slot]!; at !== 0; at = this.table[slot]!) {
      if (this.firsts[at] === first && this.seconds[at] === second) return at;
      slot = (slot + 1) & mask;
    }
    const made = ++this.count;
    if (made === this.firsts.length) {
      this.firsts = doubled(this.firsts);
      this.seconds = doubled(this.seconds);
    }
    this.firsts[made] = first;
    this.seconds[made] = second;
    this.table[slot] = made;
    if (this.count * 2 > this.table.length) this.rehash();
    return made;
  }

  /** True if the pair is new. */
  add(first: number, second: number): boolean {
    const before = this.count;
    this.index(first, second);
    return this.count > before;
  }

  private rehash(): void {
    this.table = int32s(this.table.length * 2);
    const mask = this.table.length - 1;
    for (let index = 1; index <= this.count; index++) {
      let slot = pairHash(this.firsts[index]!, this.seconds[index]!) & mask;
      while (this.table[slot] !== 0) slot = (slot + 1) & mask;
      this.table[slot] = index;
    }
  }
}

function pairHash(first: number, second: number): number {
  let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 4;
}
