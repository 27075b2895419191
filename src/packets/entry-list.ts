import { TERMINAL } from './bdd.ts';
import type { Test } from './tests.ts';

/** Words of an entry: what is left of its current test, what comes after that test, and the first level it looks at (with `MIXED`). */
export const WORDS = 3;

/** Set in an entry's third word where its outcome looks at levels among those of its test. */
export const MIXED = 1 << 16;

/** A list of entries being written to a stack. */
export class EntryList {
  start = 0;
  end = 0;
  hash = 0;
  /** False after an entry that decides all that comes to it: nothing after it can matter. */
  open = true;

  begin(start: number): void {
    this.start = start;
    this.end = start;
    this.hash = 0;
    this.open = true;
  }

  put(stack: Int32Array, node: Test, rest: number, level: number): void {
    const { end } = this;
    // A repetition of the entry before says nothing new.
    if (end > this.start && stack[end - WORDS] === node && stack[end - WORDS + 1] === rest) return;
    stack[end] = node;
    stack[end + 1] = rest;
    stack[end + 2] = level;
    this.end = end + WORDS;
    let hash = Math.imul(this.hash ^ node, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ rest, 0x85ebca6b);
    this.hash = hash ^ (hash >>> 13);
  }

  /** Takes out the entries from `from` on, but for the last where `keepsLast`. */
  cut(stack: Int32Array, from: number, keepsLast: boolean): void {
    const { start, end } = this;
    const last = end - WORDS;
    this.end = start;
    this.hash = 0;
    for (let i = start; i < from; i += WORDS) this.put(stack, stack[i]!, stack[i + 1]!, stack[i + 2]!);
    if (keepsLast) this.put(stack, stack[last]!, stack[last + 1]!, stack[last + 2]!);
  }
}

/** The level in an entry's third word. */
export function levelIn(word: number): number {
  return word & TERMINAL;
}
