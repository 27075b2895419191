import { addressBits } from '../packets/fields.ts';
import type { AddressRange, Family } from '../packets/fields.ts';
import type { Interval, IntervalSet } from '../packets/interval.ts';

/**
 * The addresses of one family cut at every border that any given set has. Sets become sets of cell numbers, so that the exact
 * algebra of 128-bit addresses is that of small integers.
 */
export interface AddressCells {
  /** The cells of ranges that are sorted, disjoint and not adjacent, and whose borders are among the cuts. So are the cells, then. */
  readonly cellsOf: (ranges: readonly AddressRange[]) => IntervalSet;
  readonly rangesOf: (cells: IntervalSet) => readonly AddressRange[];
  /** Every cell: any address. */
  readonly all: IntervalSet;
}

export function addressCells(family: Family, sets: Iterable<readonly AddressRange[]>): AddressCells {
  // IPv4 borders are small enough for numbers, which sort and hash several times as fast as bigints.
  const borderOf = (address: bigint): Border => (family === 'ipv4' ? Number(address) : address);
  const after = (address: bigint): Border => (family === 'ipv4' ? Number(address) + 1 : address + 1n);
  const borders = new Set<Border>([borderOf(0n), borderOf(1n << BigInt(addressBits[family]))]);
  for (const set of sets)
    for (const [from, to] of set) {
      borders.add(borderOf(from));
      borders.add(after(to));
    }
  const cuts = [...borders].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const numberOf = new Map(cuts.map((cut, index) => [cut, index]));
  return {
    cellsOf: (ranges) =>
      ranges.map(([from, to]): Interval => [numberOf.get(borderOf(from))!, numberOf.get(after(to))! - 1]),
    rangesOf: (cells) =>
      cells.map(([from, to]): AddressRange => [BigInt(cuts[from]!), BigInt(cuts[to + 1]!) - 1n]),
    all: [[0, cuts.length - 2]],
  };
}

/** Where a cell begins. */
type Border = number | bigint;
