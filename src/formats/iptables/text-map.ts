/**
 * Values by a number and a stretch of text, which is looked up where it stands: no string is made of it. Nearly all words of a large
 * file have been met before, and making each a string to look it up would take longer than all else.
 */
export class TextMap<T> {
  private owners: number[] = [];
  private texts: string[] = [];
  private values: T[] = [];
  /** Open-addressed hash of places in the lists, plus 1; 0 is empty. */
  private table = new Int32Array(64);

  get size(): number {
    return this.values.length;
  }

  clear(): void {
    this.owners = [];
    this.texts = [];
    this.values = [];
    this.table = new Int32Array(64);
  }

  get(owner: number, text: string, start: number, end: number): T | undefined {
    const mask = this.table.length - 1;
    for (let slot = hashOf(owner, text, start, end) & mask; ; slot = (slot + 1) & mask) {
      const place = this.table[slot]!;
      if (place === 0) return undefined;
      if (this.owners[place - 1] === owner && isAt(this.texts[place - 1]!, text, start, end))
        return this.values[place - 1];
    }
  }

  /** Adds a value under what has none. */
  add(owner: number, text: string, value: T): void {
    this.owners.push(owner);
    this.texts.push(text);
    this.values.push(value);
    if (this.values.length * 2 <= this.table.length) this.enter(this.values.length);
    else {
      this.table = new Int32Array(this.table.length * 2);
      for (let place = 1; place <= this.values.length; place++) this.enter(place);
    }
  }

  private enter(place: number): void {
    const mask = this.table.length - 1;
    const text = this.texts[place - 1]!;
    let slot = hashOf(this.owners[place - 1]!, text, 0, text.length) & mask;
    while (this.table[slot] !== 0) slot = (slot + 1) & mask;
    this.table[slot] = place;
  }
}

function hashOf(owner: number, text: string, start: number, end: number): number {
  let hash = Math.imul(owner + 1, 0x9e3779b1);
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}

function isAt(known: string, text: string, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known.charCodeAt(i) !== text.charCodeAt(start + i)) return false;
  return true;
}
