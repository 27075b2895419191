import type { AddressRange, Family } from '../../packets/fields.ts';
import { addressBits } from '../../packets/fields.ts';
import type { LocalAddress, ReadOptions } from '../format.ts';
import { networkAround } from './pf-address.ts';

/** An address or a network of an interface; `zone` if only that interface has it (link-local). */
export interface InterfaceRange {
  readonly family: Family;
  readonly range: AddressRange;
  readonly zone?: string;
}

/** What is known of the host's addresses. */
export type HostFacts = Pick<ReadOptions, 'localAddresses' | 'bareInterfaces'>;

/** What an address term says behind the interface's name: `em0:network:0`. */
export interface InterfaceReference {
  readonly name: string;
  readonly mode?: 'network' | 'broadcast' | 'peer';
  readonly noAlias: boolean;
}

/** Undefined if a modifier is unknown. `:3` and `:*` are counts that `pfctl -v` prints. */
export function parseReference(text: string): InterfaceReference | undefined {
  const [name = '', ...modifiers] = text.split(':');
  let mode: InterfaceReference['mode'];
  let noAlias = false;
  for (const modifier of modifiers) {
    if (modifier === 'network' || modifier === 'broadcast' || modifier === 'peer') {
      if (mode !== undefined) return undefined;
      mode = modifier;
    } else if (modifier === '0') noAlias = true;
    else if (!/^([1-9][0-9]*|\*)$/.test(modifier)) return undefined;
  }
  return mode === undefined ? { name, noAlias } : { name, mode, noAlias };
}

const loopback: readonly InterfaceRange[] = [
  { family: 'ipv4', range: [0x7f000001n, 0x7f000001n] },
  { family: 'ipv6', range: [1n, 1n] },
  { family: 'ipv6', range: [(0xfe80n << 112n) | 1n, (0xfe80n << 112n) | 1n], zone: 'lo0' },
];

const loopbackNetworks: readonly InterfaceRange[] = [
  { family: 'ipv4', range: [0x7f000000n, 0x7fffffffn] },
  { family: 'ipv6', range: [1n, 1n] },
  { family: 'ipv6', range: networkAround(0xfe80n << 112n, 64, 'ipv6'), zone: 'lo0' },
];

/**
 * What an interface term stands for, from the addresses given with --local-address; undefined if they do not tell. A single address
 * given is an address, a wider range the interface's network; none at all if the interface is known to have none. lo0 has 127.0.0.1/8, ::1 and fe80::1 on all BSDs unless told otherwise.
 */
export function interfaceRanges(
  { name, mode, noAlias }: InterfaceReference,
  { localAddresses: facts, bareInterfaces }: HostFacts,
): readonly InterfaceRange[] | undefined {
  if (bareInterfaces?.includes(name) === true) return [];
  const own = name === 'self' ? facts : facts.filter((fact) => fact.interface === name);
  const isNetwork = ({ range }: LocalAddress): boolean => range[0] !== range[1];
  const bare = ({ family, range }: LocalAddress): InterfaceRange => ({ family, range });
  if (own.length === 0) {
    if (name !== 'lo0' && name !== 'lo') return undefined;
    if (mode === 'network') return noAlias ? loopbackNetworks.slice(0, 2) : loopbackNetworks;
    return mode === undefined ? (noAlias ? loopback.slice(0, 2) : loopback) : undefined;
  }
  if (mode === 'network') {
    const networks = own.filter(isNetwork);
    return networks.length === 0 ? undefined : networks.map(bare);
  }
  if (mode === 'broadcast') {
    const networks = own.filter((fact) => isNetwork(fact) && fact.family === 'ipv4');
    return networks.length === 0
      ? undefined
      : networks.map(({ family, range }) => ({ family, range: [range[1], range[1]] }));
  }
  if (mode === 'peer') return undefined;
  const addresses = own.filter((fact) => !isNetwork(fact)).map(bare);
  if (addresses.length === 0) return undefined;
  if (name === 'self') return [...addresses, ...loopback];
  return noAlias
    ? addresses.filter(
        ({ family }, index) => addresses.findIndex((other) => other.family === family) === index,
      )
    : addresses;
}

/** The network of the given length around each address: `(em0)/24`. */
export function widened(ranges: readonly InterfaceRange[], length: number): InterfaceRange[] {
  return ranges.map((entry) => ({
    ...entry,
    range: networkAround(entry.range[0], Math.min(length, addressBits[entry.family]), entry.family),
  }));
}
