import { changesDestination } from '../analysis/changes-destination.ts';
import type { Row } from '../analysis/rows.ts';
import type { Action } from '../model/action.ts';
import type { Chain, Rule } from '../model/firewall.ts';
import type { Match } from '../model/match.ts';
import { formatAddress } from '../packets/address-text.ts';
import type { Family } from '../packets/fields.ts';
import type { Interval } from '../packets/interval.ts';
import type { ExposureContext } from './exposures.ts';
import type { Exposure } from './report.ts';
import type { PortRange } from '../ports/port-types.ts';
import type { RuleReferences } from './rule-reference.ts';

/** Addresses of a pool that are named one by one. */
const NAMED = 4;

/** What a translation does with the row's packets: of several the first that speaks of all its ports, with all targets of its pool. */
export function translationOfRow(row: Row, context: ExposureContext): Exposure['translation'] {
  if (!context.translates) return undefined;
  const { ports } = row;
  const rules = row.translations();
  const told = [...rules, ...(context.translatesAccepted && rules.length === 0 ? acceptedWith(row) : [])]
    .filter((rule) => isOfFamily(rule.action, row.entry.family))
    .filter((rule) => ports === undefined || covers(rule.match, ports))
    .map((rule) => translationOf(rule, ports, context.references))
    .filter((found) => found !== undefined);
  const [first] = told;
  if (first === undefined) return undefined;
  const { path, line, text } = first.rule;
  const isSame = ({ rule }: typeof first): boolean =>
    rule.path === path && rule.line === line && rule.text === text;
  const targets = new Set(told.filter(isSame).map(({ to }) => to));
  if (targets.size === 1) return first;
  const named = [...targets].slice(0, NAMED).join(' or ');
  return {
    to: targets.size > NAMED ? `${named} or ${targets.size - NAMED} more` : named,
    rule: first.rule,
  };
}

/** A rule of this chain sends elsewhere what it accepts: `pass … rdr-to`, whose packets no rule sees in their new guise. */
export function translatesAccepted({ order }: Chain, action: Action): boolean {
  return (
    order === 'last-match' &&
    action.kind === 'change' &&
    action.then === 'accept' &&
    changesDestination(action)
  );
}

function acceptedWith(row: Row): readonly Rule[] {
  return row
    .trace()
    .decisions.map(({ rule }) => rule)
    .filter((rule) => rule !== undefined)
    .filter(({ action }) => changesDestination(action));
}

/** Of a pool with addresses of both families, packets get those of their own. */
function isOfFamily(action: Action, family: Family): boolean {
  return (
    action.kind === 'change' &&
    action.changes.every((change) => !('family' in change) || change.family === family)
  );
}

/** The rule's own port test, if it has one, takes in all of the row's ports: a rule about one port does not speak for a range. */
function covers(match: Match, ports: Interval): boolean {
  switch (match.kind) {
    case 'number':
      return (
        match.field !== 'destinationPort' ||
        match.values.some(([from, to]) => from <= ports[0] && ports[1] <= to)
      );
    case 'and':
      return match.of.every((part) => covers(part, ports));
    default:
      return true;
  }
}

function translationOf(
  rule: Rule,
  ports: Interval | undefined,
  references: RuleReferences,
): Exposure['translation'] {
  if (rule.action.kind !== 'change') return undefined;
  let address = '';
  let port = '';
  let targetAddress: string | undefined;
  let targetPorts: PortRange | undefined = ports === undefined ? undefined : { from: ports[0], to: ports[1] };
  for (const change of rule.action.changes) {
    if (change.kind === 'to-host') address = 'this host';
    else if (change.kind === 'address' && change.field === 'destination') {
      const [from, to] = change.range.map((a) => formatAddress(a, change.family));
      address = from === to ? from! : `${from!}-${to!}`;
      if (from === to) targetAddress = from;
    } else if (change.kind === 'address-bits' && change.field === 'destination') {
      address = `${formatAddress(change.xor, change.family)} (network map)`;
    } else if (change.kind === 'number' && change.field === 'destinationPort') {
      port = change.from === change.to ? String(change.from) : `${change.from}-${change.to}`;
      targetPorts = { from: change.from, to: change.to };
    } else if (change.kind === 'add' && change.field === 'destinationPort') {
      if (ports === undefined) port = `port ${change.by > 0 ? '+' : ''}${change.by}`;
      else {
        targetPorts = { from: ports[0] + change.by, to: ports[1] + change.by };
        const { from, to } = targetPorts;
        port = from === to ? String(from) : `${from}-${to}`;
      }
    }
  }
  if (address === '' && port === '') return undefined;
  const host = address.includes(':') && port !== '' ? `[${address}]` : address;
  const to =
    port === ''
      ? host
      : address === 'this host' || address === ''
        ? `port ${port} of this host`
        : `${host}:${port}`;
  const target =
    targetAddress === undefined || targetPorts === undefined
      ? {}
      : { target: { address: targetAddress, ports: targetPorts } };
  return { to, ...target, rule: references.of(rule) };
}
