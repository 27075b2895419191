/**
 * Does a row of the report hold this packet? The plain reading of the contract: the port lies in `ports` and some element of
 * `from` holds all other fields, an omitted one meaning any.
 */
import type { Exposure, FromElement } from '../../src/report/report.ts';
import type { PortRange } from '../../src/ports/port-types.ts';
import { addressValue, familyOf, prefixBounds } from './addresses.ts';
import { icmpOf, portProtocols, protocolName } from './probe-packet.ts';
import type { ProbePacket } from './probe-packet.ts';

export function rowHolds(
  row: Exposure,
  packet: ProbePacket,
  direction: 'in' | 'forward',
  outInterface: string,
): boolean {
  return (
    row.direction === direction &&
    row.family === packet.family &&
    protocolHolds(row, packet) &&
    (row.ports === null ||
      (portProtocols.has(packet.protocol) && inRange(row.ports, packet.destinationPort))) &&
    row.from.some((element) => elementHolds(element, packet, direction, outInterface))
  );
}

function protocolHolds(row: Exposure, packet: ProbePacket): boolean {
  if (row.protocol !== 'any')
    return row.protocol === protocolName(packet.protocol) || protocolNumber(row) === packet.protocol;
  return row.protocols === undefined || row.protocols.some((range) => inRange(range, packet.protocol));
}

const otherNames: ReadonlyMap<string, number> = new Map([
  ['igmp', 2],
  ['ipip', 4],
  ['dccp', 33],
  ['ipv6', 41],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['icmpv6', 58],
  ['ospf', 89],
  ['pim', 103],
  ['vrrp', 112],
  ['sctp', 132],
  ['udplite', 136],
]);

function protocolNumber(row: Exposure): number {
  return otherNames.get(row.protocol) ?? Number(row.protocol);
}

function elementHolds(
  element: FromElement,
  packet: ProbePacket,
  direction: 'in' | 'forward',
  outInterface: string,
): boolean {
  return (
    addressHolds(element.sources, packet.source) &&
    addressHolds(element.destinations, packet.destination) &&
    interfaceHolds(element.inInterfaces, packet.inInterface) &&
    (direction === 'in' || interfaceHolds(element.outInterfaces, outInterface)) &&
    (element.sourcePorts === undefined ||
      element.sourcePorts.some((range) => inRange(range, packet.sourcePort))) &&
    (element.icmpTypes === undefined ||
      element.icmpTypes.some(
        ({ type, code }) =>
          inRange(type, icmpOf(packet).type) && (code === undefined || inRange(code, icmpOf(packet).code)),
      ))
  );
}

function inRange({ from, to }: PortRange, value: number): boolean {
  return value >= from && value <= to;
}

function addressHolds(prefixes: readonly string[] | undefined, address: string): boolean {
  if (prefixes === undefined) return true;
  const value = addressValue(address);
  return prefixes.some((prefix) => {
    if (familyOf(prefix) !== familyOf(address)) return false;
    const [base = '', mask = ''] = prefix.split('/');
    // A mask with many holes is written as such.
    if (/[.:]/.test(mask)) return (value & addressValue(mask)) === addressValue(base);
    const [first, last] = prefixBounds(prefix);
    return value >= first && value <= last;
  });
}

/** A name fits if it fits some positive pattern (or there is none) and no negative one. */
function interfaceHolds(names: readonly string[] | undefined, name: string): boolean {
  if (names === undefined) return true;
  const matches = (pattern: string): boolean =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
  const excluded = names.filter((pattern) => pattern.startsWith('!'));
  const included = names.filter((pattern) => !pattern.startsWith('!'));
  return (
    (included.length === 0 || included.some(matches)) &&
    !excluded.some((pattern) => matches(pattern.slice(1)))
  );
}
