import type { AddressRange } from '../packets/fields.ts';

/** Sorted, disjoint and non-adjacent. */
export function normalizeRanges(ranges: readonly AddressRange[]): readonly AddressRange[] {
  if (ranges.length < 2) return ranges;
  const sorted = [...ranges].sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  const merged: [bigint, bigint][] = [];
  for (const [from, to] of sorted) {
    const last = merged[merged.length - 1];
    if (last !== undefined && from <= last[1] + 1n) {
      if (to > last[1]) last[1] = to;
    } else merged.push([from, to]);
  }
  return merged;
}

/** Do two normalized sets share an address? */
export function rangesMeet(a: readonly AddressRange[], b: readonly AddressRange[]): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i]![1] < b[j]![0]) i++;
    else if (b[j]![1] < a[i]![0]) j++;
    else return true;
  }
  return false;
}
