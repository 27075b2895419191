import type { FilterRule, Redirection } from '../../../grammars/pf/syntax.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import type { Action, Change } from '../../model/action.ts';
import { and } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import type { Family } from '../../packets/fields.ts';
import { checkFilterRule } from './consistency.ts';
import { familyOf, lowerCriteria, startsConnection } from './criteria.ts';
import { lowerOptions, protocolIs } from './filter-options.ts';
import type { LoweredOptions } from './filter-options.ts';
import { spanOf, unknownChance } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';
import { addressChoices, natPortChange, portShifts, targets } from './redirection.ts';
import type { Translation } from './redirection.ts';
import { lowerPorts } from './ports.ts';

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
  const how = { direction, options, flags: flags ?? undefined, redirections: options.redirections };
  let match = lowerCriteria(rule, how, notes);
  if (rule.problem === undefined) checkFilterRule(rule, options, stateful, notes);
  else {
    notes.obscure = true;
    match = and(match, unknownChance('unread', 'a part of the rule is not understood'));
  }
  const quick = rule.quick !== undefined;
  const comment = options.label === undefined ? {} : { comment: options.label };
  const extra = { ...(quick ? { quick } : {}), ...comment };
  const tag: Change[] = options.tag === undefined ? [] : [{ kind: 'name', field: 'tag', name: options.tag }];
  const translations = translationsOf(rule, options, direction, notes);
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

/** What the rule's translation options do to packets of this direction. */
function translationsOf(
  rule: FilterRule,
  options: LoweredOptions,
  direction: 'in' | 'out',
  notes: RuleNotes,
): Translation[] {
  const family = familyOf(rule.family);
  for (const redirection of options.redirections) {
    switch (redirection.keyword.image) {
      case 'rdr-to':
        if (direction === 'in') return rdrTo(rule, redirection, family, notes);
        break;
      case 'nat-to':
        if (direction === 'out') return natTo(redirection, family, notes);
        break;
      case 'binat-to': {
        const pool = targets(redirection.hosts, family, notes);
        return addressChoices(pool, direction === 'in' ? 'destination' : 'source', []);
      }
      default:
        // af-to leaves with the other family, and route-to and its kin by another way: both are behind this decision.
        break;
    }
  }
  return [];
}

function rdrTo(
  rule: FilterRule,
  redirection: Redirection,
  family: Family | undefined,
  notes: RuleNotes,
): Translation[] {
  const pool = targets(redirection.hosts, family, notes);
  const ports = rule.to?.ports === undefined ? [undefined] : lowerPorts(rule.to.ports, notes).values;
  return ports.flatMap((item) =>
    portShifts(redirection, item, notes).flatMap(({ ports: within, change }) => {
      const stretch = within ?? (ports.length > 1 ? item : undefined);
      const test: Match =
        stretch === undefined
          ? { kind: 'all' }
          : { kind: 'number', field: 'destinationPort', values: [stretch] };
      return addressChoices(pool, 'destination', change === undefined ? [] : [change]).map((choice) => ({
        match: and(test, choice.match),
        changes: choice.changes,
      }));
    }),
  );
}

export function natTo(redirection: Redirection, family: Family | undefined, notes: RuleNotes): Translation[] {
  const pool = targets(redirection.hosts, family, notes);
  const port = natPortChange(redirection, notes);
  const plain = addressChoices(pool, 'source', []);
  if (port === undefined) return plain;
  const withPorts = protocolIs([6, 17]);
  return [
    ...addressChoices(pool, 'source', [port]).map(({ match, changes }) => ({
      match: and(withPorts, match),
      changes,
    })),
    ...plain.map(({ match, changes }) => ({ match: and({ kind: 'not', of: withPorts }, match), changes })),
  ];
}
