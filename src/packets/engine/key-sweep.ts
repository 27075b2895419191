// Goes through the keys of a list and keeps which of its pieces are in force, in order.

import { larger, take } from './memory';

/** Sorted numbers hold a key, times this, and a piece. `../decision-list.ts` has the same. */
const PIECES: f64 = 268435456;

export class KeySweep {
  /** Pieces by first key, and by last key. */
  private byStart: usize;
  private byEnd: usize;
  private pieces: i32;
  private started: i32;
  private ended: i32;
  private active: usize;
  private room: i32;
  /** How many pieces are in force. */
  count: i32;

  static make(): KeySweep {
    return changetype<KeySweep>(take(offsetof<KeySweep>()));
  }

  /** Begins before the first key of a list. */
  begin(byStart: usize, byEnd: usize, pieces: i32): void {
    this.byStart = byStart;
    this.byEnd = byEnd;
    this.pieces = pieces;
    this.started = 0;
    this.ended = 0;
    this.count = 0;
  }

  /** The piece in force at a place. */
  at(place: i32): i32 {
    return load<i32>(this.active + ((<usize>place) << 2));
  }

  /** The next key at which some piece begins or has ended. */
  next(keys: i32): i32 {
    let next = keys;
    if (this.started < this.pieces) next = min(next, keyAt(this.byStart, this.started));
    if (this.ended < this.pieces) next = min(next, keyAt(this.byEnd, this.ended) + 1);
    return next;
  }

  moveTo(key: i32): void {
    const pieces = this.pieces;
    for (; this.ended < pieces && keyAt(this.byEnd, this.ended) < key; this.ended++)
      this.remove(pieceAt(this.byEnd, this.ended));
    for (; this.started < pieces && keyAt(this.byStart, this.started) <= key; this.started++)
      this.insert(pieceAt(this.byStart, this.started));
  }

  private insert(piece: i32): void {
    if (this.count === this.room) {
      const room = max(this.room * 2, 1 << 8);
      this.active = larger(this.active, (<usize>this.room) << 2, (<usize>room) << 2);
      this.room = room;
    }
    const place = this.position(piece);
    const address = this.active + ((<usize>place) << 2);
    memory.copy(address + 4, address, (<usize>(this.count - place)) << 2);
    store<i32>(address, piece);
    this.count++;
  }

  private remove(piece: i32): void {
    const place = this.position(piece);
    const address = this.active + ((<usize>place) << 2);
    this.count--;
    memory.copy(address, address + 4, (<usize>(this.count - place)) << 2);
  }

  /** Where the piece is, or belongs. Pieces are numbered in the order of their entries. */
  private position(piece: i32): i32 {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle) < piece) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function keyAt(sorted: usize, place: i32): i32 {
  return <i32>(load<f64>(sorted + ((<usize>place) << 3)) / PIECES);
}

function pieceAt(sorted: usize, place: i32): i32 {
  const value = load<f64>(sorted + ((<usize>place) << 3));
  return <i32>(value - Math.floor(value / PIECES) * PIECES);
}
