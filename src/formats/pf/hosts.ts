import type { HostTerm, Peer } from '../../../grammars/pf/syntax.ts';
import { NumberToken } from '../../../grammars/pf/tokens.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import { all, and, NetworkTest, not, or } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import { prefixBits } from '../../packets/field-diagrams.ts';
import { addressBits } from '../../packets/fields.ts';
import type { AddressField, AddressRange, Family, NameField } from '../../packets/fields.ts';
import { plainNetwork } from '../../packets/plain-network.ts';
import { interfaceRanges, parseReference, widened } from './local-addresses.ts';
import type { InterfaceRange } from './local-addresses.ts';
import { checkName } from './names.ts';
import { dialectQuestion, refuse, spanOf, unknownFact } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';
import { crowdedRange, isCrowdedRange, parsePfAddress } from './pf-address.ts';

/** What a host list means for one field, and which families its items have once pfctl has expanded the list. */
export interface Hosts {
  readonly match: Match;
  /** The kinds of its items, as bits of `familyBits`. */
  readonly families: number;
}

/** Which kinds of items a list has, or which families the combinations of a rule have: a set of three. */
export const familyBits = {
  /** No family of its own (any, a table, `(em0)`), or one that cannot be told. */
  none: 1,
  ipv4: 2,
  ipv6: 4,
} as const;

const anyHost: Hosts = { match: all, families: familyBits.none };

interface Sink {
  readonly ranges: Record<Family, AddressRange[]>;
  readonly others: Match[];
  families: number;
}

type HostField = Extract<AddressField, 'source' | 'destination'>;

/** `from` or `to` of a rule: what was made of the same hosts before, if the rule shares them with others. */
export function lowerPeer(
  peer: Peer | undefined,
  field: HostField,
  iface: NameField,
  notes: RuleNotes,
): Hosts {
  const { memory } = notes.context;
  if (memory === undefined || peer === undefined) return lowerHosts(peer?.hosts, field, iface, notes);
  const { address, hostsNumber } = peer;
  if (address !== undefined) {
    const known = memory.addresses[field];
    let hosts = known.get(address);
    if (hosts === undefined) {
      hosts = dottedAddress(address, field) ?? lowerHosts(peer.hosts, field, iface, notes);
      known.set(address, hosts);
    }
    return hosts;
  }
  const { hosts: terms } = peer;
  if (hostsNumber === undefined || terms === undefined) return lowerHosts(terms, field, iface, notes);
  const known = memory.hosts[field][iface === 'inInterface' ? 'in' : 'out'];
  let hosts = known[hostsNumber];
  if (hosts === undefined) {
    hosts = lowerHosts(terms, field, iface, notes);
    if (!terms.some(({ kind }) => kind === 'table')) known[hostsNumber] = hosts;
  }
  return hosts;
}

/** What `lowerHosts` makes of a dotted address or network; undefined if it is none. */
function dottedAddress(text: string, field: HostField): Hosts | undefined {
  const network = plainNetwork(text);
  if (network >= 0) return { match: NetworkTest.of(field, network), families: familyBits.ipv4 };
  const slash = text.indexOf('/');
  const address =
    slash < 0 ? parsePfAddress(text, undefined) : parsePfAddress(text.slice(0, slash), text.slice(slash + 1));
  if (address === undefined) return undefined;
  const { family, range } = address;
  return { match: { kind: 'address', field, family, ranges: [range] }, families: familyBits[family] };
}

/** `from` and `to`: the union of the items, for each item of a list is a rule of its own. */
export function lowerHosts(
  terms: readonly HostTerm[] | undefined,
  field: HostField,
  iface: NameField,
  notes: RuleNotes,
): Hosts {
  if (terms === undefined) return anyHost;
  const some = terms.filter((term) => term.kind !== 'any');
  const any = terms.find((term) => term.kind === 'any');
  if (some.length === 0) return anyHost;
  const sink: Sink = { ranges: { ipv4: [], ipv6: [] }, others: [], families: 0 };
  if (any !== undefined) {
    const { dialect, generation } = notes.context.evidence;
    if (dialect === 'openbsd') return anyHost;
    // expand_rule of the older pfctl drops `any` from a list that has other items.
    if (generation !== 'old') {
      sink.others.push(
        dialectQuestion(
          notes,
          any.token,
          "'any' in a list with other items: OpenBSD takes it as any, FreeBSD drops it and keeps the rest",
        ),
      );
      sink.families |= familyBits.none;
    }
  }
  for (const term of some) lowerTerm(term, field, iface, notes, sink);
  warnOfNegations(some, notes);
  const parts: Match[] = [];
  for (const family of ['ipv4', 'ipv6'] as const) {
    const ranges = sink.ranges[family];
    if (ranges.length > 0) parts.push(addressTest(field, family, ranges));
  }
  return { match: or(...parts, ...sink.others), families: sink.families };
}

