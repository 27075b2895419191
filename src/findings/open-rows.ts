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
  return unjustifiedRows(context).filter(
    ({ row }) => row.ports !== null && portCount(row) <= widestNarrow && row.byDefault !== true,
  );
}

/** The most ports that a row may have to be looked at port by port. */
export const widestNarrow = 100;

export function portCount(row: Exposure): number {
  return row.ports === null ? 0 : row.ports.to - row.ports.from + 1;
}

/** The rule that lets a row in: the last of those that decided. */
export function decidingRule(row: Exposure): RuleReference | undefined {
  return row.rules[row.rules.length - 1];
}
