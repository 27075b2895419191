/** Addresses as unsigned integers, read and written independently of `src/packets`: the kernel tests must not share its mistakes. */
import type { Family } from '../../src/packets/fields.ts';

export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

export function addressValue(address: string): bigint {
  if (!address.includes(':')) {
    const octets = address.split('.').map((octet) => Number.parseInt(octet, 10));
    if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255)))
      throw new Error(`not an address: ${address}`);
    return octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
  }
  const [head = '', tail] = address.split('::');
  const groups = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = 8 - before.length - after.length;
  if (zeros < 0 || (tail === undefined && zeros !== 0)) throw new Error(`not an address: ${address}`);
  return [...before, ...Array.from({ length: zeros }, () => '0'), ...after].reduce(
    (value, group) => (value << 16n) | BigInt(Number.parseInt(group, 16)),
    0n,
  );
}

export function addressText(family: Family, value: bigint): string {
  if (family === 'ipv4') return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  ).join(':');
  return groups.replace(/(^|:)0(:0)+(:|$)/, '::');
}

export function addressBytes(family: Family, value: bigint): Uint8Array {
  const bytes = new Uint8Array(family === 'ipv4' ? 4 : 16);
  for (let i = bytes.length - 1, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 255n);
  return bytes;
}

/** Inclusive bounds of `address/length`; host bits are ignored. */
export function prefixBounds(prefix: string): readonly [bigint, bigint] {
  const [address = '', length] = prefix.split('/');
  const bits = familyOf(address) === 'ipv4' ? 32 : 128;
  const hostBits = BigInt(bits - (length === undefined ? bits : Number.parseInt(length, 10)));
  const first = (addressValue(address) >> hostBits) << hostBits;
  return [first, first + (1n << hostBits) - 1n];
}
