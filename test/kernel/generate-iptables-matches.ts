import type { IptablesOptions } from './generate-iptables.ts';
import type { Family } from '../../src/packets/fields.ts';
import type { TableName } from './generate-iptables-targets.ts';
import { addressText, addressValue } from './addresses.ts';
import { rareMatch } from './generate-iptables-rare.ts';
import type { Random } from './random.ts';
import {
  inInterfaces,
  outInterfaces,
  randomAddress,
  randomLocalAddress,
  randomPort,
  randomPortRange,
  randomPrefixLength,
} from './values.ts';

export interface RulePlace {
  readonly table: TableName;
  readonly chain: string;
  readonly builtIn: boolean;
}

export interface ProtocolChoice {
  /** The one protocol that the rule speaks of, if there is one. */
  readonly only?: number;
  /** A rule of these may name ports in its target. */
  readonly hasPorts: boolean;
}

const not = (random: Random, probability = 0.15): string => (random.chance(probability) ? '! ' : '');

/** The match options of one rule. */
export function iptablesMatches(
  random: Random,
  place: RulePlace,
  options: IptablesOptions,
): { readonly text: readonly string[]; readonly protocol: ProtocolChoice } {
  const text: string[] = [];
  // The tools refuse a list of addresses in a rule that negates any address.
  const mayNegate = random.chance(0.5);
  for (const [option, probability] of [
    ['-s', 0.3],
    ['-d', 0.25],
  ] as const) {
    if (!random.chance(probability)) continue;
    const negation = mayNegate ? not(random, 0.3) : '';
    text.push(`${negation}${option} ${address(random, options, option, !mayNegate)}`);
  }
  const { parts, protocol } = protocolMatch(random, options);
  text.push(...interfaces(random, place), ...parts);
  const extras: (readonly [number, () => string])[] = [
    // Before the connection lookup there is no state to speak of.
    [place.table === 'raw' ? 0 : 0.15, () => conntrack(random, place, options, protocol)],
    [place.table === 'raw' ? 0 : 0.12, () => `-m mark ${not(random)}--mark ${markTest(random)}`],
    [0.1, () => addressRange(random, options)],
    [0.08, () => addressType(random)],
    [
      0.08,
      () => `-m comment --comment ${random.pick(['web', '"-j DROP ! x"', '"a \\" b # c"', "it's", '""'])}`,
    ],
    [options.sets.length > 0 ? 0.3 : 0, () => setMatch(random, options)],
    [0.08, () => rareMatch(random, place, options, protocol)],
  ];
  for (const [probability, extra] of extras) if (random.chance(probability)) text.push(extra());
  return { text, protocol };
}

function interfaces(random: Random, place: RulePlace): readonly string[] {
  const name = (names: readonly string[]): string =>
    random.weighted([
      [6, random.pick(names)],
      [2, `${random.pick(names).slice(0, random.integer(1, 3))}+`],
      [0.4, '+'],
    ]);
  const text: string[] = [];
  if (place.chain !== 'POSTROUTING' && random.chance(0.25))
    text.push(`${not(random)}-i ${name(inInterfaces)}`);
  const mayNameOut =
    place.chain === 'FORWARD' ||
    place.chain === 'POSTROUTING' ||
    (!place.builtIn && place.table !== 'raw' && place.table !== 'nat');
  if (mayNameOut && random.chance(0.25)) text.push(`${not(random)}-o ${name(outInterfaces)}`);
  return text;
}

function address(random: Random, options: IptablesOptions, option: '-s' | '-d', mayList: boolean): string {
  const { family } = options;
  if (mayList && random.chance(0.08))
    return Array.from({ length: random.integer(2, 3) }, () => address(random, options, option, false)).join();
  if (option === '-d' && random.chance(0.5)) return randomLocalAddress(random, family);
  const base = randomAddress(random, family);
  if (random.chance(0.12)) return `${base}/${oddMask(random, options)}`;
  if (family === 'ipv4' && random.chance(0.05)) return octal(base);
  return random.chance(0.25) ? base : `${base}/${String(randomPrefixLength(random, family))}`;
}

/**
 * A mask with holes. Those of a ruleset without `wideMasks` stand for a handful of prefixes, so that a report can list them;
 * `0.0.0.255` alone would take sixteen million.
 */
function oddMask(random: Random, { family, wideMasks }: IptablesOptions): string {
  const narrow = {
    ipv4: ['255.253.255.0', '255.255.63.0', '255.255.255.247', '255.255.254.0', '127.255.255.255'],
    ipv6: [
      'ffff:fffd:ffff:ffff::',
      'ffff:ffff:ffff:3fff::',
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffb',
      'ffff::',
    ],
  };
  const wide = {
    ipv4: ['255.0.0.255', '255.255.0.15', '0.0.0.255', '255.255.255.1'],
    ipv6: ['ffff:ffff::ffff', '::ff', 'ffff:ffff:ffff:0:ffff::'],
  };
  return random.pick((wideMasks ? wide : narrow)[family]);
}

