// Room in the engine's memory: handed out from the bottom up, never given back. Fresh room is zero and costs nothing until it is written.

import { outOfRoom } from './imports';

const PAGE: usize = 65536;

/** Room begins and ends at multiples of this: what lies together begins a line of the processor's caches. */
const STEP: usize = 64;

/** All that this file keeps, like that of every file of the engine: another instance over the same memory is the same engine. */
@unmanaged
class Kept {
  /** Where free room begins; 0 at first. */
  top: usize;
}

const kept = changetype<Kept>(memory.data(offsetof<Kept>()));

function rounded(bytes: usize): usize {
  return (bytes + STEP - 1) & ~(STEP - 1);
}

/** Room for so many bytes. */
export function take(bytes: usize): usize {
  const start = kept.top === 0 ? rounded(__heap_base) : kept.top;
  const end = start + rounded(bytes);
  const have = <usize>memory.size() * PAGE;
  // An end beyond 4 GB has come round.
  if (end < start || (end > have && memory.grow(<i32>((end - have + PAGE - 1) / PAGE)) < 0)) outOfRoom();
  kept.top = end;
  return start;
}

/** Room for `bytes` that begins with what the `old` ones hold. It lies where they do if nothing was taken since. */
export function larger(old: usize, oldBytes: usize, bytes: usize): usize {
  if (old + rounded(oldBytes) === kept.top) {
    kept.top = old;
    return take(bytes);
  }
  const room = take(bytes);
  memory.copy(room, old, oldBytes);
  return room;
}
