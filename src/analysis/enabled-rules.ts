import type { Chain, Rule } from '../model/firewall.ts';

const known = new WeakMap<Chain, readonly Rule[]>();

/** The rules in the order in which they are looked at; as written, but for Windows. */
export function enabledRules(chain: Chain): readonly Rule[] {
  let rules = known.get(chain);
  if (rules === undefined) known.set(chain, (rules = inOrder(chain)));
  return rules;
}

function inOrder({ rules, order }: Chain): readonly Rule[] {
  const enabled = rules.every((rule) => rule.enabled) ? rules : rules.filter((rule) => rule.enabled);
  if (order !== 'block-wins') return enabled;
  const byStrength: readonly Rule[][] = [[], [], []];
  for (const rule of enabled) byStrength[strength(rule)]!.push(rule);
  return byStrength.flat();
}

/** Windows: authenticated bypass over block over allow (MS-GPFAS; Windows Firewall rule precedence). */
function strength(rule: Rule): number {
  if (rule.bypass === true) return 0;
  return rule.action.kind === 'drop' || rule.action.kind === 'reject' ? 1 : 2;
}
