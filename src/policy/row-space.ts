import { scopeOf } from '../packets/address-scope.ts';
import type { AddressRange, Family } from '../packets/fields.ts';
import { type Interval, type IntervalSet, union } from '../packets/interval.ts';
import { changedRow, cutRow } from '../report/lazy-row.ts';
import type { Exposure, FromElement } from '../report/report.ts';
import { addressCells } from './address-cells.ts';
import { normalizeRanges } from './address-set.ts';
import { prefixesOf } from '../packets/address-text.ts';
import { sourceRanges } from './source-text.ts';
import type { PortRange } from '../ports/port-types.ts';
import type { PolicyEntry } from './policy-types.ts';
import { blockSize, protocolNumber } from './port-spec.ts';
import { witnessOf } from './piece-witness.ts';

/** Rows and entries in one coordinate system: ports on the axis `protocol * 65536 + port`, sources as cells. */
export interface RowSpace {
  readonly axisOf: (row: Exposure) => IntervalSet;
  /** The source cells of each `from` element. */
  readonly elementsOf: (row: Exposure) => readonly IntervalSet[];
  readonly entryCells: (entry: PolicyEntry, family: Family) => IntervalSet;
  readonly sourcesOf: (cells: IntervalSet, family: Family) => readonly string[];
  /** The part of a row with only these ports and these cells of each element; elements left without cells go. */
  readonly cut: (
    row: Exposure,
    axis: IntervalSet,
    cells: readonly IntervalSet[],
    elements: readonly IntervalSet[],
  ) => Exposure;
}

export function rowSpace(rows: readonly Exposure[], entries: readonly PolicyEntry[]): RowSpace {
  // Elements that list the same sources are common (one list for many ports); each list is normalized once.
  const lists = new Map<string, readonly AddressRange[]>();
  const listOf = (sources: readonly string[]): readonly AddressRange[] => {
    const key = sources.join(' ');
    let list = lists.get(key);
    if (list === undefined) lists.set(key, (list = normalizeRanges(sources.flatMap(sourceRanges))));
    return list;
  };
  const cellsFor = (family: Family) =>
    addressCells(
      family,
      (function* () {
        for (const entry of entries) if (entry.from !== undefined) yield entry.from[family];
        for (const row of rows)
          if (row.family === family)
            for (const element of row.from) if (element.sources !== undefined) yield listOf(element.sources);
      })(),
    );
  const families = { ipv4: cellsFor('ipv4'), ipv6: cellsFor('ipv6') };
  const elementCells = new Map<string, IntervalSet>();
  const entryCells = { ipv4: new Map<PolicyEntry, IntervalSet>(), ipv6: new Map<PolicyEntry, IntervalSet>() };

  const cellsOfElement = (element: FromElement, family: Family): IntervalSet => {
    if (element.sources === undefined) return families[family].all;
    const key = `${family} ${element.sources.join(' ')}`;
    let cells = elementCells.get(key);
    if (cells === undefined)
      elementCells.set(key, (cells = families[family].cellsOf(listOf(element.sources))));
    return cells;
  };
  const sourcesOf = (cells: IntervalSet, family: Family): readonly string[] =>
    families[family].rangesOf(cells).flatMap((range) => prefixesOf(range, family));

  return {
    axisOf,
    elementsOf: (row) => row.from.map((element) => cellsOfElement(element, row.family)),
    entryCells: (entry, family) => {
      if (entry.from === undefined) return families[family].all;
      let cells = entryCells[family].get(entry);
      if (cells === undefined)
        entryCells[family].set(entry, (cells = families[family].cellsOf(entry.from[family])));
      return cells;
    },
    sourcesOf,
    cut: (row, axis, cells, elements) => {
      const from = row.from.flatMap((element, i): FromElement[] => {
        const kept = cells[i]!;
        if (kept.length === 0) return [];
        if (kept === elements[i]! || sameSet(kept, elements[i]!)) return [element];
        return [{ ...element, sources: sourcesOf(kept, row.family) }];
      });
      const named = portsOn(row, axis);
      const cut = cutRow(row, {
        ...(named.ports === undefined ? {} : { ports: intervalOf(named.ports) }),
        ...(named.protocols === undefined ? {} : { protocols: named.protocols.map(intervalOf) }),
        ...(cells.every((kept, i) => sameSet(kept, elements[i]!))
          ? {}
          : { sources: families[row.family].rangesOf(cells.reduce((all, one) => union(all, one), [])) }),
      });
      // A row that knows its packets has named what is left of them.
      const part = changedRow(cut, cut === row ? { ...named, from } : { from });
      return changedRow(part, { scope: scopeOf(from, part.family), witness: witnessOf(part) });
    },
  };
}

function intervalOf({ from, to }: PortRange): Interval {
  return [from, to];
}

function sameSet(a: IntervalSet, b: IntervalSet): boolean {
  return a.length === b.length && a.every(([from, to], i) => from === b[i]![0] && to === b[i]![1]);
}

function axisOf(row: Exposure): IntervalSet {
  const block = (number: number): Interval => [number * blockSize, number * blockSize + blockSize - 1];
  if (row.protocols !== undefined)
    return row.protocols.map(({ from, to }): Interval => [block(from)[0], block(to)[1]]);
  const number = protocolNumber(row.protocol);
  if (number === undefined) return [[0, 256 * blockSize - 1]];
  if (row.ports === null) return [block(number)];
  return [[number * blockSize + row.ports.from, number * blockSize + row.ports.to]];
}

/** The row's own way of naming the axis: ports, or protocol numbers. A protocol of which entries name only some ports keeps its name. */
function portsOn(
  row: Exposure,
  axis: IntervalSet,
): { readonly ports?: PortRange; readonly protocols?: readonly PortRange[] } {
  const [from, to] = [axis[0]![0], axis[axis.length - 1]![1]];
  if (row.ports !== null) return { ports: { from: from % blockSize, to: to % blockSize } };
  if (row.protocols === undefined) return {};
  return {
    protocols: axis.map(([low, high]) => ({
      from: Math.floor(low / blockSize),
      to: Math.floor(high / blockSize),
    })),
  };
}
