import type { FilterRule } from '../../../grammars/pf/syntax.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import type { Action, Change } from '../../model/action.ts';
import { and } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import { checkFilterRule } from './consistency.ts';
import { lowerCriteria, startsConnection } from './criteria.ts';
import { lowerOptions } from './filter-options.ts';
import { spanOf, unknownChance } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';
import { inDirection, translationsOf } from './rule-translations.ts';

/** A rule of the model without its number. */
export interface Piece {
  readonly match: Match;
  readonly action: Action;
  readonly quick?: boolean;
  readonly comment?: string;
}

/** A `pass`, `block` or `match` rule for packets of one direction. */
export function lowerFilterRule(
  rule: FilterRule,
  direction: 'in' | 'out',
  blockPolicy: 'drop' | 'return',
  notes: RuleNotes,
): Piece[] {
  const options = lowerOptions(rule.options, direction, notes);
  const action = rule.action.image;
  const asked = inDirection(rule, options.redirections, direction);
  const stateful = action === 'pass' && options.state?.mode !== 'no';
  if (action === 'pass' && options.state?.mode === 'no')
    notes.context.report(
      'FW1310',
      'note',
      spanOf(options.state.token, notes),
      'the rule keeps no state: answers to what it passes need a rule of their own that passes them',
    );
  const flags =
    options.flags === undefined
      ? stateful && options.fragment === undefined
        ? startsConnection
        : undefined
      : options.flags;
  const how = { direction, options, flags: flags ?? undefined, redirections: asked.redirections };
  let match = lowerCriteria(asked.criteria, how, notes);
  if (rule.problem === undefined) checkFilterRule(rule, options, stateful, notes);
  else {
    notes.obscure = true;
    match = and(match, unknownChance('unread', 'a part of the rule is not understood'));
  }
  const quick = rule.quick !== undefined;
  const comment = options.label === undefined ? {} : { comment: options.label };
  const extra = { ...(quick ? { quick } : {}), ...comment };
  const tag: Change[] = options.tag === undefined ? [] : [{ kind: 'name', field: 'tag', name: options.tag }];
  const translations = translationsOf(rule, options.redirections, direction, notes);
  if (action === 'match') {
    const ways =
      translations.length === 0 ? [{ match: { kind: 'all' } as Match, changes: [] }] : translations;
    return ways.map((way) => ({
      match: and(match, way.match),
      action: changing([...tag, ...way.changes], 'continue'),
      ...extra,
    }));
  }
  const pieces: Piece[] = [];
  if (action === 'block') pieces.push({ match, action: blocking(rule.response, blockPolicy), ...extra });
  else if (translations.length === 0) pieces.push({ match, action: { kind: 'accept' }, ...extra });
  else {
    for (const way of translations) {
      pieces.push({ match: and(match, way.match), action: changing(way.changes, 'accept'), ...extra });
    }
  }
  // The tag sticks even if a later rule wins; it is set behind the verdict, so that the rule's own `tagged` still sees the old one.
  if (tag.length > 0 && !quick) pieces.push({ match, action: changing(tag, 'continue'), ...comment });
  return pieces;
}

function changing(changes: readonly Change[], then: 'continue' | 'accept'): Action {
  if (changes.length === 0) return { kind: then };
  return { kind: 'change', changes, then };
}

export function blocking(response: PfToken | undefined, policy: 'drop' | 'return'): Action {
  const how = response?.image ?? policy;
  return how === 'drop' ? { kind: 'drop' } : { kind: 'reject', with: how };
}
