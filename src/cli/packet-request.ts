import { nearestName } from '../policy/nearest-name.ts';
import { parseRangeText } from '../packets/range-text.ts';
import { connectionStates, protocolNumbers, tcpFlagBits } from '../packets/fields.ts';
import type { Direction, TcpFlag } from '../packets/fields.ts';
import type { QueryPacket } from '../query.ts';
import type { GivenOptions } from './invocation.ts';

export type PacketReading =
  | { readonly kind: 'packet'; readonly packet: QueryPacket }
  | { readonly kind: 'error'; readonly message: string };

const directions: readonly Direction[] = ['in', 'forward', 'out'];
const keys = [
  'direction',
  'protocol',
  'source',
  'sourcePort',
  'destination',
  'destinationPort',
  'icmpType',
  'icmpCode',
  'inInterface',
  'outInterface',
  'state',
  'tcpFlags',
  'profile',
  'program',
  'service',
  'package',
  'interfaceType',
] as const;
type Key = (typeof keys)[number];

/** Reads one line of `--batch`. */
export function packetFromJson(line: string): PacketReading {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return wrong(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('not a JSON object');
  return packetFrom(new Map(Object.entries(value)));
}

/** Reads the options of a single query; `port` is `tcp/22`, `22/tcp` or `22`. */
export function packetFromOptions(given: GivenOptions, port: string | undefined): PacketReading {
  const values = new Map<string, unknown>();
  const set = (key: Key, value: unknown): void => {
    if (value !== undefined) values.set(key, value);
  };
  if (given.list('direction').length > 1) return wrong('a packet goes one way: give --direction once');
  set('direction', given.list('direction')[0]);
  set('protocol', given.text('protocol'));
  set('source', given.text('source'));
  set('sourcePort', given.number('source-port'));
  set('destination', given.text('destination'));
  set('destinationPort', given.number('destination-port'));
  set('icmpType', given.number('icmp-type'));
  set('icmpCode', given.number('icmp-code'));
  set('inInterface', given.text('in-interface'));
  set('outInterface', given.text('out-interface'));
  set('state', given.text('state'));
  const flags = given.text('tcp-flags');
  set('tcpFlags', flags === 'none' ? [] : flags?.split(','));
  set('profile', given.text('profile'));
  set('program', given.text('program'));
  set('service', given.text('service'));
  set('package', given.text('package'));
  set('interfaceType', given.text('interface-type'));
  if (port !== undefined) {
    const parts = /^(?:([a-z][a-z-]*)\/)?(\d+)(?:\/([a-z][a-z-]*))?$/i.exec(port);
    const protocol = parts?.[1] ?? parts?.[3];
    if (parts === null || (parts[1] !== undefined && parts[3] !== undefined)) {
      return wrong(`"${port}" is no port; write tcp/22, 22/tcp or 22`);
    }
    if (values.has('destinationPort') || (protocol !== undefined && values.has('protocol'))) {
      return wrong(`"${port}" and the options name the port or protocol twice`);
    }
    set('destinationPort', Number(parts[2]));
    set('protocol', protocol);
  }
  return packetFrom(values);
}

function wrong(message: string): PacketReading {
  return { kind: 'error', message };
}

function packetFrom(values: ReadonlyMap<string, unknown>): PacketReading {
  for (const key of values.keys()) {
    if (keys.some((known) => known === key)) continue;
    const near = nearestName(key, keys);
    return wrong(`unknown key "${key}"${near === undefined ? '' : `; did you mean "${near}"?`}`);
  }
  const errors: string[] = [];
  const fail = (message: string): undefined => void errors.push(message);
  const number = (key: Key, most: number): number | undefined => {
    const value = values.get(key);
    if (value === undefined) return undefined;
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
    return fits ? value : fail(`${key} must be a whole number from 0 to ${most}`);
  };
  const text = (key: Key): string | undefined => {
    const value = values.get(key);
    if (value === undefined) return undefined;
    return typeof value === 'string' && value !== '' ? value : fail(`${key} must be a text`);
  };
  const choice = <T extends string>(key: Key, choices: readonly T[]): T | undefined => {
    const value = text(key);
    if (value === undefined) return undefined;
    return choices.find((one) => one === value) ?? fail(`${key} must be one of ${choices.join(', ')}`);
  };
  const address = (key: Key): { text: string; family: string } | undefined => {
    const value = text(key);
    if (value === undefined) return undefined;
    const parsed = parseRangeText(value);
    const single = parsed !== undefined && parsed.range[0] === parsed.range[1] && !/[-/]/.test(value);
    return single ? { text: value, family: parsed.family } : fail(`${key} must be one IPv4 or IPv6 address`);
  };

  const protocol = protocolNumber(values.get('protocol'));
  if (protocol === undefined) fail('protocol must be a name such as tcp or a number from 0 to 255');
  const source = address('source');
  const destination = address('destination');
  if (source !== undefined && destination !== undefined && source.family !== destination.family) {
    fail('source and destination must be of one family');
  }
  const packet = {
    direction: choice('direction', directions) ?? 'in',
    protocol: protocol ?? protocolNumbers.tcp,
    source: source?.text,
    sourcePort: number('sourcePort', 65535),
    destination: destination?.text,
    destinationPort: number('destinationPort', 65535),
    icmpType: number('icmpType', 255),
    icmpCode: number('icmpCode', 255),
    inInterface: text('inInterface'),
    outInterface: text('outInterface'),
    state: choice('state', connectionStates),
    tcpFlags: flagsFrom(values.get('tcpFlags'), fail),
    profile: choice('profile', ['domain', 'private', 'public']),
    program: text('program'),
    service: text('service'),
    package: text('package'),
    interfaceType: choice('interfaceType', ['wired', 'wireless', 'remote-access']),
  };
  if (errors.length > 0) return wrong(errors.join('; '));
  const given = Object.entries(packet).filter(([, value]) => value !== undefined);
  return { kind: 'packet', packet: Object.fromEntries(given) as QueryPacket };
}

const protocolByName = new Map<string, number>(Object.entries(protocolNumbers));

function protocolNumber(value: unknown): number | undefined {
  if (value === undefined) return protocolNumbers.tcp;
  if (typeof value === 'number')
    return Number.isInteger(value) && value >= 0 && value <= 255 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (/^\d{1,3}$/.test(value)) return Number(value) <= 255 ? Number(value) : undefined;
  const name = value.toLowerCase();
  return protocolByName.get(name === 'ipv6-icmp' || name === 'icmp6' ? 'icmpv6' : name);
}

function flagsFrom(value: unknown, fail: (message: string) => undefined): readonly TcpFlag[] | undefined {
  if (value === undefined) return undefined;
  const names = Object.keys(tcpFlagBits) as TcpFlag[];
  const flags = Array.isArray(value) ? value.map((flag) => names.find((name) => name === flag)) : [undefined];
  const known = flags.filter((flag) => flag !== undefined);
  return known.length === flags.length ? known : fail(`tcpFlags must be a list of ${names.join(', ')}`);
}
