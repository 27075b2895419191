import { plainNetwork } from '../../packets/plain-network.ts';
import { addressBits, type AddressField, type AddressRange, type Family } from '../../packets/fields.ts';
import { all, NetworkTest, type Match } from '../../model/match.ts';
import { parseNumber } from './numbers.ts';

/** An address with the bits of it that count. */
export interface MaskedAddress {
  readonly value: bigint;
  readonly mask: bigint;
}

const ones = { ipv4: (1n << 32n) - 1n, ipv6: (1n << 128n) - 1n } as const;

/** All ones of the family's width. */
export function allOnes(family: Family): bigint {
  return ones[family];
}

/**
 * A dotted IPv4 address as iptables reads it: each part by strtoul (so `010` is 8), and fewer than four parts are filled with
 * zeros on the right (`10` is 10.0.0.0), see numeric_to_ipaddr in xtables.c.
 */
export function parseIPv4(text: string, partial: boolean): bigint | undefined {
  const parts = text.split('.');
  if (parts.length > 4 || (parts.length < 4 && !partial)) return undefined;
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const part = i < parts.length ? parseNumber(parts[i]!, 255) : 0;
    if (part === undefined) return undefined;
    value = value * 256 + part;
  }
  return BigInt(value);
}

/** An IPv6 address as inet_pton reads it, including an embedded dotted quad; undefined otherwise. */
export function parseIPv6(text: string): bigint | undefined {
  if (!/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  let address = text;
  const dotted = /^(.*:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (dotted !== null) {
    const quad = dotted.slice(2).map(Number);
    if (quad.some((part) => part > 255)) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = quad;
    address = `${dotted[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  } else if (text.includes('.')) {
    return undefined;
  }
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const head = groups[0] ?? [];
  const tail = groups[1] ?? [];
  const count = head.length + tail.length;
  if (halves.length === 1 ? count !== 8 : count > 7) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array<string>(8 - count).fill('0'), ...tail]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    value = (value << 16n) | BigInt(Number.parseInt(group, 16));
  }
  return value;
}

/** A whole address of the family. */
export function parseAddress(text: string, family: Family): bigint | undefined {
  return family === 'ipv4' ? parseIPv4(text, false) : parseIPv6(text);
}

/** The mask of a prefix length. */
export function prefixMask(length: number, family: Family): bigint {
  const width = BigInt(addressBits[family]);
  return ones[family] ^ ((1n << (width - BigInt(length))) - 1n);
}

function parseMask(text: string, family: Family): bigint | undefined {
  const length = parseNumber(text, addressBits[family]);
  if (length !== undefined) return prefixMask(length, family);
  return parseAddress(text, family);
}

/**
 * `address`, `address/length` or `address/mask`; bits outside the mask are cleared, as the tool does. The mask need not be a prefix.
 * Undefined when it is no numeric address of the family (it may be a host name).
 */
export function parseMaskedAddress(text: string, family: Family): MaskedAddress | undefined {
  const slash = text.lastIndexOf('/');
  const mask = slash < 0 ? ones[family] : parseMask(text.slice(slash + 1), family);
  if (mask === undefined) return undefined;
  const address = slash < 0 ? text : text.slice(0, slash);
  const value = family === 'ipv4' ? parseIPv4(address, true) : parseIPv6(address);
  return value === undefined ? undefined : { value: value & mask, mask };
}

/** The range of an address that `plainNetwork` reads. */
export function parsePlainPrefix(text: string): AddressRange | undefined {
  const network = plainNetwork(text);
  if (network < 0) return undefined;
  const from = Math.floor(network / 64);
  return [BigInt(from), BigInt(from + 2 ** (32 - (network % 64)) - 1)];
}

/** True when the mask is a run of ones followed by zeros. */
export function isPrefixMask(mask: bigint, family: Family): boolean {
  const holes = ones[family] ^ mask;
  return (holes & (holes + 1n)) === 0n;
}

/** The addresses of a prefix. */
export function rangeOf(address: MaskedAddress, family: Family): AddressRange {
  return [address.value, address.value | (ones[family] ^ address.mask)];
}

/** True for packets whose address agrees in the bits of the mask. */
export function addressMatch(field: AddressField, family: Family, address: MaskedAddress): Match {
  if (address.mask === 0n) return all;
  if (isPrefixMask(address.mask, family)) {
    if (family === 'ipv4') return new NetworkTest(field, Number(address.value), 32 - zeroBits(address.mask));
    return { kind: 'address', field, family, ranges: [rangeOf(address, family)] };
  }
  return { kind: 'address-bits', field, family, mask: address.mask, value: address.value };
}

/** How many bits at the end of an IPv4 mask are zero. */
function zeroBits(mask: bigint): number {
  return 31 - Math.clz32(Number(ones.ipv4 ^ mask) + 1);
}