function octal(text: string): string {
  const [first = '', ...rest] = text.split('.');
  return [`0${Number.parseInt(first, 10).toString(8)}`, ...rest].join('.');
}

const portedNames: readonly (readonly [string, number])[] = [
  ['tcp', 6],
  ['udp', 17],
  ['sctp', 132],
  ['dccp', 33],
];

function protocolMatch(
  random: Random,
  options: IptablesOptions,
): { readonly parts: readonly string[]; readonly protocol: ProtocolChoice } {
  const kind = random.weighted([
    [0.25, 'none'],
    [0.5, 'ports'],
    [0.1, 'icmp'],
    [0.05, 'plain'],
    [0.04, 'negated'],
    [0.06, 'multiport'],
  ] as const);
  const [name, number] = random.weighted([
    [5, portedNames[0]!],
    [3, portedNames[1]!],
    [1, portedNames[2]!],
    [0.5, portedNames[3]!],
  ]);
  switch (kind) {
    case 'none':
      return { parts: random.chance(0.05) ? ['-p all'] : [], protocol: { hasPorts: false } };
    case 'ports':
      return {
        parts: [`-p ${spelled(random, name, number)}`, ...ports(random, name)],
        protocol: { only: number, hasPorts: true },
      };
    case 'multiport': {
      const [other, otherNumber] = random.pick([...portedNames, ['udplite', 136]] as const);
      return {
        parts: [`-p ${other}`, multiport(random)],
        protocol: { only: otherNumber, hasPorts: otherNumber !== 136 },
      };
    }
    case 'icmp':
      return icmp(random, options);
    case 'plain': {
      const plain = random.pick([2, 6, 17, 47, 50, 89, 132, 136]);
      return {
        parts: [`-p ${String(plain)}`],
        protocol: { only: plain, hasPorts: [6, 17, 132].includes(plain) },
      };
    }
    case 'negated':
      return { parts: [`! -p ${name}`], protocol: { hasPorts: false } };
  }
}

function spelled(random: Random, name: string, number: number): string {
  return random.weighted([
    [8, name],
    [0.5, name.toUpperCase()],
    [0.5, String(number)],
    [0.3, `0x${number.toString(16)}`],
    [0.3, `0${number.toString(8)}`],
  ]);
}

/**
 * tcp, sctp and multiport read numbers as C does; udp knows decimal alone, whatever zeros lead, and folds what is above 65535
 * (xtables 1.8.9).
 */
function portNumber(random: Random, port: number, name = ''): string {
  const octal = `0${port.toString(8)}`;
  return random.weighted([
    [10, String(port)],
    [name === 'udp' && Number(octal) > 65535 ? 0 : 0.5, octal],
    [name === 'tcp' || name === 'sctp' ? 0.5 : 0, `0x${port.toString(16)}`],
  ]);
}

function portSpec(random: Random, name: string): string {
  if (random.chance(0.65)) return portNumber(random, randomPort(random), name);
  const [from, to] = randomPortRange(random);
  // iptables-nft 1.8.9 leaves a test of all ports out, even where it is negated.
  if (from === 0 && to === 65535) return portNumber(random, to, name);
  return random.weighted([
    [
      8,
      name === 'udp'
        ? `${String(from)}:${String(to)}`
        : `${portNumber(random, from, name)}:${portNumber(random, to, name)}`,
    ],
    [1, `:${String(to)}`],
    [1, `${String(from)}:`],
  ]);
}

function multiport(random: Random): string {
  let slots = random.integer(1, 15);
  const list: string[] = [];
  while (slots > 0) {
    if (slots > 1 && random.chance(0.3)) {
      const [from, to] = randomPortRange(random);
      if (from < to) list.push(`${String(from)}:${String(to)}`);
      slots -= 2;
    } else {
      list.push(portNumber(random, randomPort(random)));
      slots--;
    }
  }
  if (list.length === 0) list.push('80');
  const side = random.weighted([
    [6, '--dports'],
    [1, '--sports'],
    [2, '--ports'],
  ]);
  return `-m multiport ${not(random)}${side} ${list.join()}`;
}

function ports(random: Random, name: string): readonly string[] {
  const parts: string[] = [];
  if (random.chance(0.3)) return [multiport(random), ...(random.chance(0.1) ? [multiport(random)] : [])];
  if (random.chance(0.5)) parts.push(`-m ${name}`);
  const named = random.chance(0.85);
  if (named) parts.push(`${not(random)}--dport ${portSpec(random, name)}`);
  if (random.chance(0.15)) parts.push(`${not(random)}--sport ${portSpec(random, name)}`);
  if (name === 'tcp' && random.chance(0.2)) parts.push(tcpFlags(random));
  // A module that is named must be given something to do, or the legacy tool's saved form differs; `-m tcp` alone is fine.
  return parts;
}

function tcpFlags(random: Random): string {
  const flags = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];
  return random.weighted([
    [3, `${not(random)}--syn`],
    [
      4,
      (() => {
        const mask = random.sample(flags, random.integer(1, 6));
        const set = random.sample(mask, random.integer(0, mask.length));
        return `${not(random)}--tcp-flags ${mask.length === 6 ? 'ALL' : mask.join()} ${set.length === 0 ? 'NONE' : set.join()}`;
      })(),
    ],
  ]);
}

