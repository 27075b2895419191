import { doubled } from './large-arrays.ts';

/** Runs of keys, one a piece. */
export interface Runs {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** More pieces than any list has; keys times this stay exact. */
const PIECES = 2 ** 28;

/** Goes through the keys of a list and keeps which of its entries are in force, in order. One sweep serves list after list, in the same room. */
export class KeySweep {
  active: Int32Array = new Int32Array(64);
  count = 0;
  /** Pieces by first key, and by last key; the first `pieces` of each count. */
  private byStart = new Float64Array(64);
  private byEnd = new Float64Array(64);
  private pieces = 0;
  private started = 0;
  private ended = 0;

  /** Begins before the first key of a list. */
  begin(list: Runs): void {
    const pieces = list.from.length;
    if (pieces > this.byStart.length) {
      const room = 2 ** Math.ceil(Math.log2(pieces));
      this.byStart = new Float64Array(room);
      this.byEnd = new Float64Array(room);
    }
    const { byStart, byEnd } = this;
    for (let i = 0; i < pieces; i++) {
      byStart[i] = list.from[i]! * PIECES + i;
      byEnd[i] = list.to[i]! * PIECES + i;
    }
    byStart.subarray(0, pieces).sort();
    byEnd.subarray(0, pieces).sort();
    this.pieces = pieces;
    this.count = 0;
    this.started = 0;
    this.ended = 0;
  }

  /** The next key at which some entry begins or has ended. */
  next(keys: number): number {
    const start = this.started < this.pieces ? Math.floor(this.byStart[this.started]! / PIECES) : keys;
    const end = this.ended < this.pieces ? Math.floor(this.byEnd[this.ended]! / PIECES) + 1 : keys;
    return Math.min(start, end);
  }

  moveTo(key: number): void {
    const { byStart, byEnd, pieces } = this;
    while (this.ended < pieces && byEnd[this.ended]! < key * PIECES)
      this.remove(byEnd[this.ended++]! % PIECES);
    while (this.started < pieces && byStart[this.started]! < (key + 1) * PIECES)
      this.insert(byStart[this.started++]! % PIECES);
  }

  private insert(piece: number): void {
    if (this.count === this.active.length) this.active = doubled(this.active);
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
