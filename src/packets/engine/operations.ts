// Operations on two functions.

import { take } from './memory';
import {
  afterAt,
  begun,
  bitsTogether,
  FALSE,
  highOf,
  levelOf,
  lowOf,
  missAt,
  node,
  size,
  TRUE,
} from './nodes';

/** Those where the order of the operands does not matter come first. `Bdd` has the same numbers. */
export const AND: i32 = 0;
export const OR: i32 = 1;
const DIFF: i32 = 2;
const KEEP: i32 = 3;

/** Bytes of a slot of the cache: the operands (the second with the operation in its low bits), and the result. */
const SLOT: i32 = 16;

/** Slots of the cache at the most: 16 MB. */
const MOST_SLOTS: i32 = 1 << 20;

/** Lossy: the last result of each slot. */
@unmanaged
class Cache {
  start: usize;
  /** How many slots there are: a power of two, or none yet. */
  slots: i32;
}

const cache = changetype<Cache>(memory.data(offsetof<Cache>()));

/** What KEEP gives where its condition does not hold. */
let elsewhere: i32 = FALSE;

/** `a ? b : otherwise`, a leaf that is the same in every call, of diagrams over leaves. */
export function keepWhere(a: i32, b: i32, otherwise: i32): i32 {
  elsewhere = otherwise;
  return combine(KEEP, a, b);
}

export function combine(operation: i32, first: i32, second: i32): i32 {
  let a = first;
  let b = second;
  if (operation === AND) {
    if (a === b || b === TRUE) return a;
    if (a === FALSE || b === FALSE) return FALSE;
    if (a === TRUE) return b;
  } else if (operation === OR) {
    if (a === b || b === FALSE) return a;
    if (a === TRUE || b === TRUE) return TRUE;
    if (a === FALSE) return b;
  } else if (operation === DIFF) {
    if (a === FALSE || b === TRUE || a === b) return FALSE;
    if (b === FALSE) return a;
  } else {
    if (a === TRUE || b === elsewhere) return b;
    if (a === FALSE) return elsewhere;
  }
  if (a > b && operation <= OR) {
    a = second;
    b = first;
  }
  const key = b * 4 + operation;
  let slot = slotOf(a, key);
  if (cache.slots > 0 && load<i32>(slot) === a && load<i32>(slot, 4) === key) return load<i32>(slot, 8);
  const level = min(levelOf(a), levelOf(b));
  const bits = bitsTogether(a, b);
  let result: i32;
  if (bits === 0) {
    const low = combine(operation, lowOf(a), lowOf(b));
    result = node(level, low, combine(operation, highOf(a), highOf(b)));
  } else {
    const miss = combine(operation, missAt(a, level), missAt(b, level));
    const match = combine(operation, afterAt(a, level, bits), afterAt(b, level, bits));
    result = begun(levelOf(a) === level ? a : b, bits, miss, match);
  }
  // The cache follows the diagrams' size.
  if (cache.slots <= size() / 2 && cache.slots < MOST_SLOTS) {
    cache.slots = max(cache.slots * 2, 1 << 12);
    cache.start = take(<usize>cache.slots * SLOT);
  }
  slot = slotOf(a, key);
  store<i32>(slot, a);
  store<i32>(slot, key, 4);
  store<i32>(slot, result, 8);
  return result;
}

function slotOf(a: i32, key: i32): usize {
  let hash = (a * 0x9e3779b1) ^ (key * 0x85ebca6b);
  hash ^= hash >>> 15;
  return cache.start + <usize>(((hash * 0x2c1b3c6d) >>> 8) & (cache.slots - 1)) * SLOT;
}
