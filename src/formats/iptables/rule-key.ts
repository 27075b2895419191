import type { Action } from '../../model/action.ts';
import type { Match } from '../../model/match.ts';

/** Equal for rules that say the same, however they are written. */
export function ruleKeyOf(rule: { match: Match; action: Action; comment?: string | undefined }): string {
  return JSON.stringify([rule.match, rule.action, rule.comment ?? ''], (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  );
}
