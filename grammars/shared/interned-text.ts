/** A text's pieces as strings, equal pieces as one string: exports repeat the same words and lists thousands of times. */
export class InternedText {
  readonly #text: string;
  readonly #pieces: string[] = [];
  /** Of each piece: its hash, and where it stands first. */
  #hashes = new Int32Array(512);
  #starts = new Int32Array(512);
  /** By hash: the number of a piece, plus one. */
  #slots = new Int32Array(1024);

  constructor(text: string) {
    this.#text = text;
  }

  of(start: number, end: number): string {
    const hash = this.#hash(start, end);
    const mask = this.#slots.length - 1;
    for (let tried = 0; tried < mostTries; tried++) {
      const slot = (hash + tried) & mask;
      const found = this.#slots[slot]! - 1;
      if (found < 0) return this.#add(start, end, hash, slot);
      if (this.#hashes[found] === hash) {
        const piece = this.#pieces[found]!;
        if (piece.length === end - start && this.#isSame(this.#starts[found]!, start, end)) return piece;
      }
    }
    // Texts made to collide are sliced anew each time: they cost little more than others.
    return this.#text.slice(start, end);
  }

  #hash(start: number, end: number): number {
    let hash = end - start;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ this.#text.charCodeAt(i), 0x01000193);
    // Low bits of the product know nothing of the high ones.
    return hash ^ (hash >>> 15);
  }

  #isSame(other: number, start: number, end: number): boolean {
    for (let i = start, j = other; i < end; i++, j++) {
      if (this.#text.charCodeAt(i) !== this.#text.charCodeAt(j)) return false;
    }
    return true;
  }

  #add(start: number, end: number, hash: number, slot: number): string {
    const piece = this.#text.slice(start, end);
    const number = this.#pieces.push(piece);
    this.#slots[slot] = number;
    if (number > this.#starts.length) {
      this.#starts = doubled(this.#starts);
      this.#hashes = doubled(this.#hashes);
    }
    this.#starts[number - 1] = start;
    this.#hashes[number - 1] = hash;
    if (number * 2 > this.#slots.length) this.#spread();
    return piece;
  }

  #spread(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    for (let i = 0; i < this.#pieces.length; i++) {
      for (let tried = 0; tried < mostTries; tried++) {
        const slot = (this.#hashes[i]! + tried) & (slots.length - 1);
        if (slots[slot] !== 0) continue;
        slots[slot] = i + 1;
        break;
      }
    }
    this.#slots = slots;
  }
}

const mostTries = 64;

function doubled(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const more = new Int32Array(numbers.length * 2);
  more.set(numbers);
  return more;
}
