import type { EntryPoint } from '../model/firewall.ts';
import { formatAddress, parseAddress, parsePrefix } from '../packets/address-text.ts';
import { firstState } from '../packets/first-state.ts';
import { protocolsWithPorts, type Family, type NameField } from '../packets/fields.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import type { FromElement, Witness } from '../report/report.ts';
import { type Packet, synOnly } from './packet.ts';

/** Addresses of the documentation ranges (RFC 5737, RFC 3849), used where any would do. */
const examples: Readonly<Record<Family, { readonly source: string; readonly destination: string }>> = {
  ipv4: { source: '198.51.100.7', destination: '192.0.2.1' },
  ipv6: { source: '2001:db8:1::7', destination: '2001:db8::1' },
};

/** A source port that a client's system could have picked. */
const CLIENT_PORT = 40000;

/**
 * One concrete packet of an element, with unremarkable values wherever the element leaves a choice. `tellsFirstStates`: what connection
 * tracking makes of the packet matters, and is said where it is not `new`.
 */
export function witnessOf(
  space: PacketSpace,
  entry: EntryPoint,
  protocol: number,
  port: number | undefined,
  element: FromElement,
  tellsFirstStates: boolean,
): Witness {
  const { family } = space;
  const name = (field: NameField, patterns: readonly string[] | undefined, usual: string): string =>
    patterns === undefined
      ? (space.namesOf(field)?.example(space.namesOf(field)!.classOf(usual), usual) ?? usual)
      : nameFitting(patterns, usual);
  const icmp = protocol === 1 || protocol === 58;
  const type = element.icmpTypes?.[0];
  const icmpType = type?.type.from ?? (protocol === 1 ? 8 : 128);
  const state = tellsFirstStates ? firstState(family, protocol, icmpType) : 'new';
  return {
    source: addressIn(element.sources, examples[family].source, family),
    destination: addressIn(element.destinations, examples[family].destination, family),
    ...(protocolsWithPorts.includes(protocol)
      ? { sourcePort: portIn(element.sourcePorts), ...(port === undefined ? {} : { destinationPort: port }) }
      : {}),
    ...(icmp ? { icmpType, icmpCode: type?.code?.from ?? 0 } : {}),
    protocol,
    ...(entry.direction === 'out' ? {} : { inInterface: name('inInterface', element.inInterfaces, 'eth0') }),
    ...(entry.direction === 'in'
      ? {}
      : { outInterface: name('outInterface', element.outInterfaces, 'eth1') }),
    ...(state === 'new' ? {} : { state }),
    ...(element.profiles === undefined ? {} : { profile: element.profiles[0]! }),
    ...(element.programs === undefined ? {} : { program: nameFitting(element.programs, 'any program') }),
    ...(element.services === undefined ? {} : { service: nameFitting(element.services, 'any service') }),
    ...(element.packages === undefined ? {} : { package: nameFitting(element.packages, 'any package') }),
    ...(element.interfaceTypes === undefined ? {} : { interfaceType: element.interfaceTypes[0]! }),
  };
}

/** The witness as the packet that arrives. */
export function packetOf({ family }: EntryPoint, witness: Witness): Packet {
  const { protocol = 6, icmpType = 0, icmpCode = 0 } = witness;
  const { inInterface, outInterface, profile, program, service, interfaceType } = witness;
  return {
    family,
    protocol,
    source: parseAddress(witness.source)?.address ?? 0n,
    destination: parseAddress(witness.destination)?.address ?? 0n,
    sourcePort: witness.sourcePort ?? (icmpType << 8) | icmpCode,
    destinationPort: witness.destinationPort ?? 0,
    tcpFlags: synOnly,
    state: firstState(family, protocol, icmpType),
    names: {
      ...(inInterface === undefined ? {} : { inInterface }),
      ...(outInterface === undefined ? {} : { outInterface }),
      ...(profile === undefined ? {} : { profile }),
      ...(program === undefined ? {} : { program }),
      ...(service === undefined ? {} : { service }),
      ...(witness.package === undefined ? {} : { package: witness.package }),
      ...(interfaceType === undefined ? {} : { interfaceType }),
    },
  };
}

function addressIn(prefixes: readonly string[] | undefined, usual: string, family: Family): string {
  const first = prefixes?.[0];
  if (first === undefined) return usual;
  const prefix = parsePrefix(first);
  // A masked address (10.0.0.5/255.0.0.255) holds its own value.
  if (prefix === undefined) return first.slice(0, first.indexOf('/'));
  const [from, to] = prefix.range;
  // The first usable host of a network rather than its network address.
  return formatAddress(to - from > 1n ? from + 1n : from, family);
}

function portIn(ranges: FromElement['sourcePorts']): number {
  if (ranges === undefined || ranges.some(({ from, to }) => from <= CLIENT_PORT && CLIENT_PORT <= to))
    return CLIENT_PORT;
  return ranges[0]!.to;
}

function nameFitting(patterns: readonly string[], usual: string): string {
  const positive = patterns.filter((p) => !p.startsWith('!'));
  const fits = (name: string): boolean => {
    const hit = (pattern: string): boolean =>
      pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
    return (
      (positive.length === 0 || positive.some(hit)) &&
      !patterns.some((p) => p.startsWith('!') && hit(p.slice(1)))
    );
  };
  const stem = positive[0];
  if (stem !== undefined && !stem.endsWith('*')) return stem;
  for (const name of candidates(stem === undefined ? usual : stem.slice(0, -1), stem === undefined))
    if (fits(name)) return name;
  return usual;
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789-_.';

/** Names to try, the likely ones first; `free` ones need not begin with the base. */
function* candidates(base: string, free: boolean): Generator<string> {
  if (free) yield base;
  for (let i = 0; i < 100; i++) yield `${base}${i}`;
  for (const letter of letters) for (const next of letters) yield `${free ? '' : base}${letter}${next}0`;
}