/** As `dottedAddress` where it is one network of IPv4. */
function addressTest(field: HostField, family: Family, ranges: readonly AddressRange[]): Match {
  const [range] = ranges;
  if (family === 'ipv4' && range !== undefined && ranges.length === 1) {
    const [from, to] = [Number(range[0]), Number(range[1])];
    const bits = prefixBits(from, to, addressBits.ipv4);
    if (bits > 0) return new NetworkTest(field, from, bits);
  }
  return { kind: 'address', field, family, ranges };
}

/** The traps of `{ !a, !b }` and `{ a, !b }`: the items are alternatives, not exceptions. */
function warnOfNegations(terms: readonly HostTerm[], notes: RuleNotes): void {
  if (terms.length < 2 || notes.context.printed) return;
  const negated = terms.find((term) => term.kind !== 'any' && term.negated);
  if (negated === undefined) return;
  notes.context.report(
    'FW1306',
    'warning',
    spanOf(negated.token, notes),
    'a negated item in a list excludes nothing: each item is a rule of its own, and a packet needs to match only one',
    'use a table: table <name> { 10/8, !10.1/16 }',
  );
}

function lowerTerm(term: HostTerm, field: HostField, iface: NameField, notes: RuleNotes, sink: Sink): void {
  switch (term.kind) {
    case 'any':
      return;
    case 'name':
      return lowerName(term, field, iface, notes, sink);
    case 'range':
      return lowerRange(term, field, notes, sink);
    case 'dynamic':
      return lowerDynamic(term, field, notes, sink);
    case 'table': {
      // pfctl -v prints how many addresses a table holds: <bad:17>.
      const name = term.token.image.replace(/:[0-9]+$|:\*$/, '');
      if (!notes.context.printed) checkName('a table name', term.token, notes);
      const { tables, report } = notes.context;
      const set = tables.resolve(name, notes.anchor, notes.span, report, () =>
        undeclared(name, term.token, notes),
      );
      return push(sink, { kind: 'in-set', set, keys: [{ field }] }, term.negated, undefined);
    }
    case 'no-route':
      return push(
        sink,
        unknownFact(`no-route ${field}`, `the ${field} has no route`),
        term.negated,
        undefined,
      );
    case 'urpf-failed':
      if (field === 'destination')
        refuse(notes, term.token, '"urpf-failed" is not permitted in a destination address');
      return push(
        sink,
        unknownFact('urpf-failed', 'the source fails the reverse path check (urpf-failed)'),
        term.negated,
        undefined,
      );
    case 'route-label': {
      const label = term.token.image;
      checkName('a route label', term.token, notes);
      const fact = unknownFact(`route ${field} ${label}`, `the ${field} has a route with label "${label}"`);
      return push(sink, fact, term.negated, undefined);
    }
  }
}

function undeclared(name: string, token: PfToken, notes: RuleNotes): void {
  notes.context.report(
    'FW1010',
    notes.context.printed ? 'note' : 'warning',
    spanOf(token, notes),
    `table <${name}> is not defined in the input, so what is in it is unknown`,
    `give its content with --table ${name}=FILE (pfctl -t ${name} -T show)`,
  );
}

function push(sink: Sink, match: Match, negated: boolean, family: Family | undefined): void {
  sink.families |= familyBits[family ?? 'none'];
  const tested = negated ? not(match) : match;
  sink.others.push(family !== undefined && negated ? and({ kind: 'family', family }, tested) : tested);
}

function pushRange(
  sink: Sink,
  { family, range, zone }: InterfaceRange,
  negated: boolean,
  field: HostField,
  iface: NameField,
): void {
  if (!negated && zone === undefined) {
    sink.families |= familyBits[family ?? 'none'];
    sink.ranges[family].push(range);
    return;
  }
  const test: Match = { kind: 'address', field, family, ranges: [range] };
  const before = sink.others.length;
  push(sink, test, negated, family);
  // A link-local address brings its interface with it (expand_rule).
  if (zone !== undefined) {
    sink.others[before] = and(
      { kind: 'name', field: iface, name: zone, prefix: false },
      sink.others[before]!,
    );
  }
}

type NameTerm = Extract<HostTerm, { kind: 'name' }>;

