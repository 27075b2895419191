/**
 * Sets of whole numbers as sorted, disjoint, non-adjacent inclusive intervals.
 * Used for ports, protocols, IPv4 addresses (as unsigned 32-bit numbers) and every other field of at most 32 bits.
 */
export type Interval = readonly [from: number, to: number];
export type IntervalSet = readonly Interval[];

/** Sorts, merges overlapping and adjacent intervals, and drops reversed ones (an empty range holds nothing). */
export function normalize(intervals: Iterable<Interval>): IntervalSet {
  const sorted = [...intervals].filter(([from, to]) => from <= to);
  if (sorted.every(([from], i) => i === 0 || from > sorted[i - 1]![1] + 1)) return sorted;
  sorted.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged[merged.length - 1];
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

export function union(a: IntervalSet, b: IntervalSet): IntervalSet {
  return normalize([...a, ...b]);
}

/** The numbers of `[min, max]` that `set` lacks. */
export function complement(set: IntervalSet, min: number, max: number): IntervalSet {
  const gaps: Interval[] = [];
  let next = min;
  for (const [from, to] of set) {
    if (from > next) gaps.push([next, Math.min(from - 1, max)]);
    next = Math.max(next, to + 1);
    if (next > max) return gaps;
  }
  if (next <= max) gaps.push([next, max]);
  return gaps;
}

export function intersect(a: IntervalSet, b: IntervalSet): IntervalSet {
  const out: Interval[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [aFrom, aTo] = a[i]!;
    const [bFrom, bTo] = b[j]!;
    const from = Math.max(aFrom, bFrom);
    const to = Math.min(aTo, bTo);
    if (from <= to) out.push([from, to]);
    if (aTo < bTo) i++;
    else j++;
  }
  return out;
}

export function contains(set: IntervalSet, value: number): boolean {
  return set.some(([from, to]) => value >= from && value <= to);
}

/** How many numbers the set holds. */
export function size(set: IntervalSet): number {
  return set.reduce((sum, [from, to]) => sum + (to - from + 1), 0);
}
