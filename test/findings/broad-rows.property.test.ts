import { expect, it } from 'vitest';
import { broadRows, openingKey, widestNarrow } from '../../src/findings/open-rows.ts';
import type { Exposure } from '../../src/report/report.ts';
import { fc } from '../property-testing.ts';

/** A row as plain data: all that the question looks at. */
function rowOf(from: number, to: number, line: number): Exposure {
  const rules = [{ path: 'rules', line, text: '' }];
  const row: Partial<Exposure> = {
    input: 0,
    direction: 'in',
    family: 'ipv4',
    protocol: 'tcp',
    certainty: 'certain',
    ports: { from, to },
    from: [],
    rules,
  };
  return row as Exposure;
}

/** Every rule's ports one by one, and the rows that lie in a long run of them. */
function slowly(rows: readonly Exposure[]): readonly Exposure[] {
  return rows.filter((row) => {
    const open = new Set<number>();
    for (const other of rows) {
      if (openingKey(other) !== openingKey(row)) continue;
      for (let port = other.ports!.from; port <= other.ports!.to; port++) open.add(port);
    }
    let [from, to] = [row.ports!.from, row.ports!.to];
    while (open.has(from - 1)) from--;
    while (open.has(to + 1)) to++;
    return to - from + 1 > widestNarrow;
  });
}

it('broad rows are those in a long run of ports that one rule opens', () => {
  const row = fc.tuple(fc.nat(400), fc.oneof(fc.nat(30), fc.nat(130)), fc.integer({ min: 1, max: 3 }));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), fc.boolean(), (drawn, overlap) => {
      let next = 0;
      const rows = drawn.map(([at, width, line]) => {
        const from = overlap ? at : next + (at % 8 === 0 ? 1 : 0);
        next = from + width + 1;
        return rowOf(from, from + width, line);
      });
      expect(rows.filter((one) => broadRows(rows).has(one))).toEqual(slowly(rows));
    }),
  );
});
