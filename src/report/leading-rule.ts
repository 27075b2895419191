import type { Decision } from '../analysis/evaluate.ts';
import type { Row } from '../analysis/rows.ts';
import type { ExposureContext } from './exposures.ts';
import type { RuleReference } from './report.ts';

/** From here on a glance at all rows should not look for the rule of each one's witness, nor for all rules of each. */
export const VERY_MANY = 500;

/** Undefined where the last of all rules says more: in a small firewall that translates, the one for what it publishes. */
export function leadingDecision(row: Row, { rules }: ExposureContext): Decision | undefined {
  return row.changesPackets && rules <= VERY_MANY ? undefined : row.leading();
}

/** The rule that lets in the row's witness, which is what reports name first; in a large firewall that for another of its packets. */
export function leadingRule(row: Row, context: ExposureContext): RuleReference | undefined {
  const { firewall, references, rules, leadingRules } = context;
  const leading = rules <= VERY_MANY ? row.leadingOfWitness() : row.leading();
  if (leading === undefined) return undefined;
  if (leading.rule === undefined) {
    const chain = firewall.chains.get(leading.stage.chain);
    return chain === undefined ? undefined : references.ofFallthrough(chain);
  }
  let reference = leadingRules.get(leading.rule);
  if (reference === undefined) leadingRules.set(leading.rule, (reference = references.of(leading.rule)));
  return reference;
}