/** A literal address, an interface, or a host name, in pfctl's order of trying (`host` of pfctl_parser.c). */
function lowerName(term: NameTerm, field: HostField, iface: NameField, notes: RuleNotes, sink: Sink): void {
  const { token, prefix, negated } = term;
  const address = parsePfAddress(token.image, prefix?.image);
  if (address !== undefined) return pushRange(sink, address, negated, field, iface);
  if (
    token.tokenType === NumberToken ||
    /^[0-9.]+$/.test(token.image) ||
    parsePfAddress(token.image, undefined)
  ) {
    refuse(notes, token, `'${token.image}${prefix === undefined ? '' : `/${prefix.image}`}' is no address`);
    notes.obscure = true;
    return push(
      sink,
      unknownFact(`${field} ${token.image}`, `the ${field} is ${token.image}`),
      negated,
      undefined,
    );
  }
  if (token.image === 'localhost') {
    // In /etc/hosts of every BSD.
    for (const entry of widen(
      interfaceRanges({ name: 'lo0', noAlias: true }, { localAddresses: [] }) ?? [],
      prefix,
    )) {
      pushRange(sink, entry, negated, field, iface);
    }
    return;
  }
  const reference = parseReference(token.image);
  const ranges = reference === undefined ? undefined : interfaceRanges(reference, notes.context.options);
  if (ranges !== undefined) {
    if (ranges.length === 0) refuse(notes, token, `no IP address found for ${token.image}`);
    for (const entry of widen(ranges, prefix)) pushRange(sink, entry, negated, field, iface);
    return;
  }
  push(sink, unknownName(token, prefix, field, notes), negated, undefined);
}

function widen(ranges: readonly InterfaceRange[], prefix: PfToken | undefined): readonly InterfaceRange[] {
  return prefix === undefined ? ranges : widened(ranges, Number(prefix.image));
}

function unknownName(token: PfToken, prefix: PfToken | undefined, field: HostField, notes: RuleNotes): Match {
  const text = prefix === undefined ? token.image : `${token.image}/${prefix.image}`;
  if (isCrowdedRange(token.image)) {
    refuse(notes, token, `'${token.image}' is no address`, crowdedRange);
    notes.obscure = true;
    return unknownFact(`${field} ${text}`, `the ${field} is in ${text}`);
  }
  const isHost = /[.]/.test(token.image) && !/:(network|broadcast|peer)/.test(token.image);
  if (isHost) {
    notes.context.report(
      'FW1305',
      'warning',
      spanOf(token, notes),
      `'${token.image}' is a host name: pfctl looks it up when it loads the file, fw-audit does not`,
      'write the addresses, or use a table and --table',
    );
    return unknownFact(`${field} ${text}`, `the ${field} is an address of host ${token.image}`);
  }
  return unknownAddress(token, text, field, notes);
}

function unknownAddress(token: PfToken, text: string, field: HostField, notes: RuleNotes): Match {
  const name = token.image.replace(/:.*$/, '');
  notes.context.report(
    'FW1304',
    'note',
    spanOf(token, notes),
    name === 'self'
      ? "'self' is every address of the host, and the input does not hold them"
      : `the input does not hold the addresses of ${name}`,
    `give them with --local-address ${name === 'self' ? 'IFACE' : name}=ADDRESS`,
  );
  const network = token.image.includes(':network') || text.includes('/');
  const what =
    name === 'self'
      ? 'an address of the host'
      : network
        ? `in the network of ${name}`
        : `an address of ${text}`;
  return unknownFact(`${field} ${text}`, `the ${field} is ${what}`);
}

function lowerRange(
  { token, to, negated }: Extract<HostTerm, { kind: 'range' }>,
  field: HostField,
  notes: RuleNotes,
  sink: Sink,
): void {
  const from = parsePfAddress(token.image, undefined);
  const end = parsePfAddress(to.image, undefined);
  if (from === undefined || end === undefined || from.family !== end.family) {
    refuse(notes, token, `'${token.image} - ${to.image}' is no address range`);
    notes.obscure = true;
    const text = `${token.image} - ${to.image}`;
    return push(sink, unknownFact(`${field} ${text}`, `the ${field} is in ${text}`), negated, undefined);
  }
  // A range that runs backwards holds nothing (pf_match_addr_range).
  const range: AddressRange = [from.range[0], end.range[1]];
  const ranges = range[0] <= range[1] ? [range] : [];
  push(sink, { kind: 'address', field, family: from.family, ranges }, negated, from.family);
}

function lowerDynamic(
  { token, prefix, negated }: Extract<HostTerm, { kind: 'dynamic' }>,
  field: HostField,
  notes: RuleNotes,
  sink: Sink,
): void {
  const reference = parseReference(token.image);
  if (reference === undefined) refuse(notes, token, `interface ${token.image} has a bad modifier`);
  else if (!/^[A-Za-z]/.test(reference.name)) refuse(notes, token, `'${token.image}' is no interface name`);
  else if (reference.name.length > 15) checkName('an interface name', token, notes);
  const ranges = reference === undefined ? undefined : interfaceRanges(reference, notes.context.options);
  if (ranges === undefined) {
    const text = prefix === undefined ? token.image : `${token.image}/${prefix.image}`;
    return push(sink, unknownAddress(token, text, field, notes), negated, undefined);
  }
  const tests = widen(ranges, prefix).map(({ family, range }): Match => ({
    kind: 'address',
    field,
    family,
    ranges: [range],
  }));
  push(sink, or(...tests), negated, undefined);
}
