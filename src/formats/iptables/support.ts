import type { Action } from '../../model/action.ts';
import type { Match } from '../../model/match.ts';
import type { ModuleUse, RuleContext } from './lowering.ts';
import {
  lowerAddrtype,
  lowerAlways,
  lowerChanging,
  lowerIprange,
  lowerLimit,
  lowerMark,
  lowerPacketProperty,
  lowerRecent,
  lowerSet,
  lowerStatistic,
} from './matches/plain.ts';
import { lowerIcmp, lowerMultiport, lowerTcp, lowerTransport } from './matches/ports.ts';
import { lowerConntrack, lowerState } from './matches/state.ts';
import {
  lowerConnmark,
  lowerCt,
  lowerDnat,
  lowerHmark,
  lowerMarkTarget,
  lowerMasquerade,
  lowerNetmap,
  lowerNotrack,
  lowerPrefixTranslation,
  lowerRedirect,
  lowerSame,
  lowerSnat,
} from './targets/changes.ts';
import { dnatVariants, netmapVariants, redirectVariants, type Variant } from './targets/nat-variants.ts';
import {
  lowerAccept,
  lowerClusterip,
  lowerContinue,
  lowerDrop,
  lowerQueue,
  lowerReject,
  lowerReturn,
  lowerSynproxy,
  lowerTproxy,
  lowerTrap,
} from './targets/verdicts.ts';

/**
 * How far fw-audit goes with a construct. `full`: exactly. `conditional`: the file cannot settle it, so what hangs on it is possible.
 * `ignored`: on purpose, it decides nothing. Anything not in the tables is `unknown`: kept, reported, possible.
 */
export type SupportLevel = 'full' | 'conditional' | 'ignored';

export interface MatchSupport {
  readonly level: SupportLevel;
  readonly note: string;
  readonly lower: (use: ModuleUse, context: RuleContext) => Match;
}

export interface TargetSupport {
  readonly level: SupportLevel;
  readonly note: string;
  readonly lower: (use: ModuleUse, context: RuleContext) => Action;
  /** Packets with which the target does something simpler, decided before the rest. */
  readonly variants?: (use: ModuleUse, context: RuleContext) => readonly Variant[];
  /** What it does depends on the hook that its packets come from. */
  readonly hangsOnHook?: boolean;
}

function property(note: string): MatchSupport {
  return { level: 'conditional', note, lower: lowerPacketProperty };
}

function changing(note: string): MatchSupport {
  return { level: 'conditional', note, lower: lowerChanging };
}

