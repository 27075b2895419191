import type { Decision } from '../analysis/evaluate.ts';
import type { Row } from '../analysis/rows.ts';
import type { ExposureContext } from './exposures.ts';
import type { RuleReference } from './report.ts';

/** From here on a glance at all rows should not look for all rules of each. */
export const VERY_MANY = 500;

/** Undefined where the last of all rules says more: in a small firewall that translates, the one for what it publishes. */
export function leadingDecision(row: Row, { rules }: ExposureContext): Decision | undefined {
  return row.changesPackets && rules <= VERY_MANY ? undefined : row.leading();
}

export function leadingRule(row: Row, context: ExposureContext): RuleReference | undefined {
  const { firewall, references } = context;
  const leading = leadingDecision(row, context);
  if (leading === undefined) return undefined;
  const chain = firewall.chains.get(leading.stage.chain);
  if (leading.rule !== undefined) return references.of(leading.rule);
  return chain === undefined ? undefined : references.ofFallthrough(chain);
}
