import { addressBits, type AddressRange, type Family } from '../../../packets/fields.ts';
import type { SetPart } from '../../../model/named-set.ts';
import { isPrefixMask, parseAddress, parsePlainPrefix, prefixMask } from '../addresses.ts';
import { parseNumber } from '../numbers.ts';
import { parseProtocol } from '../protocols.ts';
import type { ServiceLookup } from '../service-ports.ts';

/** What one dimension of a set holds. */
export type Dimension = 'ip' | 'net' | 'port' | 'mac' | 'mark' | 'iface';

/** How a set was created, as far as its elements depend on it. */
export interface SetShape {
  readonly type: string;
  /** `bitmap`, `hash` or `list`. */
  readonly method: string;
  readonly dimensions: readonly Dimension[];
  readonly family: Family;
  /** `netmask n`: addresses are cut to this many bits, in the set and in packets. */
  readonly netmask: number | undefined;
}

const dimensionNames: readonly Dimension[] = ['ip', 'net', 'port', 'mac', 'mark', 'iface'];

/** The dimensions of a type such as `hash:ip,port`; undefined for a type that ipset(8) does not have. */
export function parseSetType(type: string): Pick<SetShape, 'type' | 'method' | 'dimensions'> | undefined {
  const [method = '', list] = type.split(':');
  if (list === undefined || !['bitmap', 'hash', 'list'].includes(method)) return undefined;
  if (method === 'list') return list === 'set' ? { type, method, dimensions: [] } : undefined;
  const dimensions: Dimension[] = [];
  for (const name of list.split(',')) {
    const known = dimensionNames.find((dimension) => dimension === name);
    if (known === undefined) return undefined;
    dimensions.push(known);
  }
  return { type, method, dimensions };
}

/** Parts of an element, or what is wrong with it. */
export type EntryReading =
  | { readonly kind: 'parts'; readonly parts: readonly SetPart[] }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Reads an element such as `10.0.0.0/8,tcp:80` in a set of that shape. */
export function parseEntry(text: string, shape: SetShape, lookup: ServiceLookup): EntryReading {
  const { dimensions } = shape;
  const texts = dimensions.length === 1 ? [text] : text.split(',');
  if (texts.length !== dimensions.length)
    return { kind: 'invalid', reason: `${shape.type} needs ${dimensions.length} parts separated by commas` };
  const parts: SetPart[] = [];
  for (const [i, dimension] of dimensions.entries()) {
    const part = parsePart(texts[i]!, dimension, shape, lookup);
    if (typeof part === 'string') return { kind: 'invalid', reason: part };
    parts.push(part);
  }
  return { kind: 'parts', parts };
}

function parsePart(
  text: string,
  dimension: Dimension,
  shape: SetShape,
  lookup: ServiceLookup,
): SetPart | string {
  switch (dimension) {
    case 'ip':
    case 'net': {
      const range = parseRange(text, shape);
      if (range === undefined)
        return `${JSON.stringify(text)} is no ${shape.family === 'ipv4' ? 'IPv4' : 'IPv6'} address, network or range`;
      return { kind: 'address', family: shape.family, range };
    }
    case 'port':
      return shape.method === 'bitmap' ? bitmapPort(text, lookup) : protocolPort(text, lookup);
    case 'iface':
      if (text.startsWith('physdev:'))
        return { kind: 'unknown', key: text, reason: `bridge port ${text.slice(8)}` };
      return { kind: 'name', name: text, prefix: false };
    case 'mac':
      return { kind: 'unknown', key: `mac ${text}`, reason: `hardware address ${text}` };
    case 'mark':
      return { kind: 'unknown', key: `mark ${text}`, reason: `mark ${text}` };
  }
}

/** An address, `address/length` or `from-to`, widened to the set's netmask. */
function parseRange(text: string, shape: SetShape): AddressRange | undefined {
  const { family, netmask } = shape;
  const plain = family === 'ipv4' ? parsePlainPrefix(text) : undefined;
  const range = plain ?? parseGeneralRange(text, family);
  if (range === undefined || netmask === undefined || netmask >= addressBits[family]) return range;
  const mask = prefixMask(netmask, family);
  const hostBits = prefixMask(0, family) ^ mask ^ ((1n << BigInt(addressBits[family])) - 1n);
  return [range[0] & mask, range[1] | hostBits];
}

function parseGeneralRange(text: string, family: Family): AddressRange | undefined {
  const slash = text.lastIndexOf('/');
  if (slash >= 0) {
    const address = parseAddress(text.slice(0, slash), family);
    const length = parseNumber(text.slice(slash + 1), addressBits[family]);
    if (address === undefined || length === undefined) return undefined;
    const mask = prefixMask(length, family);
    if (!isPrefixMask(mask, family)) return undefined;
    const all = (1n << BigInt(addressBits[family])) - 1n;
    return [address & mask, address | (all ^ mask)];
  }
  const dash = text.indexOf('-');
  const from = parseAddress(dash < 0 ? text : text.slice(0, dash), family);
  const to = dash < 0 ? from : parseAddress(text.slice(dash + 1), family);
  return from === undefined || to === undefined || from > to ? undefined : [from, to];
}

