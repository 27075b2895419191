import type { Rule } from '../model/firewall.ts';

/** Windows: authenticated bypass over block over allow (MS-GPFAS; Windows Firewall rule precedence). */
export function strength(rule: Rule): number {
  if (rule.bypass === true) return 0;
  return rule.action.kind === 'drop' || rule.action.kind === 'reject' ? 1 : 2;
}
