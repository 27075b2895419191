import type { HostTerm, TranslationRule } from '../../../grammars/pf/syntax.ts';
import { and, not } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import type { Change } from '../../model/action.ts';
import type { AddressRange, Family } from '../../packets/fields.ts';
import { familyOf, lowerCriteria } from './criteria.ts';
import type { Piece } from './filter-rule.ts';
import { lowerOptions } from './filter-options.ts';
import { lowerHosts } from './hosts.ts';
import { lowerInterfaces } from './interfaces.ts';
import { refuse, unknownChance, unknownFact } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';
import { checkPool } from './pools.ts';
import { lowerPorts } from './ports.ts';
import { lowerProtocols } from './protocols.ts';
import { addressChoices, poolKey, portShifts, targets } from './redirection.ts';
import { passTag } from './translated-pass.ts';
import type { Target } from './redirection.ts';
import { protocolIs } from './filter-options.ts';
import { natTo } from './rule-translations.ts';

/** A `nat`, `rdr` or `binat` rule for packets of one direction; nothing if it is not asked about them. */
export function lowerTranslation(rule: TranslationRule, direction: 'in' | 'out', notes: RuleNotes): Piece[] {
  const kind = rule.action.image;
  if ((kind === 'rdr' && direction === 'out') || (kind === 'nat' && direction === 'in')) return [];
  check(rule, notes);
  if (kind === 'binat') return lowerBinat(rule, direction, notes);
  const options = lowerOptions(rule.options, direction, notes);
  const redirections = rule.redirection === undefined ? [] : [rule.redirection];
  const how = {
    direction,
    options,
    flags: undefined,
    redirections,
    portsOfAnyProtocol: kind === 'nat',
  };
  const whole = lowerCriteria(rule, how, notes);
  const broken = rule.problem === undefined ? [] : [unreadPart(notes)];
  if (rule.no !== undefined || rule.redirection === undefined) {
    return [{ match: and(whole, ...broken), action: { kind: 'accept' } }];
  }
  const extra = extraChanges(rule, options.tag);
  const family = familyOf(rule.family);
  if (kind === 'nat') {
    return natTo(rule.redirection, family, notes).map(({ match, changes }) => ({
      match: and(whole, ...broken, match),
      action: { kind: 'change', changes: [...changes, ...extra], then: 'accept' },
    }));
  }
  const pool = targets(rule.redirection.hosts, family, notes);
  const items = rule.to?.ports === undefined ? [undefined] : lowerPorts(rule.to.ports, notes).values;
  const pieces: Piece[] = [];
  for (const item of items.length === 0 ? [undefined] : items) {
    const one =
      item === undefined || items.length === 1
        ? whole
        : lowerCriteria(rule, { ...how, destinationPorts: { values: [item], unknown: [] } }, notes);
    for (const { ports, change } of portShifts(rule.redirection, item, notes)) {
      const within: Match =
        ports === undefined ? { kind: 'all' } : { kind: 'number', field: 'destinationPort', values: [ports] };
      const rest = change === undefined ? [] : [change];
      for (const choice of addressChoices(pool, 'destination', rest, poolKey(rule.redirection, notes))) {
        pieces.push({
          match: and(one, ...broken, within, choice.match),
          action: { kind: 'change', changes: [...choice.changes, ...extra], then: 'accept' },
        });
      }
    }
  }
  return pieces;
}

function unreadPart(notes: RuleNotes): Match {
  notes.obscure = true;
  return unknownChance('unread', 'a part of the rule is not understood');
}

function extraChanges(rule: TranslationRule, tag: string | undefined): Change[] {
  // pass wins over a tag: nothing behind asks for the tag then.
  if (rule.pass !== undefined) return [passTag];
  return tag === undefined ? [] : [{ kind: 'name', field: 'tag', name: tag }];
}

