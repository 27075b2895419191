// Where two diagrams differ, and diagrams that are changed there alone.

import {
  after,
  afterAt,
  begun,
  bitsFrom,
  bitsOf,
  bitsTogether,
  chain,
  highAt,
  highOf,
  levelOf,
  lowAt,
  lowOf,
  missAt,
  missOf,
  node,
  patternAfter,
  patternOf,
  stepAt,
  TERMINAL,
  WORD,
} from './nodes';

/** What functions here return for "there is none". */
export const NONE: i32 = -1;

/** One value of each of the first `bits` variables of a stretch from `level` on, the first in the highest of as many bits. */
let level: i32 = 0;
let bits: i32 = 0;
let pattern: i32 = 0;

/**
 * Takes up the smallest cube of the topmost stretch of variables outside which two diagrams agree, of which `inside` and `replaced` speak
 * from then on; false where they differ all over.
 */
export function takeDifference(first: i32, second: i32): bool {
  level = min(levelOf(first), levelOf(second));
  bits = 0;
  pattern = 0;
  if (level === TERMINAL) return false;
  const step = stepAt(level);
  const most = bitsFrom(level);
  let a = first;
  let b = second;
  for (let at = level; bits < most && min(levelOf(a), levelOf(b)) === at;) {
    const together = bitsTogether(a, b);
    if (together > 0 && missAt(a, at) === missAt(b, at)) {
      const upper = levelOf(a) === at ? a : b;
      const asked = patternOf(upper) >>> (bitsOf(upper) - together);
      pattern = together === WORD ? asked : (pattern << together) | asked;
      a = afterAt(a, at, together);
      b = afterAt(b, at, together);
      bits += together;
      at += together * step;
    } else {
      const sameLow = lowAt(a, at) === lowAt(b, at);
      if (!sameLow && highAt(a, at) !== highAt(b, at)) break;
      pattern = (pattern << 1) | i32(sameLow);
      a = sameLow ? highAt(a, at) : lowAt(a, at);
      b = sameLow ? highAt(b, at) : lowAt(b, at);
      bits++;
      at += step;
    }
  }
  return bits > 0;
}

/** What is left of a diagram inside the cube; `NONE` where it asks about variables above, or between those of the cube. */
export function inside(diagram: i32): i32 {
  const step = stepAt(level);
  const last = level + (bits - 1) * step;
  let at = diagram;
  while (true) {
    const own = levelOf(at);
    if (own < level) return NONE;
    if (own > last) return at;
    let before = 0;
    if (own > level) {
      before = (own - level) / step;
      if (before * step !== own - level) return NONE;
    }
    const shared = min(bitsOf(at), bits - before);
    const differing = patternAfter(at, 0) ^ (pattern << (WORD - bits + before));
    at = clz(differing) >= shared ? after(at, shared) : missOf(at);
  }
}

/**
 * The diagram that says `within` inside the cube and `without` outside; `NONE` where `without` asks about variables above, or between those
 * of the cube.
 */
export function replaced(within: i32, without: i32): i32 {
  return place(0, within, without);
}

function place(before: i32, within: i32, diagram: i32): i32 {
  const left = bits - before;
  if (left === 0) return within;
  const step = stepAt(level);
  const at = level + before * step;
  const own = levelOf(diagram);
  if (own < at) return NONE;
  const wanted = pattern << (WORD - left);
  if (own > at) {
    const free = step === 0 ? 1 : min(left, (own - at + step - 1) / step);
    const rest = place(before + free, within, diagram);
    return rest === NONE ? NONE : chain(at, free, wanted >>> (WORD - free), diagram, rest);
  }
  const shared = min(clz(patternAfter(diagram, 0) ^ wanted), min(bitsOf(diagram), left));
  if (shared > 0) {
    const rest = place(before + shared, within, after(diagram, shared));
    return rest === NONE ? NONE : begun(diagram, shared, missOf(diagram), rest);
  }
  const low = lowOf(diagram);
  const high = highOf(diagram);
  const rest = place(before + 1, within, wanted < 0 ? high : low);
  if (rest === NONE) return NONE;
  return wanted < 0 ? node(at, low, rest) : node(at, rest, high);
}
