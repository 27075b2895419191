import { addressBits } from '../packets/fields.ts';
import type { AddressRange, Family } from '../packets/fields.ts';
import { normalize } from '../packets/interval.ts';
import type { Interval, IntervalSet } from '../packets/interval.ts';

/**
 * The addresses of one family cut at every border that any given set has. Sets become sets of cell numbers, so that the exact
 * algebra of 128-bit addresses is that of small integers.
 */
export interface AddressCells {
  /** The cells of ranges whose borders are among the cuts. */
  readonly cellsOf: (ranges: readonly AddressRange[]) => IntervalSet;
  readonly rangesOf: (cells: IntervalSet) => readonly AddressRange[];
  /** Every cell: any address. */
  readonly all: IntervalSet;
}

export function addressCells(family: Family, sets: Iterable<readonly AddressRange[]>): AddressCells {
  const end = 1n << BigInt(addressBits[family]);
  const borders = new Set<bigint>([0n, end]);
  for (const set of sets)
    for (const [from, to] of set) {
      borders.add(from);
      borders.add(to + 1n);
    }
  const cuts = [...borders].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const numberOf = new Map(cuts.map((cut, index) => [cut, index]));
  return {
    cellsOf: (ranges) =>
      normalize(ranges.map(([from, to]): Interval => [numberOf.get(from)!, numberOf.get(to + 1n)! - 1])),
    rangesOf: (cells) => cells.map(([from, to]): AddressRange => [cuts[from]!, cuts[to + 1]! - 1n]),
    all: [[0, cuts.length - 2]],
  };
}
