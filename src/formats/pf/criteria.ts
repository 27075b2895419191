import type { Criteria, Redirection } from '../../../grammars/pf/syntax.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';
import { all, and, not, or } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import { tcpFlagBits } from '../../packets/fields.ts';
import type { Family } from '../../packets/fields.ts';
import { onlyFor, protocolIs } from './filter-options.ts';
import type { LoweredOptions, Owners } from './filter-options.ts';
import { familyBits, lowerPeer } from './hosts.ts';
import { lowerInterfaces } from './interfaces.ts';
import { isFreeBsd } from './option-limits.ts';
import { type PfAddress, parsePfAddress } from './pf-address.ts';
import { dialectQuestion, refuse, unknownChance, unknownFact, unlessFreeBsd } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';
import { lowerPorts } from './ports.ts';
import type { Ports } from './ports.ts';
import { lowerProtocols } from './protocols.ts';

const tcp = 6;
const udp = 17;
const sctp = 132;
const icmpOf = { ipv4: 1, ipv6: 58 } as const;

/** The TCP flag test that a rule has: pf adds `flags S/SA` to stateful pass rules that say nothing of flags. */
export const startsConnection = {
  mask: tcpFlagBits.syn | tcpFlagBits.ack,
  value: tcpFlagBits.syn,
} as const;

const startTest: Match = { kind: 'bits', field: 'tcpFlags', ...startsConnection };
const familyTests = {
  ipv4: { kind: 'family', family: 'ipv4' },
  ipv6: { kind: 'family', family: 'ipv6' },
} as const satisfies Record<Family, Match>;

export interface CriteriaOptions {
  readonly direction: 'in' | 'out';
  readonly options: LoweredOptions;
  /** The flag test in force, after defaults. */
  readonly flags: { readonly mask: number; readonly value: number } | undefined;
  /** Redirection targets that fix the family. */
  readonly redirections: readonly Redirection[];
  /** The rule may name ports whatever its protocol: `nat`, of which pfctl checks nothing (nat_consistent). */
  readonly portsOfAnyProtocol?: boolean;
  /** Use these destination ports instead of the written ones (one item of a list, for offset mappings). */
  readonly destinationPorts?: Ports;
}

/**
 * Which packets a rule is about. pfctl makes one rule of every combination of the lists; they share their action, so the union of
 * the combinations is the rule, and it is never written out.
 */
export function lowerCriteria(criteria: Criteria, how: CriteriaOptions, notes: RuleNotes): Match {
  const { direction, options } = how;
  const iface = direction === 'in' ? 'inInterface' : 'outInterface';
  const from = lowerPeer(criteria.from, 'source', iface, notes);
  const to = lowerPeer(criteria.to, 'destination', iface, notes);
  const written = familyOf(criteria.family);
  const fixed = familyBits[written ?? 'none'];
  const target = targetFamilies(how.redirections);
  let families = combine(combine(combine(from.families, to.families), fixed), target);
  const parts: Match[] = [];
  const diverted =
    criteria.direction?.image === 'out' ? undefined : divertTarget(options, notes)?.address?.family;
  if (families === 0) {
    refuse(
      notes,
      undefined,
      'the address families of the rule never fit together, so it expands to no valid combination',
    );
  } else if (diverted !== undefined) {
    const left = combine(families, familyBits[diverted]);
    const keyword = options.words.get('divert-to')!;
    if (left === 0) refuse(notes, keyword, 'divert-to address family mismatch', unlessFreeBsd(notes));
    else if (notes.context.evidence.dialect !== undefined) families = left;
    else if (left !== families) {
      const question = 'the family of its address limits a divert-to rule, but not on FreeBSD';
      parts.push(or(familyTests[diverted], dialectQuestion(notes, keyword, question)));
    }
  }
  const only = families === familyBits.ipv4 ? 'ipv4' : families === familyBits.ipv6 ? 'ipv6' : undefined;
  const family = written ?? only;
  const protocols = criteria.protocols === undefined ? undefined : lowerProtocols(criteria.protocols, notes);
  checkProtocolFamilies(protocols, families, criteria, notes);
  if (criteria.interfaces !== undefined) parts.push(lowerInterfaces(criteria.interfaces, iface, notes));
  if (family !== undefined) parts.push(familyTests[family]);
  if (from.match.kind !== 'all') parts.push(from.match);
  if (to.match.kind !== 'all') parts.push(to.match);
  addTransport(parts, criteria, protocols, families, how, notes);
  for (const condition of options.conditions) parts.push(condition);
  if (options.fragment !== undefined) parts.push({ kind: 'number', field: 'fragment', values: [[1, 1]] });
  return and(...parts);
}

export function familyOf(token: PfToken | undefined): Family | undefined {
  return token === undefined ? undefined : token.image === 'inet6' ? 'ipv6' : 'ipv4';
}

/**
 * The families that the targets leave: a literal address decides it (decide_address_family, collapse_redirspec); `af-to inet` is asked
 * of IPv6 packets, and whatever else the rule names is then of the family that they leave with.
 */
