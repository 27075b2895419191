import type { Exposure, FromElement, Witness } from '../report/report.ts';
import type { PortRange } from '../ports/port-types.ts';
import { formatAddress, parseAddress } from '../packets/address-text.ts';
import { sourceRanges } from './source-text.ts';

/**
 * One packet of a row that was cut out of a larger one: the larger one's witness where it lies in the part, moved into the part's
 * first element field by field where it does not.
 */
export function witnessOf(row: Exposure): Witness {
  const element = row.from.find((one) => holds(one, row.witness)) ?? row.from[0];
  const old = row.witness;
  if (element === undefined) return old;
  return {
    ...old,
    source: addressIn(element.sources, old.source),
    destination: addressIn(element.destinations, old.destination),
    ...(old.sourcePort === undefined ? {} : { sourcePort: numberIn(element.sourcePorts, old.sourcePort) }),
    ...(old.destinationPort === undefined || row.ports === null
      ? {}
      : { destinationPort: numberIn([row.ports], old.destinationPort) }),
    ...(old.protocol === undefined ? {} : { protocol: numberIn(row.protocols, old.protocol) }),
    ...named('inInterface', element.inInterfaces, old.inInterface),
    ...named('outInterface', element.outInterfaces, old.outInterface),
    ...named('profile', element.profiles, old.profile),
    ...named('program', element.programs, old.program),
    ...named('service', element.services, old.service),
    ...named('package', element.packages, old.package),
    ...named('interfaceType', element.interfaceTypes, old.interfaceType),
  };
}

function holds(element: FromElement, witness: Witness): boolean {
  return (
    addressIn(element.sources, witness.source) === witness.source &&
    addressIn(element.destinations, witness.destination) === witness.destination &&
    (witness.sourcePort === undefined ||
      numberIn(element.sourcePorts, witness.sourcePort) === witness.sourcePort) &&
    nameHolds(element.inInterfaces, witness.inInterface) &&
    nameHolds(element.outInterfaces, witness.outInterface)
  );
}

function addressIn(prefixes: readonly string[] | undefined, address: string): string {
  const first = prefixes?.[0];
  if (prefixes === undefined || first === undefined) return address;
  const value = parseAddress(address);
  for (const prefix of prefixes)
    for (const [from, to] of sourceRanges(prefix))
      if (value !== undefined && from <= value.address && value.address <= to) return address;
  const [from, to] = sourceRanges(first)[0]!;
  // The first host rather than the network address, where there is one.
  return formatAddress(to - from > 1n ? from + 1n : from, first.includes(':') ? 'ipv6' : 'ipv4');
}

function numberIn(ranges: readonly PortRange[] | undefined, value: number): number {
  const first = ranges?.[0];
  if (ranges === undefined || first === undefined) return value;
  return ranges.some(({ from, to }) => from <= value && value <= to) ? value : first.from;
}

/** Is the name one of `eth0`, `eth*`, `!eth0`? */
function nameHolds(names: readonly string[] | undefined, name: string | undefined): boolean {
  if (names === undefined || name === undefined) return true;
  const fits = (pattern: string): boolean =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  const negated = names.filter((one) => one.startsWith('!')).map((one) => one.slice(1));
  if (negated.length > 0 && !negated.some(fits)) return true;
  return names.some((one) => !one.startsWith('!') && fits(one));
}

function named(
  key: 'inInterface' | 'outInterface' | 'profile' | 'program' | 'service' | 'package' | 'interfaceType',
  names: readonly string[] | undefined,
  old: string | undefined,
): Partial<Witness> {
  if (names === undefined) return old === undefined ? {} : { [key]: old };
  if (old !== undefined && nameHolds(names, old)) return { [key]: old };
  const plain = names.find((one) => !one.startsWith('!'));
  return plain === undefined ? { [key]: 'other0' } : { [key]: plain.replace(/\*$/, '0') };
}