function check(rule: TranslationRule, notes: RuleNotes): void {
  const kind = rule.action.image;
  const { no, pass, redirection } = rule;
  if (no !== undefined && pass !== undefined) refuse(notes, pass, '"pass" is not valid with "no"');
  if (no !== undefined && redirection !== undefined)
    refuse(notes, redirection.keyword, `'no ${kind}' needs no '->'`);
  if (rule.problem === undefined && no === undefined && redirection === undefined) {
    refuse(notes, undefined, `${kind} needs '-> address'`);
  }
  if (kind === 'rdr') {
    for (const { token, operator } of rule.to?.ports ?? []) {
      if (operator !== undefined && operator.image !== '=')
        refuse(notes, token, 'invalid port operator for an rdr destination');
    }
  }
  if (redirection !== undefined) {
    for (const word of ['static-port', 'map-e-portset']) {
      const option = redirection.pool.find(({ image }) => image === word);
      if (option !== undefined && kind !== 'nat')
        refuse(notes, option, `'${word}' is only valid with nat rules`);
    }
    if (kind === 'nat') checkPool(redirection, notes);
  }
  const named = redirection?.hosts.find((host) => 'negated' in host && host.negated);
  if (named !== undefined) refuse(notes, named.token, 'a translation address cannot be negated');
}

/** Both ways at once: out, the inner source becomes the outer; in, the outer destination becomes the inner. Ports stay. */
function lowerBinat(rule: TranslationRule, direction: 'in' | 'out', notes: RuleNotes): Piece[] {
  checkBinat(rule, notes);
  const options = lowerOptions(rule.options, direction, notes);
  const iface = direction === 'in' ? 'inInterface' : 'outInterface';
  const family = familyOf(rule.family) ?? literalFamily(rule, notes);
  const protocols = rule.protocols === undefined ? undefined : lowerProtocols(rule.protocols, notes);
  const known = protocols?.filter((number) => number !== undefined);
  const common: Match[] = [
    lowerInterfaces(rule.interfaces, iface, notes),
    ...(family === undefined ? [] : [{ kind: 'family', family } as const]),
    ...(known === undefined ? [] : [protocolIs(known)]),
    ...options.conditions,
    ...(rule.problem === undefined ? [] : [unreadPart(notes)]),
  ];
  // Inbound, the peer that the rule calls `to` is the sender.
  const peerField = direction === 'in' ? 'source' : 'destination';
  const peer = lowerHosts(rule.to?.hosts, peerField, iface, notes).match;
  const extra = extraChanges(rule, options.tag);
  const inner = one(targets(rule.from?.hosts ?? [], family, notes));
  if (rule.no !== undefined || rule.redirection === undefined) {
    const own =
      direction === 'in' ? peer : and(peer, lowerHosts(rule.from?.hosts, 'source', iface, notes).match);
    return [{ match: and(...common, own), action: { kind: 'accept' } }];
  }
  const outer = one(targets(rule.redirection.hosts, family, notes));
  const [seen, becomes, field] =
    direction === 'in' ? ([outer, inner, 'destination'] as const) : ([inner, outer, 'source'] as const);
  const change = mapped(seen, becomes, field);
  const test: Match =
    seen === undefined || 'unknown' in seen
      ? unknownFact(
          `binat ${field} ${rule.action.startOffset}`,
          `the ${field} is ${seen?.unknown ?? 'translated by binat'}`,
        )
      : { kind: 'address', field, family: seen.family, ranges: [seen.range] };
  return [
    {
      match: and(...common, peer, test),
      action: { kind: 'change', changes: [change, ...extra], then: 'accept' },
    },
  ];
}

function one(pool: readonly Target[]): Target | undefined {
  return pool[0];
}

/** Networks of one size map address by address. */
function mapped(
  seen: Target | undefined,
  becomes: Target | undefined,
  field: 'source' | 'destination',
): Change {
  if (seen === undefined || becomes === undefined || 'unknown' in seen || 'unknown' in becomes) {
    const reason =
      becomes !== undefined && 'unknown' in becomes ? becomes.unknown : 'the other side of binat';
    return { kind: 'unknown', field, reason };
  }
  const size = (range: AddressRange): bigint => range[1] - range[0];
  if (size(seen.range) === 0n || size(seen.range) !== size(becomes.range)) {
    return { kind: 'address', field, family: becomes.family, range: becomes.range };
  }
  return {
    kind: 'address-bits',
    field,
    family: becomes.family,
    and: size(becomes.range),
    xor: becomes.range[0],
  };
}