function icmp(
  random: Random,
  { family }: IptablesOptions,
): { readonly parts: readonly string[]; readonly protocol: ProtocolChoice } {
  const protocol = { only: family === 'ipv4' ? 1 : 58, hasPorts: false };
  const name = family === 'ipv4' ? 'icmp' : random.pick(['ipv6-icmp', 'icmpv6']);
  if (random.chance(0.3)) return { parts: [`-p ${name}`], protocol };
  const type =
    family === 'ipv4'
      ? random.pick([
          '8',
          '0',
          '3',
          '3/4',
          '13',
          '17',
          '11/0',
          'echo-request',
          'ping',
          'destination-unreachable',
          'port-unreachable',
          'timestamp-request',
          'any',
          '255',
        ])
      : random.pick([
          '128',
          '129',
          '1',
          '1/4',
          '2',
          '3/0',
          '133',
          '135',
          'echo-request',
          'echo-reply',
          'packet-too-big',
          'neighbour-solicitation',
          'router-advertisement',
          'ttl-exceeded',
        ]);
  const option = family === 'ipv4' ? '--icmp-type' : '--icmpv6-type';
  return {
    parts: [
      `-p ${name}`,
      ...(random.chance(0.5) ? [`-m ${family === 'ipv4' ? 'icmp' : 'icmp6'}`] : []),
      `${not(random)}${option} ${type}`,
    ],
    protocol,
  };
}

function conntrack(
  random: Random,
  place: RulePlace,
  { family }: IptablesOptions,
  protocol: ProtocolChoice,
): string {
  const states = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];
  const list = random.sample(states, random.integer(1, 3)).join();
  const later = place.table === 'filter' || place.table === 'security';
  const choices: (readonly [number, () => string])[] = [
    [4, () => `-m conntrack ${not(random)}--ctstate ${list}`],
    [3, () => `-m state ${not(random)}--state ${list}`],
  ];
  if (later) {
    choices.push(
      [1, () => `-m conntrack ${not(random)}--ctstate DNAT`],
      [0.5, () => `-m conntrack --ctstate DNAT,${list}`],
    );
    if (protocol.hasPorts && protocol.only !== 33)
      choices.push([1, () => `-m conntrack ${not(random)}--ctorigdstport ${String(randomPort(random))}`]);
    // A packet without a connection passes every further option, once its state has been asked for and found (conntrack_mt).
    choices.push([
      2,
      () =>
        `-m conntrack ${random.chance(0.4) ? `${not(random)}--ctstate ${list} ` : ''}${entryTest(random, family)}`,
    ]);
  }
  return random.weighted(choices)();
}

function entryTest(random: Random, family: Family): string {
  const negated = not(random, 0.25);
  return random.pick([
    `${negated}--ctorigdst ${randomLocalAddress(random, family)}`,
    `${negated}--ctorigsrc ${randomAddress(random, family)}/${String(randomPrefixLength(random, family))}`,
    `${negated}--ctreplsrc ${randomLocalAddress(random, family)}`,
    `${negated}--ctproto ${random.pick(['tcp', 'udp', '132'])}`,
    `--ctdir ${random.pick(['ORIGINAL', 'REPLY'])}`,
    `${negated}--ctstatus ${random.pick(['NONE', 'SEEN_REPLY', 'EXPECTED,ASSURED', 'CONFIRMED'])}`,
  ]);
}

function markTest(random: Random): string {
  const value = random.pick([0, 1, 2, 3, 0x10, 0xff, 0x4000, 0xffffffff]);
  const plain = random.chance(0.5) ? String(value) : `0x${value.toString(16)}`;
  return random.chance(0.5) ? plain : `${plain}/0x${random.pick([1, 3, 0xff, 0x4000, 0xffff]).toString(16)}`;
}

function addressRange(random: Random, { family }: IptablesOptions): string {
  const from = addressValue(randomAddress(random, family));
  const to = from + BigInt(random.integer(0, random.chance(0.5) ? 10 : 70000));
  const range = `${addressText(family, from)}-${addressText(family, to)}`;
  return `-m iprange ${not(random)}${random.pick(['--src-range', '--dst-range'])} ${range}`;
}

function addressType(random: Random): string {
  return `-m addrtype ${not(random)}${random.pick(['--dst-type LOCAL', '--dst-type LOCAL', '--src-type LOCAL'])}`;
}

function setMatch(random: Random, { sets }: IptablesOptions): string {
  const set = random.pick(sets);
  const sides = Array.from({ length: set.dimensions }, () => random.pick(['src', 'dst']));
  // Too few flags never match, too many are ignored; both load.
  if (set.dimensions > 1 && random.chance(0.05)) sides.pop();
  if (set.dimensions < 3 && random.chance(0.05)) sides.push('src');
  return `-m set ${not(random)}--match-set ${set.name} ${sides.join()}`;
}
