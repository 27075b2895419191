import type { PortStatus } from '../ports/port-types.ts';
import type { Exposure } from '../report/report.ts';

/** Is some port of a row that deserves a look of one of these statuses? */
export function hasStatus(row: Exposure, statuses: readonly PortStatus[]): boolean {
  if (row.scrutiny.level === 'none' || row.assignment === null) return false;
  const { status, counts } = row.assignment;
  if (status !== 'mixed') return statuses.includes(status);
  return statuses.some((one) => (counts?.[one] ?? 0) > 0);
}
