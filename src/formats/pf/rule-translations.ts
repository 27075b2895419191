import type { Criteria, FilterRule, Redirection } from '../../../grammars/pf/syntax.ts';
import { all, and, not } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import type { Family } from '../../packets/fields.ts';
import { familyOf } from './criteria.ts';
import { protocolIs } from './filter-options.ts';
import type { RuleNotes } from './pf-context.ts';
import { addressChoices, natPortChange, poolKey, portShifts, targets } from './redirection.ts';
import type { Translation } from './redirection.ts';
import { lowerPorts } from './ports.ts';

/**
 * What a rule asks of packets of one direction. `binat-to` makes two rules (expand_rule): the written one for packets that leave,
 * and for those that come in one with source and destination exchanged, to the outer address instead of the inner one.
 */
export function inDirection(
  rule: FilterRule,
  redirections: readonly Redirection[],
  direction: 'in' | 'out',
): { readonly criteria: Criteria; readonly redirections: readonly Redirection[] } {
  if (redirections.length === 0) return { criteria: rule, redirections };
  const binat = redirections.find(({ keyword }) => keyword.image === 'binat-to');
  if (binat === undefined || direction === 'out') return { criteria: rule, redirections };
  const { from, to } = rule;
  return {
    criteria: {
      ...rule,
      from: { hosts: to?.hosts, ports: to?.ports },
      to: { hosts: binat.hosts, ports: from?.ports },
    },
    redirections: redirections.map((one) => (one === binat ? { ...binat, hosts: from?.hosts ?? [] } : one)),
  };
}

const noWays: readonly Translation[] = [];

/** What the translation options of a rule do to packets of one direction; a rule may change both ends. */
export function translationsOf(
  rule: FilterRule,
  redirections: readonly Redirection[],
  direction: 'in' | 'out',
  notes: RuleNotes,
): readonly Translation[] {
  if (redirections.length === 0) return noWays;
  let ways: Translation[] = [];
  for (const redirection of redirections) {
    const own = waysOf(rule, redirection, direction, notes);
    if (own.length === 0) continue;
    ways =
      ways.length === 0
        ? own
        : ways.flatMap((one) =>
            own.map((other) => ({
              match: and(one.match, other.match),
              changes: [...one.changes, ...other.changes],
            })),
          );
  }
  return ways;
}

/** pf_get_transaddr looks at what the rule says, not at the direction, which nat-to and rdr-to need only to be written. */
function waysOf(
  rule: FilterRule,
  redirection: Redirection,
  direction: 'in' | 'out',
  notes: RuleNotes,
): Translation[] {
  const family = familyOf(rule.family);
  switch (redirection.keyword.image) {
    case 'rdr-to':
      return rule.direction === undefined && direction === 'out'
        ? []
        : rdrTo(rule, redirection, family, notes);
    case 'nat-to':
      return rule.direction === undefined && direction === 'in' ? [] : natTo(redirection, family, notes);
    case 'binat-to': {
      const inner = rule.from?.hosts ?? [];
      const pool = targets(direction === 'in' ? inner : redirection.hosts, family, notes);
      return addressChoices(
        pool,
        direction === 'in' ? 'destination' : 'source',
        [],
        poolKey(redirection, notes),
      );
    }
    default:
      // af-to leaves with the other family, and route-to and its kin by another way: both are behind this decision.
      return [];
  }
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
        stretch === undefined ? all : { kind: 'number', field: 'destinationPort', values: [stretch] };
      const rest = change === undefined ? [] : [change];
      return addressChoices(pool, 'destination', rest, poolKey(redirection, notes)).map((choice) => ({
        match: and(test, choice.match),
        changes: choice.changes,
      }));
    }),
  );
}

/** `nat` and `nat-to`: another source, and for TCP and UDP another source port. */
export function natTo(redirection: Redirection, family: Family | undefined, notes: RuleNotes): Translation[] {
  const pool = targets(redirection.hosts, family, notes);
  const port = natPortChange(redirection, notes);
  const key = poolKey(redirection, notes);
  const plain = addressChoices(pool, 'source', [], key);
  if (port === undefined) return plain;
  const withPorts = protocolIs([6, 17]);
  return [
    ...addressChoices(pool, 'source', [port], key).map(({ match, changes }) => ({
      match: and(withPorts, match),
      changes,
    })),
    ...plain.map(({ match, changes }) => ({ match: and(not(withPorts), match), changes })),
  ];
}
