import { outlineOf } from '../report/row-outline.ts';
import type { Exposure, Severity } from '../report/report.ts';

const ladder: readonly Severity[] = ['none', 'note', 'low', 'medium', 'high'];

/** The lower of two. */
export function atMost(severity: Severity, cap: Severity): Severity {
  return ladder.indexOf(severity) <= ladder.indexOf(cap) ? severity : cap;
}

export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return threshold !== 'none' && ladder.indexOf(severity) >= ladder.indexOf(threshold);
}

/** True if every packet of the row arrives on such an interface. */
export function arrivesInside(row: Exposure): boolean {
  return outlineOf(row).inward;
}

/** What a row's finding weighs: less from inside, and next to nothing for what the host itself sends. */
export function rowSeverity(row: Exposure, severity: Severity): Severity {
  if (row.direction === 'out') return atMost(severity, 'note');
  return arrivesInside(row) ? atMost(severity, 'low') : severity;
}