function literalFamily(rule: TranslationRule, notes: RuleNotes): Family | undefined {
  for (const hosts of [rule.from?.hosts, rule.to?.hosts, rule.redirection?.hosts]) {
    const families = new Set(
      (hosts ?? []).filter(isName).map((host) => {
        const target = targets([host], undefined, notes)[0];
        return target === undefined || 'unknown' in target ? undefined : target.family;
      }),
    );
    const [only] = families;
    if (families.size === 1 && only !== undefined) return only;
  }
  return undefined;
}

function isName(host: HostTerm): boolean {
  return host.kind === 'name';
}

/** What binat cannot do (binatrule of parse.y). */
function checkBinat(rule: TranslationRule, notes: RuleNotes): void {
  const from = rule.from?.hosts ?? [];
  const to = rule.to?.hosts ?? [];
  const target = rule.redirection?.hosts ?? [];
  if (rule.problem !== undefined) return;
  for (const [hosts, what] of [
    [from, 'the source address of a binat rule'],
    [target, 'the redirect address of a binat rule'],
  ] as const) {
    for (const host of hosts) {
      if (host.kind === 'table')
        refuse(notes, host.token, `invalid use of table <${host.token.image}> as ${what}`);
      if (host.kind === 'no-route' || host.kind === 'urpf-failed')
        refuse(notes, host.token, `'${host.kind}' cannot be ${what}`);
      if ('negated' in host && host.negated) refuse(notes, host.token, `${what} cannot be negated`);
    }
  }
  for (const hosts of [from, to, target]) {
    if (hosts.length > 1) refuse(notes, hosts[1]!.token, 'binat takes a single address on each side');
  }
  const literal = [from, to, target].map((hosts) => literalOf(hosts[0], notes));
  const families = new Set(literal.filter((found) => found !== undefined).map(({ family }) => family));
  const written = familyOf(rule.family);
  if (written !== undefined) families.add(written);
  if (families.size > 1) refuse(notes, rule.action, 'binat ip versions must match');
  if (families.size === 0) refuse(notes, rule.action, 'address family (inet/inet6) undefined');
  const [inner, , outer] = literal;
  if (inner !== undefined && outer !== undefined && inner.family === outer.family) {
    if (inner.range[1] - inner.range[0] !== outer.range[1] - outer.range[0]) {
      refuse(notes, target[0]?.token, "'binat' source mask and redirect mask must be the same");
    }
  }
}

function literalOf(
  host: HostTerm | undefined,
  notes: RuleNotes,
): { readonly family: Family; readonly range: AddressRange } | undefined {
  if (host?.kind !== 'name') return undefined;
  const found = targets([host], undefined, notes);
  const [target] = found;
  return target === undefined || 'unknown' in target ? undefined : target;
}

/** Packets of a translation anchor whose rules are not known: they may be sent anywhere, past the filter or not. */
export function unknownTranslation(criteria: Match, name: string, direction: 'in' | 'out'): Piece[] {
  const field = direction === 'in' ? 'destination' : 'source';
  const port = direction === 'in' ? 'destinationPort' : 'sourcePort';
  const reason = `what anchor "${name}" translates to`;
  const elsewhere: Change[] = [
    { kind: 'unknown', field, reason },
    { kind: 'unknown', field: port, reason },
  ];
  const withPorts = protocolIs([6, 17]);
  return [
    {
      match: and(criteria, unknownChance(`anchor pass ${name}`, `anchor "${name}" translates with pass`)),
      action: { kind: 'change', changes: [passTag], then: 'accept' },
    },
    {
      match: and(criteria, withPorts, unknownChance(`anchor ${name}`, `anchor "${name}" translates`)),
      action: { kind: 'change', changes: elsewhere, then: 'accept' },
    },
    {
      match: and(criteria, not(withPorts), unknownChance(`anchor ${name}`, `anchor "${name}" translates`)),
      action: { kind: 'change', changes: elsewhere.slice(0, 1), then: 'accept' },
    },
  ];
}
