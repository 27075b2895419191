import { normalize, size } from '../packets/interval.ts';
import type { Interval, IntervalSet } from '../packets/interval.ts';
import type { Exposure } from '../report/report.ts';
import { broadRows, openingKey, unjustifiedRows } from './open-rows.ts';
import type { NumberedRow } from './open-rows.ts';
import { oncePerContext } from './once-per-context.ts';

/** Rows that one rule opens to the same packets: a report splits 1-65535 into three ranges, people think of it as one. */
export interface BroadOpening {
  readonly first: NumberedRow;
  readonly rows: readonly Exposure[];
  readonly ports: number;
  /** `1-65535/tcp`, or its parts. */
  readonly text: string;
  /** Some port is widely known to be used in all of these ports (mosh, NodePort, passive FTP). */
  readonly knownUse: string | undefined;
}

/** All ports but those that other rules decide: a rule for every port rarely lets in exactly 65,536. */
export const nearlyAll = 60_000;

export const broadOpenings = oncePerContext((context): readonly BroadOpening[] => {
  const broad = broadRows(context.exposures);
  const groups = new Map<string, NumberedRow[]>();
  for (const one of unjustifiedRows(context)) {
    const { row } = one;
    if (!broad.has(row) || row.certainty !== 'certain' || row.byDefault === true) continue;
    const key = openingKey(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()].map((group): BroadOpening => {
    const rows = group.map(({ row }) => row);
    // The widest of the pieces that a policy has cut speaks for all.
    const first = group.reduce((best, one) => (widths[one.row.scope] > widths[best.row.scope] ? one : best));
    return {
      first,
      rows,
      ports: size(portsOf(rows)),
      get text() {
        return portListText(rows);
      },
      knownUse: rows.length === 1 ? useOfAll(rows[0]!) : undefined,
    };
  });
});

const widths = { loopback: 0, specific: 1, private: 2, internet: 3 } as const;

function portsOf(rows: readonly Exposure[]): IntervalSet {
  return normalize(rows.map(({ ports }): Interval => [ports!.from, ports!.to]));
}

/** `1-65535/tcp`, `0-20,24-78,80-109 and 11 more ranges of tcp`. */
export function portListText(rows: readonly Exposure[]): string {
  const { protocol } = rows[0]!;
  const texts = portsOf(rows).map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
  return texts.length <= 4
    ? `${texts.join(',')}/${protocol}`
    : `${texts.slice(0, 3).join(',')} and ${texts.length - 3} more ranges of ${protocol}`;
}

function useOfAll(row: Exposure): string | undefined {
  return row.uses.find(({ ports }) => ports.from <= row.ports!.from && row.ports!.to <= ports.to)?.use;
}
