import type { Action, Change, NatSide } from '../../../model/action.ts';
import { allOnes, parseAddress, parseMaskedAddress } from '../addresses.ts';
import { optionNamed, type ModuleUse, type RuleContext } from '../lowering.ts';
import { parseMarkAndMask, parseNumber } from '../numbers.ts';

const go: Action = { kind: 'continue' };

function bits(and: number, xor: number): Action {
  return {
    kind: 'change',
    changes: [{ kind: 'bits', field: 'mark', and: and >>> 0, xor: xor >>> 0 }],
    then: 'continue',
  };
}

/** The new mark of `--set-xmark`, `--set-mark`, `--and-mark`, `--or-mark`, `--xor-mark` (libxt_MARK.c, mark_tg_parse). */
export function lowerMarkTarget(use: ModuleUse, context: RuleContext): Action {
  const option = use.options[0];
  const text = option?.values[0] ?? '';
  const mark = parseMarkAndMask(text);
  if (option === undefined || mark === undefined) {
    context.refuse('MARK needs a value or value/mask, both of 32 bits', text);
    return unknownMark('MARK');
  }
  const { value, mask } = mark;
  switch (option.name) {
    case 'set-xmark':
      return bits(~mask, value);
    case 'set-mark':
      return bits(~(value | mask), value);
    case 'and-mark':
      return bits(value, 0);
    case 'or-mark':
      return bits(~value, value);
    default:
      return bits(~0, value);
  }
}

function unknownMark(reason: string): Action {
  return { kind: 'change', changes: [{ kind: 'unknown', field: 'mark', reason }], then: 'continue' };
}

/** `CONNMARK --restore-mark` copies the connection's mark, which the input does not tell, to the packet; the rest changes no packet. */
export function lowerConnmark(use: ModuleUse): Action {
  return optionNamed(use, 'restore-mark') === undefined ? go : unknownMark('CONNMARK --restore-mark');
}

export function lowerHmark(): Action {
  return unknownMark('HMARK');
}

const untracked: Action = {
  kind: 'change',
  changes: [{ kind: 'number', field: 'state', from: 4, to: 4 }],
  then: 'continue',
};

export function lowerNotrack(): Action {
  return untracked;
}

/** `-j CT --notrack` takes the packet out of connection tracking; zones, helpers and timeouts change no verdict here. */
export function lowerCt(use: ModuleUse): Action {
  return optionNamed(use, 'notrack') === undefined ? go : untracked;
}

/**
 * What a translation tells about the connection: its side is settled, and of the destination that it is not what the packet came
 * with.
 */
export const translated: Readonly<Record<NatSide, readonly Change[]>> = {
  source: [{ kind: 'bind', side: 'source' }],
  destination: [
    { kind: 'number', field: 'destinationTranslated', from: 1, to: 1 },
    { kind: 'bind', side: 'destination' },
  ],
};

/** What a NAT target maps to. */
export interface Mapping {
  readonly addresses: readonly [from: bigint, to: bigint] | undefined;
  readonly ports: readonly [from: number, to: number] | undefined;
  /** `/portshift`: ports keep their distance to this one. */
  readonly base: number | undefined;
}

/** `[address[-address]][:port[-port[/base]]]`; an IPv6 address with ports stands in brackets (libxt_NAT.c). */
export function parseMapping(text: string, context: RuleContext): Mapping | undefined {
  const { family } = context;
  let address: string;
  let port: string | undefined;
  if (family === 'ipv6') {
    const bracketed = /^\[([^\]]*)\](?:-\[([^\]]*)\])?(?::(.*))?$/.exec(text);
    // A port alone needs no brackets; no IPv6 address starts with a single colon.
    if (/^:(?!:)/.test(text)) {
      address = '';
      port = text.slice(1);
    } else if (bracketed === null) address = text;
    else {
      const [, first = '', last, ports] = bracketed;
      address = last === undefined ? first : `${first}-${last}`;
      port = ports;
    }
  } else {
    const colon = text.indexOf(':');
    address = colon < 0 ? text : text.slice(0, colon);
    port = colon < 0 ? undefined : text.slice(colon + 1);
  }
  let addresses: [bigint, bigint] | undefined;
  if (address !== '') {
    const dash = address.indexOf('-');
    const from = parseAddress(dash < 0 ? address : address.slice(0, dash), family);
    const to = dash < 0 ? from : parseAddress(address.slice(dash + 1), family);
    if (from === undefined || to === undefined || from > to) return undefined;
    addresses = [from, to];
  }
  if (port === undefined) return { addresses, ports: undefined, base: undefined };
  const slash = port.indexOf('/');
  const base = slash < 0 ? undefined : natPort(port.slice(slash + 1), context);
  const ports = natPorts(slash < 0 ? port : port.slice(0, slash), context);
  if (ports === undefined || (slash >= 0 && (base === undefined || base === 0))) return undefined;
  return { addresses, ports, base };
}

function needsPorts(use: ModuleUse, context: RuleContext, word: string): void {
  // "! -p tcp" will do: only the number is looked at (libxt_NAT.c).
  if (![6, 17, 33, 132, 1, 58].includes(context.protocol.number))
    context.refuse(`${use.name} with a port needs -p tcp, udp, sctp or dccp`, word);
}

/** The change of a port in a NAT mapping; a shifted range is any port of the range. */
function portChange(field: 'sourcePort' | 'destinationPort', ports: readonly [number, number]): Change {
  return { kind: 'number', field, from: ports[0], to: ports[1] };
}

