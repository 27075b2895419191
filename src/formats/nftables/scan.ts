import type { Expression, RuleSyntax, Statement } from '../../../grammars/nftables/syntax.ts';
import type { RulesetState } from './ruleset-state.ts';

/** Facts about a whole ruleset that single rules need. */
export interface RulesetFacts {
  /** Some rule asks or changes connection tracking, which turns it on in the kernel. */
  readonly tracksConnections: boolean;
}

/** Marks the sets that rules change while packets pass, and looks for users of connection tracking. */
export function scanRuleset(state: RulesetState): RulesetFacts {
  let tracksConnections = false;
  for (const table of state.tables.values()) {
    const visit = (rule: RuleSyntax): void => {
      for (const statement of rule.statements) {
        if (statement.kind === 'update-set') {
          const set = table.sets.get(statement.set);
          if (set !== undefined) set.updated = true;
        }
        if (!tracksConnections && usesConnections(statement)) tracksConnections = true;
        if (statement.kind === 'verdict' && 'block' in statement.verdict)
          statement.verdict.block.forEach(visit);
      }
    };
    for (const chain of table.chains.values())
      for (const rule of chain.rules) if (rule.kind === 'rule') visit(rule);
  }
  return { tracksConnections };
}

function usesConnections(statement: Statement): boolean {
  switch (statement.kind) {
    case 'nat':
    case 'synproxy':
      return true;
    case 'match':
      return asks(statement.left);
    case 'vmap':
      return asks(statement.key);
    case 'assign':
      return asks(statement.target) || asks(statement.value);
    case 'condition':
      return statement.what === 'ct count';
    case 'effectless':
      return statement.what === 'flow';
    default:
      return false;
  }
}

function asks(expression: Expression): boolean {
  switch (expression.kind) {
    case 'ct':
      return true;
    case 'concat':
      return expression.of.some(asks);
    case 'binary':
      return asks(expression.left) || asks(expression.right);
    case 'map':
      return asks(expression.key);
    default:
      return false;
  }
}
