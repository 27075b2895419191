import { type Bdd, FALSE, type Node, WORD } from './bdd.ts';
import type { IntervalSet } from './interval.ts';

/**
 * Diagrams of tests on one field. `levels` are the field's variables, most significant bit first, ascending;
 * `then` is what must hold besides and may test only variables below them: stacking tests this way builds a conjunction
 * without a single apply step.
 */

/** The field's value, an unsigned number of at most 32 bits, lies in `set`. */
export function numberIn(bdd: Bdd, levels: readonly number[], set: IntervalSet, then: Node): Node {
  if (set.length === 0 || then === FALSE) return FALSE;
  if (set.length === 1) {
    const [from, to] = set[0]!;
    const prefix = prefixBits(from, to, levels.length);
    if (prefix === 0) return then;
    if (prefix > 0) return bdd.chain(levels[0]!, prefix, from >>> (levels.length - prefix), FALSE, then);
  }
  return numberSplit(bdd, levels, 0, 0, 2 ** levels.length - 1, set, 0, set.length, then);
}

/** Length of the prefix that `[from, to]` is, or -1 when it is none. */
export function prefixBits(from: number, to: number, width: number): number {
  const count = to - from + 1;
  const log = Math.log2(count);
  return Number.isInteger(log) && from % count === 0 ? width - log : -1;
}

/** `low..high` is the block of values under this point of the diagram; `first..last` the intervals that may meet it. */
function numberSplit(
  bdd: Bdd,
  levels: readonly number[],
  bit: number,
  low: number,
  high: number,
  set: IntervalSet,
  first: number,
  last: number,
  then: Node,
): Node {
  while (first < last && set[first]![1] < low) first++;
  while (first < last && set[last - 1]![0] > high) last--;
  if (first === last) return FALSE;
  if (set[first]![0] <= low && set[first]![1] >= high) return then;
  const middle = low + (high - low + 1) / 2;
  const split = firstFrom(set, first, last, middle);
  const lowNode = numberSplit(bdd, levels, bit + 1, low, middle - 1, set, first, split, then);
  const start = split > first && set[split - 1]![1] >= middle ? split - 1 : split;
  const highNode = numberSplit(bdd, levels, bit + 1, middle, high, set, start, last, then);
  return bdd.node(levels[bit]!, lowNode, highNode);
}

/** Index of the first interval of `[first, last)` that starts at `value` or later. */
function firstFrom(set: IntervalSet, first: number, last: number, value: number): number {
  while (first < last) {
    const middle = (first + last) >> 1;
    if (set[middle]![0] < value) first = middle + 1;
    else last = middle;
  }
  return first;
}

/** `(field & mask) === value`, both unsigned, for fields of any width. */
export function bitsEqual(
  bdd: Bdd,
  levels: readonly number[],
  mask: bigint,
  value: bigint,
  then: Node,
): Node {
  if ((value & ~mask) !== 0n) return FALSE;
  let node = then;
  for (let i = levels.length - 1; i >= 0; i--) {
    const shift = BigInt(levels.length - 1 - i);
    if (((mask >> shift) & 1n) === 0n) continue;
    node =
      ((value >> shift) & 1n) === 1n ? bdd.node(levels[i]!, FALSE, node) : bdd.node(levels[i]!, node, FALSE);
  }
  return node;
}

type BigRanges = readonly (readonly [bigint, bigint])[];

/** The field's value, wider than 32 bits, lies in one of the sorted disjoint ranges. */
export function wideIn(bdd: Bdd, levels: readonly number[], ranges: BigRanges, then: Node): Node {
  const top = (1n << BigInt(levels.length)) - 1n;
  if (ranges.length === 1) {
    const [from, to] = ranges[0]!;
    const count = to - from + 1n;
    if ((count & (count - 1n)) === 0n && from % count === 0n)
      return widePrefix(bdd, levels, from, levels.length + 1 - count.toString(2).length, then);
  }
  return wideSplit(bdd, levels, 0, 0n, top, ranges, 0, ranges.length, then);
}

/** A stretch of variables (`PacketSpace`) for each 32 bits. */
function widePrefix(bdd: Bdd, levels: readonly number[], value: bigint, bits: number, then: Node): Node {
  let node = then;
  for (let first = Math.floor((bits - 1) / WORD) * WORD; first >= 0; first -= WORD) {
    const count = Math.min(WORD, bits - first);
    const pattern = BigInt.asUintN(count, value >> BigInt(levels.length - first - count));
    node = bdd.chain(levels[first]!, count, Number(pattern), FALSE, node);
  }
  return node;
}

function wideSplit(
  bdd: Bdd,
  levels: readonly number[],
  bit: number,
  low: bigint,
  high: bigint,
  set: BigRanges,
  first: number,
  last: number,
  then: Node,
): Node {
  while (first < last && set[first]![1] < low) first++;
  while (first < last && set[last - 1]![0] > high) last--;
  if (first === last) return FALSE;
  if (set[first]![0] <= low && set[first]![1] >= high) return then;
  const middle = low + (high - low + 1n) / 2n;
  let split = first;
  let end = last;
  while (split < end) {
    const at = (split + end) >> 1;
    if (set[at]![0] < middle) split = at + 1;
    else end = at;
  }
  const lowNode = wideSplit(bdd, levels, bit + 1, low, middle - 1n, set, first, split, then);
  const start = split > first && set[split - 1]![1] >= middle ? split - 1 : split;
  const highNode = wideSplit(bdd, levels, bit + 1, middle, high, set, start, last, then);
  return bdd.node(levels[bit]!, lowNode, highNode);
}
