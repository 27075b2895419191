/** Runs of keys, one a piece. */
export interface Runs {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** More pieces than any list has; keys times this stay exact. */
const PIECES = 2 ** 28;

/** Goes through the keys of a list and keeps which of its entries are in force, in order. */
export class KeySweep {
  active: Int32Array;
  count = 0;
  /** Pieces by first key, and by last key. */
  private readonly byStart: Float64Array;
  private readonly byEnd: Float64Array;
  private started = 0;
  private ended = 0;

  constructor(list: Runs) {
    const pieces = list.from.length;
    this.active = new Int32Array(64);
    this.byStart = new Float64Array(pieces);
    this.byEnd = new Float64Array(pieces);
    for (let i = 0; i < pieces; i++) {
      this.byStart[i] = list.from[i]! * PIECES + i;
      this.byEnd[i] = list.to[i]! * PIECES + i;
    }
    this.byStart.sort();
    this.byEnd.sort();
  }

  /** The next key at which some entry begins or has ended. */
  next(keys: number): number {
    const start =
      this.started < this.byStart.length ? Math.floor(this.byStart[this.started]! / PIECES) : keys;
    const end = this.ended < this.byEnd.length ? Math.floor(this.byEnd[this.ended]! / PIECES) + 1 : keys;
    return Math.min(start, end);
  }

  moveTo(key: number): void {
    const { byStart, byEnd } = this;
    while (this.ended < byEnd.length && byEnd[this.ended]! < key * PIECES)
      this.remove(byEnd[this.ended++]! % PIECES);
    while (this.started < byStart.length && byStart[this.started]! < (key + 1) * PIECES)
      this.insert(byStart[this.started++]! % PIECES);
  }

  private insert(piece: number): void {
    if (this.count === this.active.length) {
      const larger = new Int32Array(this.count * 2);
      larger.set(this.active);
      this.active = larger;
    }
    const at = this.position(piece);
    this.active.copyWithin(at + 1, at, this.count);
    this.active[at] = piece;
    this.count++;
  }

  private remove(piece: number): void {
    const at = this.position(piece);
    this.active.copyWithin(at, at + 1, this.count);
    this.count--;
  }

  /** Where the piece is, or belongs. Pieces are numbered in the order of their entries. */
  private position(piece: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.active[middle]! < piece) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
