import type { Exposure, Severity } from '../report/report.ts';
import type { FindingContext } from './finding-kind.ts';
import { narrowRows } from './open-rows.ts';
import type { NumberedRow } from './open-rows.ts';
import { atMost } from './row-severity.ts';

/** Reasons of src/ports that weigh only where anybody can come from. */
const internetOnly: readonly string[] = [
  'remote-admin',
  'database',
  'management-api',
  'debugger',
  'file-sharing',
  'industrial',
];

/**
 * Narrow rows that one of these reasons speaks loudest for. Every row has one such reason, so that a port is told once: an open
 * database port that is unassigned as well is a database.
 */
export function rowsLedBy(
  context: FindingContext,
  reasons: readonly string[],
): (NumberedRow & { readonly reason: string; readonly severity: Severity })[] {
  return narrowRows(context).flatMap((one) => {
    const reason = leadingReason(one.row);
    if (reason === undefined || !reasons.includes(reason)) return [];
    const { level, reasons: all } = one.row.scrutiny;
    return [{ ...one, reason, severity: reason === all[0] ? level : atMost(level, 'low') }];
  });
}

function leadingReason(row: Exposure): string | undefined {
  return row.scrutiny.reasons.find((reason) => row.scope === 'internet' || !internetOnly.includes(reason));
}
