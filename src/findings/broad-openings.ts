import type { Exposure } from '../report/report.ts';
import type { FindingContext } from './finding-kind.ts';
import { decidingRule, portCount, unjustifiedRows, widestNarrow } from './open-rows.ts';
import type { NumberedRow } from './open-rows.ts';

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

export function broadOpenings(context: FindingContext): BroadOpening[] {
  const groups = new Map<string, NumberedRow[]>();
  for (const one of unjustifiedRows(context)) {
    const { row } = one;
    if (row.ports === null || row.certainty !== 'certain' || row.byDefault === true) continue;
    const rule = decidingRule(row);
    const key = JSON.stringify([
      row.input,
      row.direction,
      row.family,
      row.protocol,
      rule?.path,
      rule?.line,
      row.from,
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()]
    .map((group): BroadOpening => {
      const rows = group.map(({ row }) => row);
      return {
        first: group[0]!,
        rows,
        ports: rows.reduce((sum, row) => sum + portCount(row), 0),
        text: `${runs(rows)}/${rows[0]!.protocol}`,
        knownUse: rows.length === 1 ? useOfAll(rows[0]!) : undefined,
      };
    })
    .filter(({ ports }) => ports > widestNarrow);
}

function runs(rows: readonly Exposure[]): string {
  const merged: [number, number][] = [];
  for (const { ports } of [...rows].sort((a, b) => a.ports!.from - b.ports!.from)) {
    const last = merged[merged.length - 1];
    if (last !== undefined && ports!.from <= last[1] + 1) last[1] = Math.max(last[1], ports!.to);
    else merged.push([ports!.from, ports!.to]);
  }
  const texts = merged.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
  return texts.length <= 4
    ? texts.join(',')
    : `${texts.slice(0, 3).join(',')} and ${texts.length - 3} more ranges`;
}

function useOfAll(row: Exposure): string | undefined {
  return row.uses.find(({ ports }) => ports.from <= row.ports!.from && row.ports!.to <= ports.to)?.use;
}
