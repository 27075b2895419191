/** Words of an entry: its diagram, and how many of this one's first bits are known to match, above the level that it looks at next. */
export const WORDS = 2;

/** Where in the second word the bits begin that are known to match. */
export const KNOWN = 16;

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

  put(stack: Int32Array, node: number, place: number): void {
    const { end } = this;
    // A repetition of the entry before says nothing new.
    if (end > this.start && stack[end - WORDS] === node && stack[end - WORDS + 1] === place) return;
    stack[end] = node;
    stack[end + 1] = place;
    this.end = end + WORDS;
    const hash = Math.imul(this.hash ^ node ^ ((place >>> KNOWN) << 26), 0x9e3779b1);
    this.hash = hash ^ (hash >>> 15);
  }

  /** Takes out the entries from `from` on, but for the last where `keepsLast`. */
  cut(stack: Int32Array, from: number, keepsLast: boolean): void {
    const { start, end } = this;
    const last = end - WORDS;
    this.end = start;
    this.hash = 0;
    for (let i = start; i < from; i += WORDS) this.put(stack, stack[i]!, stack[i + 1]!);
    if (keepsLast) this.put(stack, stack[last]!, stack[last + 1]!);
  }
}
