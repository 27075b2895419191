import type { Interpretation } from '../analysis/interpret.ts';
import type { RuleReference } from './report.ts';
import type { RuleReferences } from './rule-reference.ts';

/** The rules on one packet's way: each stage's jumps and deciding rule; a policy only where it is the last word. */
export function decidingReferences(
  way: Interpretation,
  references: RuleReferences,
): readonly RuleReference[] {
  const found: RuleReference[] = [];
  way.path.forEach((step, i) => {
    for (const rule of step.via) found.push(references.of(rule));
    if (step.rule !== undefined) found.push(references.of(step.rule));
    else if (i === lastTelling(way)) found.push(references.ofFallthrough(step.chain));
  });
  return found;
}

/** The stage whose verdict by policy is worth naming: the last one, or the last with rules where everything passed. */
function lastTelling({ verdict, path }: Interpretation): number {
  if (verdict === 'drop') return path.length - 1;
  for (let i = path.length - 1; i >= 0; i--) {
    const { chain, stage } = path[i]!;
    if (stage.kind === 'filter' && chain.rules.length > 0) return i;
  }
  return path.findLastIndex(({ stage }) => stage.kind === 'filter');
}
