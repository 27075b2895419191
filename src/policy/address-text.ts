import { addressBits } from '../packets/fields.ts';
import type { AddressRange, Family } from '../packets/fields.ts';

export interface AddressText {
  readonly family: Family;
  readonly range: AddressRange;
  /** For a network whose address has bits beyond its prefix (`10.1.2.3/8`): how it should be written. */
  readonly hostBits?: string;
}

/**
 * Reads an address, a network or a range `a-b`. Strict: dotted IPv4 has four decimal parts without leading zeros (RFC 6943
 * section 3.1.1 tells why), masks are prefix lengths. Undefined if the text is none of these; a reversed range too.
 */
export function parseAddressText(text: string): AddressText | undefined {
  const dash = text.indexOf('-');
  if (dash >= 0) {
    const from = parseAddress(text.slice(0, dash).trim());
    const to = parseAddress(text.slice(dash + 1).trim());
    if (from === undefined || to === undefined || from.family !== to.family || from.value > to.value)
      return undefined;
    return { family: from.family, range: [from.value, to.value] };
  }
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const bits = addressBits[address.family];
  const lengthText = slash < 0 ? String(bits) : text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(lengthText)) return undefined;
  const length = Number(lengthText);
  if (length > bits) return undefined;
  const size = 1n << BigInt(bits - length);
  const start = address.value & ~(size - 1n);
  const range: AddressRange = [start, start + size - 1n];
  return start === address.value
    ? { family: address.family, range }
    : { family: address.family, range, hostBits: `${formatAddress(start, address.family)}/${length}` };
}

interface Address {
  readonly family: Family;
  readonly value: bigint;
}

function parseAddress(text: string): Address | undefined {
  if (text.includes(':')) {
    const value = parseIpv6(text);
    return value === undefined ? undefined : { family: 'ipv6', value };
  }
  const value = parseIpv4(text);
  return value === undefined ? undefined : { family: 'ipv4', value };
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return BigInt(value);
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = words(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? words(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const word of [...head, ...new Array<number>(missing).fill(0), ...tail])
    value = (value << 16n) | BigInt(word);
  return value;
}

/** 16-bit words between colons; the last may be a dotted IPv4 address where `last` allows it. */
function words(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const out: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes('.')) {
      const value = parseIpv4(part);
      if (value === undefined) return undefined;
      out.push(Number(value >> 16n), Number(value & 0xffffn));
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) out.push(parseInt(part, 16));
    else return undefined;
  }
  return out;
}

/** RFC 5952 text for IPv6, dotted for IPv4. */
export function formatAddress(value: bigint, family: Family): string {
  if (family === 'ipv4') {
    const n = Number(value);
    return [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.');
  }
  const parts = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && parts[i + length] === 0) length++;
    if (length > bestLength) [best, bestLength] = [i, length];
  }
  const hex = parts.map((part) => part.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}

/** The fewest prefixes that make up the range; a single address is written without its length. */
export function prefixesOf(range: AddressRange, family: Family): string[] {
  const bits = addressBits[family];
  const out: string[] = [];
  let [at] = range;
  const [, to] = range;
  while (at <= to) {
    let free = 0;
    // Grow the block while it stays aligned and inside the range.
    while (
      free < bits &&
      (at & ((1n << BigInt(free + 1)) - 1n)) === 0n &&
      at + (1n << BigInt(free + 1)) - 1n <= to
    )
      free++;
    const text = formatAddress(at, family);
    out.push(free === 0 ? text : `${text}/${bits - free}`);
    at += 1n << BigInt(free);
  }
  return out;
}