/** Every match by name; lowering goes through this table and nothing else. */
export const matchSupport: ReadonlyMap<string, MatchSupport> = new Map<string, MatchSupport>([
  [
    'tcp',
    { level: 'full', note: 'ports, `--tcp-flags`, `--syn`; `--tcp-option` is conditional', lower: lowerTcp },
  ],
  ['udp', { level: 'full', note: 'ports', lower: lowerTransport(17) }],
  ['udplite', { level: 'full', note: 'ports', lower: lowerTransport(136) }],
  ['sctp', { level: 'full', note: 'ports; `--chunk-types` is conditional', lower: lowerTransport(132) }],
  ['dccp', { level: 'full', note: 'ports; types and options are conditional', lower: lowerTransport(33) }],
  [
    'icmp',
    {
      level: 'full',
      note: 'type and code by name or number; 255 and `any` are every type',
      lower: lowerIcmp(4),
    },
  ],
  ['icmp6', { level: 'full', note: 'type and code by name or number', lower: lowerIcmp(6) }],
  ['multiport', { level: 'full', note: '`--ports` is source or destination', lower: lowerMultiport }],
  ['iprange', { level: 'full', note: 'a range that runs backwards never matches', lower: lowerIprange }],
  ['state', { level: 'full', note: 'new, established, related, invalid, untracked', lower: lowerState }],
  [
    'conntrack',
    {
      level: 'full',
      note: 'exact for the first packet of a connection; entries of known connections are conditional, `--ctexpire` always',
      lower: lowerConntrack,
    },
  ],
  [
    'mark',
    { level: 'full', note: 'followed through every MARK of the packet’s way, 0 at first', lower: lowerMark },
  ],
  [
    'set',
    {
      level: 'full',
      note: 'members of the ipset where a dump of it is given, else conditional; counters of elements are conditional',
      lower: lowerSet,
    },
  ],
  [
    'addrtype',
    {
      level: 'conditional',
      note: 'MULTICAST, loopback and the limited broadcast exactly, of IPv6 also UNICAST; LOCAL exactly with `--local-address`; other types conditional',
      lower: lowerAddrtype,
    },
  ],
  ['comment', { level: 'ignored', note: 'shown with the rule', lower: lowerAlways }],
  ['nfacct', { level: 'ignored', note: 'counts only', lower: lowerAlways }],
  ['recent', { level: 'conditional', note: '`--set` alone always matches', lower: lowerRecent }],
  ['limit', { level: 'conditional', note: 'rate limit', lower: lowerLimit }],
  ['hashlimit', changing('rate limit per key')],
  ['connlimit', changing('number of connections')],
  ['quota', changing('bytes left')],
  ['quota2', changing('bytes left')],
  ['rateest', changing('measured rate')],
  ['random', changing('chance')],
  ['fuzzy', changing('rate limit')],
  ['psd', changing('port scan detector')],
  [
    'statistic',
    { level: 'conditional', note: 'probability 0 and 1, and every packet, exactly', lower: lowerStatistic },
  ],
  ['ah', property('SPI')],
  ['bpf', property('packet program')],
  ['cgroup', property('local process')],
  ['cluster', property('share of a cluster node')],
  ['condition', property('switch set by hand')],
  ['connbytes', property('traffic so far')],
  ['connlabel', property('connection label')],
  ['connmark', property('mark of the connection')],
  ['cpu', property('processor')],
  ['devgroup', property('interface group')],
  ['dscp', property('DSCP field')],
  ['dst', property('IPv6 destination options')],
  ['ecn', property('ECN bits')],
  ['esp', property('SPI')],
  ['eui64', property('IPv6 address made from the MAC')],
  ['frag', property('IPv6 fragment header')],
  ['geoip', property('country of the address')],
  ['hbh', property('IPv6 hop-by-hop options')],
  ['helper', property('connection helper')],
  ['hl', property('hop limit')],
  ['ipcomp', property('SPI')],
  ['ipv6header', property('IPv6 extension headers')],
  ['ipvs', property('load balancer state')],
  ['layer7', property('payload')],
  ['length', property('packet length')],
  ['mac', property('hardware address')],
  ['mh', property('mobility header')],
  ['osf', property('operating system guess')],
  ['owner', property('local process')],
  ['physdev', property('bridge port')],
  ['pkttype', property('link-layer packet type')],
  ['policy', property('IPsec policy')],
  ['realm', property('routing realm')],
  ['rpfilter', property('reverse path')],
  ['rt', property('IPv6 routing header')],
  ['socket', property('open socket')],
  ['srh', property('IPv6 segment routing header')],
  ['string', property('payload')],
  ['tcpmss', property('TCP option')],
  ['time', property('time of day')],
  ['tos', property('TOS field')],
  ['ttl', property('time to live')],
  ['u32', property('payload')],
  ['unclean', property('malformed packet')],
]);

function ignored(note: string): TargetSupport {
  return { level: 'ignored', note, lower: lowerContinue };
}

/** Every target by name. */
export const targetSupport: ReadonlyMap<string, TargetSupport> = new Map<string, TargetSupport>([
  ['ACCEPT', { level: 'full', note: 'ends this table only', lower: lowerAccept }],
  ['DROP', { level: 'full', note: '', lower: lowerDrop }],
  ['REJECT', { level: 'full', note: 'drop with an answer', lower: lowerReject }],
  ['RETURN', { level: 'full', note: 'in a built-in chain: its policy', lower: lowerReturn }],
  [
    'DNAT',
    { level: 'full', note: 'one address or port of the range', lower: lowerDnat, variants: dnatVariants },
  ],
  ['REDIRECT', { level: 'full', note: 'to this host', lower: lowerRedirect, variants: redirectVariants }],
  ['SNAT', { level: 'full', note: '', lower: lowerSnat }],
  ['MASQUERADE', { level: 'full', note: 'the new source with --local-address', lower: lowerMasquerade }],
  [
    'NETMAP',
    {
      level: 'full',
      note: 'in chains called on the way in and on the way out both addresses become unknown',
      lower: lowerNetmap,
      variants: netmapVariants,
      hangsOnHook: true,
    },
  ],
  ['MARK', { level: 'full', note: '', lower: lowerMarkTarget }],
  ['CT', { level: 'full', note: '`--notrack`; zones, helpers and timeouts decide nothing', lower: lowerCt }],
  ['NOTRACK', { level: 'full', note: '', lower: lowerNotrack }],
  ['SET', { level: 'full', note: 'the content of the set is no longer certain', lower: lowerContinue }],
  [
    'CONNMARK',
    { level: 'conditional', note: '`--restore-mark` makes the mark unknown', lower: lowerConnmark },
  ],
  ['HMARK', { level: 'conditional', note: 'makes the mark unknown', lower: lowerHmark }],
  ['NFQUEUE', { level: 'conditional', note: 'a program decides', lower: lowerQueue }],
  ['QUEUE', { level: 'conditional', note: 'a program decides', lower: lowerQueue }],
  ['SYNPROXY', { level: 'conditional', note: 'answers in the host’s place', lower: lowerSynproxy }],
  [
    'TPROXY',
    { level: 'conditional', note: 'delivers to a local socket if there is one', lower: lowerTproxy },
  ],
  ['CLUSTERIP', { level: 'conditional', note: 'another node may be in charge', lower: lowerClusterip }],
  ['DNPT', { level: 'conditional', note: 'the new destination is unknown', lower: lowerPrefixTranslation }],
  ['SNPT', { level: 'conditional', note: 'the new source is unknown', lower: lowerPrefixTranslation }],
  ['SAME', { level: 'conditional', note: 'the new address is unknown', lower: lowerSame }],
  ['TARPIT', { level: 'full', note: 'never delivers: drop', lower: lowerTrap }],
  ['DELUDE', { level: 'full', note: 'never delivers: drop', lower: lowerTrap }],
  ['CHAOS', { level: 'full', note: 'never delivers: drop', lower: lowerTrap }],
  ['STEAL', { level: 'full', note: 'never delivers: drop', lower: lowerTrap }],
  ['LOG', ignored('logs')],
  ['NFLOG', ignored('logs')],
  ['ULOG', ignored('logs')],
  ['AUDIT', ignored('logs')],
  ['TRACE', ignored('logs')],
  ['TEE', ignored('sends a copy')],
  ['ACCOUNT', ignored('counts')],
  ['NETFLOW', ignored('counts')],
  ['RATEEST', ignored('measures')],
  ['IDLETIMER', ignored('timer')],
  ['LED', ignored('lamp')],
  ['CHECKSUM', ignored('repairs a checksum')],
  ['CLASSIFY', ignored('traffic class')],
  ['CONNSECMARK', ignored('security label')],
  ['SECMARK', ignored('security label')],
  ['DSCP', ignored('DSCP field')],
  ['TOS', ignored('TOS field')],
  ['TTL', ignored('time to live')],
  ['HL', ignored('hop limit')],
  ['ECN', ignored('ECN bits')],
  ['TCPMSS', ignored('TCP option')],
  ['TCPOPTSTRIP', ignored('TCP options')],
  ['FLOWOFFLOAD', ignored('later packets of established connections')],
]);

