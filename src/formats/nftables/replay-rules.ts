import type { Command, RuleSyntax } from '../../../grammars/nftables/syntax.ts';
import type { Span } from '../../source/source.ts';
import type { Reporter } from './reporter.ts';
import type { ChainState, RuleState } from './ruleset-state.ts';

/** `add`, `insert`, `replace`, `delete` of a rule, by handle, position or index (nft(8), "RULES"). */
export function applyRuleCommand(
  command: Command & { kind: 'rule' },
  chain: ChainState,
  rule: RuleSyntax | undefined,
  reporter: Reporter,
): void {
  const { position } = command;
  const found = position === undefined ? undefined : positionOf(position, chain, command.span, reporter);
  switch (command.operation) {
    case 'add':
    case 'create':
      if (rule === undefined) return;
      if (found === undefined) chain.rules.push(rule);
      else chain.rules.splice(found + 1, 0, rule);
      return;
    case 'insert':
      if (rule !== undefined) chain.rules.splice(found ?? 0, 0, rule);
      return;
    case 'replace':
      if (rule === undefined) return;
      if (found === undefined) {
        uncertain(chain, command.span, 'replaces a rule that is not in the input');
        chain.rules.push(rule);
      } else chain.rules[found] = rule;
      return;
    case 'delete':
    case 'destroy':
      if (found === undefined) uncertain(chain, command.span, 'deletes a rule that is not in the input');
      else chain.rules.splice(found, 1);
      return;
    case 'flush':
      chain.rules = [];
      return;
    default:
      return;
  }
}

/** The place of the rule that a command names; undefined if it is not here. */
function positionOf(
  position: { readonly by: 'handle' | 'index' | 'position'; readonly value: number },
  chain: ChainState,
  span: Span,
  reporter: Reporter,
): number | undefined {
  // No rule has it, and nft asks whether there is a position by whether it is 0 (mnl.c, mnl_nft_rule_add).
  if (position.by === 'position' && position.value === 0) return undefined;
  const at =
    position.by === 'index'
      ? position.value
      : chain.rules.findIndex((rule) => rule.kind === 'rule' && rule.handle === position.value);
  if (at >= 0 && at < chain.rules.length) return at;
  reporter.add(
    'FW1208',
    'warning',
    `no rule with ${position.by} ${position.value} is in chain "${chain.name}" of this input`,
    span,
    'a listing with handles (nft -a list ruleset) in the same input shows them',
  );
  return undefined;
}

/** A command changed a rule that nobody can name: any rule of the chain may be gone. */
function uncertain(chain: ChainState, span: Span, what: string): void {
  const missing: RuleState = { kind: 'missing-include', path: `the command ${what}`, span };
  chain.rules.unshift(missing);
}
