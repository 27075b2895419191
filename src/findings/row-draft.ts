import type { Severity } from '../report/report.ts';
import type { FindingDraft } from './finding-kind.ts';
import { decidingRule } from './open-rows.ts';
import type { NumberedRow } from './open-rows.ts';
import { rowSeverity } from './row-severity.ts';
import { rowIdentity } from '../report/row-text.ts';

/** A finding about one row, at the rule that lets it in. What it says is dear to find out, and not every reporter asks. */
export function rowDraft(
  { row, index }: NumberedRow,
  severity: Severity,
  message: () => string,
  help: () => string,
): FindingDraft {
  let said: string | undefined;
  return {
    severity: rowSeverity(row, severity),
    get message() {
      return (said ??= message());
    },
    get help() {
      return help();
    },
    exposure: index,
    get at() {
      return decidingRule(row);
    },
    get identity() {
      return rowIdentity(row);
    },
  };
}