/** `port` or `port-port` of a bitmap:port, which looks at TCP and UDP only (ip_set_get_ip_port). */
function bitmapPort(text: string, lookup: ServiceLookup): SetPart | string {
  const ports = parsePortRange(text, 6, lookup);
  return ports === undefined
    ? `${JSON.stringify(text)} is no port`
    : { kind: 'port', protocols: [6, 17], ports };
}

const portProtocols = [6, 17, 132, 136];

/** `[protocol:]port`, TCP when no protocol is given; ICMP by type and code; other protocols have no port (ip_set_get_ip4_port). */
function protocolPort(text: string, lookup: ServiceLookup): SetPart | string {
  const colon = text.indexOf(':');
  const name = colon < 0 ? 'tcp' : text.slice(0, colon);
  const protocol = parseProtocol(name);
  const operand = colon < 0 ? text : text.slice(colon + 1);
  if (protocol === undefined) return `${JSON.stringify(name)} is no protocol`;
  if (protocol === 1 || protocol === 58) {
    const value = icmpValue(operand, protocol);
    if (value === undefined) return `${JSON.stringify(operand)} is no ICMP type`;
    return { kind: 'port', protocols: [protocol], ports: [value, value] };
  }
  if (!portProtocols.includes(protocol)) return { kind: 'port', protocols: [protocol], ports: [0, 65535] };
  const ports = parsePortRange(operand, protocol, lookup);
  return ports === undefined
    ? `${JSON.stringify(operand)} is no port`
    : { kind: 'port', protocols: [protocol], ports };
}

function parsePortRange(text: string, protocol: number, lookup: ServiceLookup): [number, number] | undefined {
  const whole = parseNumber(text, 65535) ?? lookup(text, protocol);
  if (whole !== undefined) return [whole, whole];
  const dash = text.indexOf('-');
  if (dash < 0) return undefined;
  const from = parseNumber(text.slice(0, dash), 65535) ?? lookup(text.slice(0, dash), protocol);
  const to = parseNumber(text.slice(dash + 1), 65535) ?? lookup(text.slice(dash + 1), protocol);
  return from === undefined || to === undefined || from > to ? undefined : [from, to];
}

/* Names of lib/icmp.c and lib/icmpv6.c of ipset, as type/code. */
const icmpNames: ReadonlyMap<string, number> = new Map(
  (
    'echo-reply 0,pong 0,network-unreachable 768,host-unreachable 769,protocol-unreachable 770,port-unreachable 771,' +
    'fragmentation-needed 772,source-route-failed 773,network-unknown 774,host-unknown 775,network-prohibited 777,' +
    'host-prohibited 778,TOS-network-unreachable 779,TOS-host-unreachable 780,communication-prohibited 781,' +
    'host-precedence-violation 782,precedence-cutoff 783,source-quench 1024,network-redirect 1280,host-redirect 1281,' +
    'TOS-network-redirect 1282,TOS-host-redirect 1283,echo-request 2048,ping 2048,router-advertisement 2304,' +
    'router-solicitation 2560,ttl-zero-during-transit 2816,ttl-zero-during-reassembly 2817,ip-header-bad 3072,' +
    'required-option-missing 3073,timestamp-request 3328,timestamp-reply 3584,address-mask-request 4352,' +
    'address-mask-reply 4608'
  )
    .split(',')
    .map(entry),
);
const icmp6Names: ReadonlyMap<string, number> = new Map(
  (
    'no-route 256,communication-prohibited 257,address-unreachable 259,port-unreachable 260,packet-too-big 512,' +
    'ttl-zero-during-transit 768,ttl-zero-during-reassembly 769,bad-header 1024,unknown-header-type 1025,' +
    'unknown-option 1026,echo-request 32768,ping 32768,echo-reply 33024,pong 33024,router-solicitation 34048,' +
    'router-advertisement 34304,neighbour-solicitation 34560,neigbour-solicitation 34560,neighbour-advertisement 34816,' +
    'neigbour-advertisement 34816,redirect 35072'
  )
    .split(',')
    .map(entry),
);

function entry(text: string): [string, number] {
  const [name = '', value = ''] = text.split(' ');
  return [name.toLowerCase(), Number(value)];
}

function icmpValue(text: string, protocol: number): number | undefined {
  const slash = text.indexOf('/');
  if (slash >= 0) {
    const type = parseNumber(text.slice(0, slash), 255);
    const code = parseNumber(text.slice(slash + 1), 255);
    return type === undefined || code === undefined ? undefined : (type << 8) | code;
  }
  return (protocol === 1 ? icmpNames : icmp6Names).get(text.toLowerCase());
}
