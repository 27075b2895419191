import { outlineOf } from '../report/row-outline.ts';
import type { Exposure, RuleReference } from '../report/report.ts';
import type { FindingContext } from './finding-kind.ts';

/** A row with its index. */
export interface NumberedRow {
  readonly row: Exposure;
  readonly index: number;
}

/** Rows that the policy neither justifies (somebody answers for them) nor forbids (that finding says it all). */
export function unjustifiedRows(context: FindingContext): NumberedRow[] {
  return context.exposures
    .map((row, index) => ({ row, index }))
    .filter(({ row }) => row.policy?.verdict !== 'justified' && row.policy?.verdict !== 'forbidden');
}

/** Rows narrow enough to speak of their ports one by one; the others are `wide-range`, `any-port` or `default-accept`. */
export function narrowRows(context: FindingContext): NumberedRow[] {
  const broad = broadRows(context.exposures);
  return unjustifiedRows(context).filter(
    ({ row }) => row.ports !== null && row.byDefault !== true && !broad.has(row),
  );
}

/** The most ports in a run that are looked at port by port. */
export const widestNarrow = 100;

const broadOf = new WeakMap<readonly Exposure[], ReadonlySet<Exposure>>();

/**
 * Rows of a run of more than `widestNarrow` neighbouring ports that one rule opens. A policy may have cut the run into pieces; each
 * piece is still part of something broad.
 */
export function broadRows(exposures: readonly Exposure[]): ReadonlySet<Exposure> {
  let broad = broadOf.get(exposures);
  if (broad === undefined) broadOf.set(exposures, (broad = findBroadRows(exposures)));
  return broad;
}

function findBroadRows(exposures: readonly Exposure[]): ReadonlySet<Exposure> {
  // Which rule opens a row is dear to find out, so it is asked only of rows that stand in a long run whoever opens them.
  const alike = (row: Exposure): string =>
    [row.input, row.direction, row.family, row.protocol, row.certainty].join('\n');
  return rowsInLongRuns([...rowsInLongRuns(exposures, alike)], openingKey);
}

/** Rows of runs of more than `widestNarrow` neighbouring ports, all with one key. */
function rowsInLongRuns(rows: readonly Exposure[], keyOf: (row: Exposure) => string): Set<Exposure> {
  const groups = new Map<string, Exposure[]>();
  for (const row of rows) {
    if (row.ports === null) continue;
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const broad = new Set<Exposure>();
  for (const group of groups.values()) {
    let run: Exposure[] = [];
    let [from, to] = [0, -2];
    const close = (): void => {
      if (to - from + 1 > widestNarrow) for (const row of run) broad.add(row);
    };
    for (const row of [...group].sort((a, b) => a.ports!.from - b.ports!.from)) {
      if (row.ports!.from > to + 1) {
        close();
        run = [];
        from = row.ports!.from;
        to = row.ports!.to;
      }
      run.push(row);
      to = Math.max(to, row.ports!.to);
    }
    close();
  }
  return broad;
}

/** Rows with one key are opened by one rule for one protocol. */
export function openingKey(row: Exposure): string {
  const rule = decidingRule(row);
  return [row.input, row.direction, row.family, row.protocol, row.certainty, rule?.path, rule?.line].join(
    '\n',
  );
}

/** The rule that lets a row in: the last of those that decided about its witness. */
export function decidingRule(row: Exposure): RuleReference | undefined {
  return outlineOf(row).leadingRule;
}