/** What an option of the command itself does for a rule. `none` changes no rule: output, counters, waiting for a lock. */
export interface OptionSupport {
  readonly level: SupportLevel;
  readonly note: string;
  readonly role: 'command' | 'match' | 'target' | 'address' | 'condition' | 'none';
}

function command(note: string): OptionSupport {
  return { level: 'full', note, role: 'command' };
}

function nothing(note: string): OptionSupport {
  return { level: 'ignored', note, role: 'none' };
}

/** Every option of the command itself by its long name. */
export const optionSupport: ReadonlyMap<string, OptionSupport> = new Map<string, OptionSupport>([
  ['append', command('')],
  ['insert', command('with or without a rule number')],
  ['replace', command('')],
  ['delete', command('by number or by specification')],
  ['policy', command('')],
  ['new-chain', command('')],
  ['delete-chain', command('')],
  ['rename-chain', command('jumps follow the chain')],
  ['flush', command('policies stay')],
  ['check', { level: 'full', note: 'decides `||` and `if` in scripts', role: 'command' }],
  ['zero', nothing('counters')],
  ['list', nothing('output')],
  ['list-rules', nothing('output')],
  ['table', command('raw, mangle, nat, filter, security')],
  ['match', { level: 'full', note: 'see the matches', role: 'match' }],
  ['jump', { level: 'full', note: 'a chain of that name before a target', role: 'target' }],
  ['goto', { level: 'full', note: '', role: 'target' }],
  [
    'source',
    {
      level: 'full',
      note: 'lists, any mask, octal numbers, short addresses; host names are conditional',
      role: 'address',
    },
  ],
  ['destination', { level: 'full', note: 'as `--source`', role: 'address' }],
  ['protocol', { level: 'full', note: 'name, number, octal, hexadecimal', role: 'condition' }],
  ['in-interface', { level: 'full', note: '`+` as the last character is a prefix', role: 'condition' }],
  ['out-interface', { level: 'full', note: 'as `--in-interface`', role: 'condition' }],
  ['fragments', { level: 'full', note: '', role: 'condition' }],
  ['ipv4', { level: 'full', note: 'a rule of the other family is skipped', role: 'none' }],
  ['ipv6', { level: 'full', note: 'a rule of the other family is skipped', role: 'none' }],
  ['set-counters', nothing('counters')],
  ['numeric', nothing('output')],
  ['verbose', nothing('output')],
  ['exact', nothing('output')],
  ['line-numbers', nothing('output')],
  ['wait', nothing('waits for a lock')],
  ['wait-interval', nothing('waits for a lock')],
  ['modprobe', nothing('loads modules')],
  ['help', nothing('output')],
  ['version', nothing('output')],
]);
