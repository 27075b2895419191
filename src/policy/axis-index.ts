import type { IntervalSet } from '../packets/interval.ts';

/** Finds the items whose intervals meet a set: an implicit interval tree, O(log n + hits) an interval. */
export interface AxisIndex<T> {
  /** Each item once, in no order that means anything. */
  readonly meeting: (set: IntervalSet) => readonly T[];
}

export function axisIndex<T>(items: readonly T[], axisOf: (item: T) => IntervalSet): AxisIndex<T> {
  const spans: { readonly from: number; readonly to: number; readonly item: number }[] = [];
  for (const [item, value] of items.entries())
    for (const [from, to] of axisOf(value)) spans.push({ from, to, item });
  spans.sort((a, b) => a.from - b.from);
  // highest[i] is the highest end in the subtree rooted at the middle of the range that i stands for.
  const highest = new Float64Array(spans.length);
  build(0, spans.length);

  function build(low: number, high: number): number {
    if (low >= high) return -1;
    const middle = (low + high) >> 1;
    const value = Math.max(spans[middle]!.to, build(low, middle), build(middle + 1, high));
    highest[middle] = value;
    return value;
  }

  // An item of several intervals is met once a question: its mark holds the question's number.
  const marks = new Uint32Array(items.length);
  let question = 0;

  function collect(low: number, high: number, from: number, to: number, found: number[]): void {
    if (low >= high) return;
    const middle = (low + high) >> 1;
    if (highest[middle]! < from) return;
    collect(low, middle, from, to, found);
    const span = spans[middle]!;
    if (span.from > to) return;
    if (span.to >= from && marks[span.item] !== question) {
      marks[span.item] = question;
      found.push(span.item);
    }
    collect(middle + 1, high, from, to, found);
  }

  return {
    meeting: (set) => {
      question++;
      const found: number[] = [];
      for (const [from, to] of set) collect(0, spans.length, from, to, found);
      return found.map((index) => items[index]!);
    },
  };
}