function translation(
  use: ModuleUse,
  context: RuleContext,
  option: string,
  side: 'source' | 'destination',
): Action {
  const port = side === 'source' ? 'sourcePort' : 'destinationPort';
  const given = use.options.filter((candidate) => candidate.name === option);
  const text = given[0]?.values[0] ?? '';
  const mapping = given.length === 0 ? undefined : parseMapping(text, context);
  if (mapping === undefined || given.length > 1) {
    if (mapping === undefined) context.refuse(`--${option} needs address, address-range or :port`, text);
    // Kernels before 2.6.11 took several ranges and chose one of them.
    else context.refuse(`--${option} may be given once`, given[1]?.text);
    return {
      kind: 'change',
      changes: [
        { kind: 'unknown', field: side, reason: `${use.name} --${option} ${text}` },
        { kind: 'unknown', field: port, reason: `${use.name} --${option} ${text}` },
        ...translated[side],
      ],
      then: 'accept',
    };
  }
  const changes: Change[] = [];
  if (mapping.addresses !== undefined)
    changes.push({ kind: 'address', field: side, family: context.family, range: mapping.addresses });
  if (mapping.ports !== undefined) {
    needsPorts(use, context, text);
    changes.push(portChange(port, mapping.ports));
  }
  return { kind: 'change', changes: [...changes, ...translated[side]], then: 'accept' };
}

export function lowerDnat(use: ModuleUse, context: RuleContext): Action {
  return translation(use, context, 'to-destination', 'destination');
}

export function lowerSnat(use: ModuleUse, context: RuleContext): Action {
  return translation(use, context, 'to-source', 'source');
}

/** Ports of `--to-ports`. */
function toPorts(use: ModuleUse, context: RuleContext): readonly [number, number] | undefined {
  const text = optionNamed(use, 'to-ports')?.values[0];
  if (text === undefined) return undefined;
  const ports = natPorts(text, context);
  if (ports === undefined) {
    context.refuse('--to-ports needs a port or port-port', text);
    return [0, 65535];
  }
  needsPorts(use, context, text);
  return ports;
}

/** A port by number or service name, or a range by numbers; a name may hold a dash (`ftp-data`). */
function natPorts(text: string, context: RuleContext): readonly [number, number] | undefined {
  const whole = natPort(text, context);
  if (whole !== undefined) return [whole, whole];
  const dash = text.indexOf('-');
  const low = dash < 0 ? undefined : parseNumber(text.slice(0, dash), 65535);
  const high = dash < 0 ? undefined : parseNumber(text.slice(dash + 1), 65535);
  return low === undefined || high === undefined || low > high ? undefined : [low, high];
}

function natPort(text: string, context: RuleContext): number | undefined {
  return parseNumber(text, 65535) ?? context.lookup(text, context.protocol.number);
}

/** REDIRECT sends to an address of this host, and to another port if it names one. */
export function lowerRedirect(use: ModuleUse, context: RuleContext): Action {
  const ports = toPorts(use, context);
  return {
    kind: 'change',
    changes: [
      { kind: 'to-host' },
      ...(ports === undefined ? [] : [portChange('destinationPort', ports)]),
      ...translated.destination,
    ],
    then: 'accept',
  };
}

/** MASQUERADE gives the packet the address of the interface it leaves by. */
export function lowerMasquerade(use: ModuleUse, context: RuleContext): Action {
  const ports = toPorts(use, context);
  return {
    kind: 'change',
    changes: [
      { kind: 'from-host' },
      ...(ports === undefined ? [] : [portChange('sourcePort', ports)]),
      ...translated.source,
    ],
    then: 'accept',
  };
}

/** Which address NETMAP maps on the hook that the rule stands on; undefined where that is not known (xt_NETMAP.c, netmap_tg4). */
export function netmapField(context: RuleContext): 'source' | 'destination' | undefined {
  switch (context.hook) {
    case 'PREROUTING':
    case 'OUTPUT':
      return 'destination';
    case 'INPUT':
    case 'POSTROUTING':
      return 'source';
    default:
      return undefined;
  }
}

/** NETMAP maps a whole network one to one: the destination on the way in, the source on the way out. */
export function lowerNetmap(use: ModuleUse, context: RuleContext): Action {
  const text = optionNamed(use, 'to')?.values[0] ?? '';
  const network = parseMaskedAddress(text, context.family);
  if (network === undefined) context.refuse('--to needs a network', text);
  const field = netmapField(context);
  if (network === undefined || field === undefined) {
    const reason = `NETMAP --to ${text}`;
    return {
      kind: 'change',
      changes: [
        { kind: 'unknown', field: 'source', reason },
        { kind: 'unknown', field: 'destination', reason },
        ...translated.source,
        ...translated.destination,
      ],
      then: 'accept',
    };
  }
  const change: Change = {
    kind: 'address-bits',
    field,
    family: context.family,
    and: allOnes(context.family) ^ network.mask,
    xor: network.value,
  };
  return {
    kind: 'change',
    changes: [change, ...translated[field]],
    then: 'accept',
  };
}

/** DNPT and SNPT translate prefixes so that checksums stay the same; which bits follow is not modelled. */
export function lowerPrefixTranslation(use: ModuleUse): Action {
  return {
    kind: 'change',
    changes: [{ kind: 'unknown', field: use.name === 'DNPT' ? 'destination' : 'source', reason: use.name }],
    then: 'continue',
  };
}

/** SAME: one of a range, the same for the same client. */
export function lowerSame(use: ModuleUse): Action {
  const reason = `SAME ${optionNamed(use, 'to')?.values[0] ?? ''}`;
  return {
    kind: 'change',
    changes: [
      { kind: 'unknown', field: 'source', reason },
      { kind: 'unknown', field: 'destination', reason },
      ...translated.source,
      ...translated.destination,
    ],
    then: 'accept',
  };
}
