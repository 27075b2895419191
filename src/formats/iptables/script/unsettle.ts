import { all, and, type Match } from '../../../model/match.ts';
import type { Rule } from '../../../model/firewall.ts';
import type { Span } from '../../../source/source.ts';
import type { TableState } from '../ruleset.ts';
import type { Workbench } from '../workbench.ts';

/**
 * Something that is not in the input has changed a table: its rules may be gone and others may be there. What the script does to the
 * table afterwards counts as it stands: a chain that it flushes is empty, and rules that it inserts come first.
 */
export function unsettle(
  bench: Workbench,
  table: TableState,
  reason: string,
  span: Span,
  conditions: readonly Match[],
): void {
  const outcomes =
    table.name === 'nat' ? (['accept', 'continue'] as const) : (['accept', 'drop', 'continue'] as const);
  for (const chain of table.chains.values()) {
    const rule: Rule = {
      id: bench.ruleset.nextRuleId(),
      span,
      match: conditions.length === 0 ? all : and(...conditions),
      action: { kind: 'unknown', outcomes, reason },
      enabled: true,
    };
    chain.rules.unshift(rule);
    // A chain of nat can only accept.
    if (!chain.builtin || table.name === 'nat') continue;
    chain.policy = { kind: 'unknown', outcomes: ['accept', 'drop'], reason };
    chain.policySpan = span;
  }
}