function targetFamilies(redirections: readonly Redirection[]): number {
  const translated = redirections.find(({ keyword }) => keyword.image === 'af-to');
  if (translated !== undefined) return familyBits[familyOf(translated.family) === 'ipv4' ? 'ipv6' : 'ipv4'];
  let families: number = familyBits.none;
  for (const { hosts, pool } of redirections) {
    if (pool.some(({ image }) => image === 'prefer-ipv6-nexthop')) continue;
    const found = new Set(
      hosts.map((host) =>
        host.kind === 'name'
          ? parsePfAddress(host.token.image.replace(/@.*$/, ''), host.prefix?.image)?.family
          : undefined,
      ),
    );
    const only = [...found][0];
    if (found.size === 1 && only !== undefined) families = combine(families, familyBits[only]);
  }
  return families;
}

/** The socket that divert-to names: its address if that is written as one, and the word of its port. */
export interface DivertTarget {
  readonly address: PfAddress | undefined;
  readonly port: PfToken;
}

/** FreeBSD diverts to a socket of its own kind, of which only the port counts; elsewhere the address decides (expand_divertspec). */
export function divertTarget({ divertTo }: LoweredOptions, notes: RuleNotes): DivertTarget | undefined {
  const [host, port] = divertTo ?? [];
  if (host === undefined || port === undefined || isFreeBsd(notes)) return undefined;
  return { address: parsePfAddress(host.image, undefined), port };
}

/** The families of all combinations of two lists; combinations that mix families do not exist (expand_rule). */
function combine(a: number, b: number): number {
  return (a & b) | (a & familyBits.none ? b : 0) | (b & familyBits.none ? a : 0);
}

function checkProtocolFamilies(
  protocols: readonly (number | undefined)[] | undefined,
  families: number,
  criteria: Criteria,
  notes: RuleNotes,
): void {
  if (protocols === undefined || !(protocols.includes(icmpOf.ipv4) || protocols.includes(icmpOf.ipv6)))
    return;
  for (const family of ['ipv4', 'ipv6'] as const) {
    const other = family === 'ipv4' ? icmpOf.ipv6 : icmpOf.ipv4;
    const index = protocols.indexOf(other);
    if (index >= 0 && (families & familyBits[family]) !== 0) {
      refuse(
        notes,
        criteria.protocols![index],
        `proto ${other === 1 ? 'icmp' : 'icmp6'} does not fit address family ${family === 'ipv4' ? 'inet' : 'inet6'}`,
      );
    }
  }
}

/** Protocol, ports, flags, ICMP types and socket owners: what pf asks of some protocols only. */
function addTransport(
  tests: Match[],
  criteria: Criteria,
  protocols: readonly (number | undefined)[] | undefined,
  families: number,
  how: CriteriaOptions,
  notes: RuleNotes,
): void {
  const { options, flags } = how;
  // The protocol comes first, but it is known last: ports may narrow it.
  const first = tests.length;
  if (protocols !== undefined) tests.push(all);
  if (flags !== undefined && flags.mask !== 0) {
    const test: Match =
      flags === startsConnection
        ? startTest
        : { kind: 'bits', field: 'tcpFlags', mask: flags.mask, value: flags.value };
    if (appliesTo(protocols, tcp)) tests.push(protocols?.length === 1 ? test : onlyFor([tcp], test));
  }
  if (criteria.systems !== undefined) {
    const names = criteria.systems.map(({ image }) => image).join(', ');
    const always = protocols?.every((number) => number === tcp) === true;
    // OpenBSD's rule_consistent wants TCP alone; the others look at no packet of another protocol (pf_test_rule).
    if (!appliesTo(protocols, tcp) || (!always && notes.context.evidence.dialect === 'openbsd'))
      refuse(notes, criteria.systems[0], 'OS fingerprinting only applies to tcp');
    tests.push(
      protocolIs([tcp]),
      unknownFact(`os ${names}`, `the sender looks like ${names} (os fingerprint)`),
    );
  }
  if (options.owners !== undefined) tests.push(ownerTest(options.owners, protocols, notes));
  const allowed = portTests(criteria, protocols, how, tests, notes) ?? protocols;
  if (options.icmp !== undefined) tests.push(icmpTest(options.icmp, protocols, families, notes));
  if (allowed === undefined) return;
  const protocol = protocolTest(allowed, criteria);
  if (protocols === undefined) tests.splice(first, 0, protocol);
  else tests[first] = protocol;
}

function protocolTest(allowed: readonly (number | undefined)[], criteria: Criteria): Match {
  if (allowed.every((number) => number !== undefined)) return protocolIs(allowed);
  const known = allowed.filter((number) => number !== undefined);
  return or(protocolIs(known), unknownFact(`proto ${names(criteria)}`, `the protocol is ${names(criteria)}`));
}

function ownerTest(
  { match, fitsUnknown, token }: Owners,
  protocols: readonly (number | undefined)[] | undefined,
  notes: RuleNotes,
): Match {
  const always = protocols?.every((number) => number === tcp || number === udp) === true;
  if (always) return match;
  if (notes.context.evidence.dialect === 'openbsd')
    refuse(notes, token, `${token.image} only applies to tcp and udp`);
  const sockets = protocolIs([tcp, udp]);
  return fitsUnknown ? or(not(sockets), match) : and(sockets, match);
}

function names(criteria: Criteria): string {
  return criteria.protocols?.map(({ image }) => image).join(', ') ?? '';
}

function appliesTo(protocols: readonly (number | undefined)[] | undefined, number: number): boolean {
  return protocols === undefined || protocols.includes(number) || protocols.includes(undefined);
}

function mayHavePorts(protocol: number | undefined): boolean {
  return protocol === undefined || protocol === tcp || protocol === udp || protocol === sctp;
}

/** Adds port tests; returns the protocols that may have them, or undefined if the rule has no ports. */
function portTests(
  criteria: Criteria,
  protocols: readonly (number | undefined)[] | undefined,
  how: CriteriaOptions,
  tests: Match[],
  notes: RuleNotes,
): readonly (number | undefined)[] | undefined {
  const { from, to } = criteria;
  if (from?.ports === undefined && to?.ports === undefined) return undefined;
  const source = from?.ports === undefined ? undefined : lowerPorts(from.ports, notes, from.portsNumber);
  const destination =
    to?.ports === undefined
      ? undefined
      : (how.destinationPorts ?? lowerPorts(to.ports, notes, to.portsNumber));
  const whole = protocols?.every(mayHavePorts) === true;
  const own = whole || how.portsOfAnyProtocol !== true ? tests : [];
  if (source !== undefined) own.push(portTest('sourcePort', source, notes));
  if (destination !== undefined) own.push(portTest('destinationPort', destination, notes));
  if (whole) return protocols;
  if (own !== tests) {
    tests.push(portsElsewhere(own, [source, destination]));
    return undefined;
  }
  const withPorts = protocols?.filter(mayHavePorts) ?? [];
  const wrong = protocols?.findIndex((number) => !mayHavePorts(number)) ?? -1;
  refuse(
    notes,
    criteria.protocols?.[wrong] ?? to?.ports?.[0]?.token ?? from?.ports?.[0]?.token,
    'port only applies to tcp and udp',
    'write proto tcp, proto udp or proto { tcp udp }',
  );
  if (withPorts.length > 0) return withPorts;
  notes.obscure = true;
  tests.push(unknownChance('refused', 'pfctl refuses the rule: port without proto tcp or udp'));
  return [tcp, udp];
}

/** Ports asked of packets of every protocol: those without ports show 0, and ICMP its identifier (pf_setup_pdesc). */
function portsElsewhere(own: readonly Match[], sets: readonly (Ports | undefined)[]): Match {
  const ported = protocolIs([tcp, udp, sctp]);
  const icmp = protocolIs([icmpOf.ipv4, icmpOf.ipv6]);
  const zero = sets.every((ports) => ports === undefined || ports.values[0]?.[0] === 0);
  return or(
    and(ported, ...own),
    and(icmp, unknownFact('icmp identifier', "the ICMP message's identifier is the port")),
    ...(zero ? [not(or(ported, icmp))] : []),
  );
}

const singlePorts: Readonly<Record<'sourcePort' | 'destinationPort', Map<number, Match>>> = {
  sourcePort: new Map(),
  destinationPort: new Map(),
};

/** Rules by the ten thousand test the same few ports, so tests of one port are made once. */
function portTest(field: 'sourcePort' | 'destinationPort', ports: Ports, { context }: RuleNotes): Match {
  const [only] = ports.values;
  if (ports.unknown.length > 0 || only === undefined || ports.values.length > 1 || only[0] !== only[1]) {
    const known = context.memory?.portTests[field];
    let test = known?.get(ports);
    if (test === undefined) {
      test = or({ kind: 'number', field, values: ports.values }, ...ports.unknown);
      known?.set(ports, test);
    }
    return test;
  }
  let test = singlePorts[field].get(only[0]);
  if (test === undefined) {
    test = { kind: 'number', field, values: ports.values };
    singlePorts[field].set(only[0], test);
  }
  return test;
}

function icmpTest(
  { keyword, ports, token }: NonNullable<LoweredOptions['icmp']>,
  protocols: readonly (number | undefined)[] | undefined,
  families: number,
  notes: RuleNotes,
): Match {
  const number = keyword === 'icmp-type' ? icmpOf.ipv4 : icmpOf.ipv6;
  if (protocols === undefined)
    refuse(notes, token, `${keyword} only applies to proto ${number === 1 ? 'icmp' : 'icmp6'}`);
  else if (protocols.some((other) => other !== number))
    refuse(notes, token, `${keyword} does not fit the protocol`);
  if ((families & familyBits.none) !== 0)
    refuse(notes, token, `${keyword} needs an address family: write inet or inet6`);
  return and(
    protocolIs([number]),
    or({ kind: 'number', field: 'sourcePort', values: ports.values }, ...ports.unknown),
  );
}
