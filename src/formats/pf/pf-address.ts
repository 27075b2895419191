import { addressBits } from '../../packets/fields.ts';
import type { AddressRange, Family } from '../../packets/fields.ts';

export interface PfAddress {
  readonly family: Family;
  readonly range: AddressRange;
  /** `fe80::1%em0`: the rule holds on that interface only. */
  readonly zone?: string;
}

/**
 * An address or network as pfctl's `host_v4` and `host_v6` read it: with a prefix length IPv4 may be short (`10.1/16`), host bits
 * are cut off. Dotted parts with leading zeros are refused: programs disagree on whether they are octal. Undefined if it is none.
 */
export function parsePfAddress(text: string, prefix: string | undefined): PfAddress | undefined {
  if (text.includes(':')) {
    const percent = text.indexOf('%');
    const value = parseIpv6(percent < 0 ? text : text.slice(0, percent));
    const range = value === undefined ? undefined : network(value, prefix, 'ipv6');
    if (range === undefined) return undefined;
    const zone = percent < 0 ? undefined : text.slice(percent + 1);
    return zone === undefined ? { family: 'ipv6', range } : { family: 'ipv6', range, zone };
  }
  const value = parseIpv4(text, prefix !== undefined);
  const range = value === undefined ? undefined : networkIpv4(value, prefix);
  return range === undefined ? undefined : { family: 'ipv4', range };
}

/** In whole numbers, which are much faster than big ones. */
function networkIpv4(value: number, prefix: string | undefined): AddressRange | undefined {
  const length = prefix === undefined ? 32 : Number(prefix);
  if (!(length <= 32)) return undefined;
  const size = 2 ** (32 - length);
  const start = BigInt(value - (value % size));
  return size === 1 ? [start, start] : [start, start + BigInt(size - 1)];
}

function network(value: bigint, prefix: string | undefined, family: Family): AddressRange | undefined {
  const bits = addressBits[family];
  if (prefix === undefined) return [value, value];
  const length = Number(prefix);
  if (!(length <= bits)) return undefined;
  const size = 1n << BigInt(bits - length);
  const start = value & ~(size - 1n);
  return [start, start + size - 1n];
}

/** The network of `length` bits around an address. */
export function networkAround(value: bigint, length: number, family: Family): AddressRange {
  return network(value, String(Math.min(length, addressBits[family])), family)!;
}

function parseIpv4(text: string, short: boolean): number | undefined {
  let value = 0;
  let parts = 0;
  let digits = 0;
  let part = 0;
  for (let i = 0; i <= text.length; i++) {
    const c = i < text.length ? text.charCodeAt(i) : 46;
    if (c === 46) {
      if (digits === 0 || part > 255 || parts === 4) return undefined;
      value = value * 256 + part;
      parts++;
      digits = part = 0;
    } else if (c >= 48 && c <= 57) {
      if (digits > 0 && part === 0) return undefined;
      part = part * 10 + (c - 48);
      if (++digits > 3) return undefined;
    } else return undefined;
  }
  if (parts < 4 && !short) return undefined;
  return value * 256 ** (4 - parts);
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array<number>(missing).fill(0), ...tail])
    value = (value << 16n) | BigInt(group);
  return value;
}

function groups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const found: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes('.')) {
      const value = parseIpv4(part, false);
      if (value === undefined) return undefined;
      found.push(Math.floor(value / 65536), value % 65536);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) found.push(parseInt(part, 16));
    else return undefined;
  }
  return found;
}

/** `10.0.0.1-10.0.0.9`: one word, which pfctl can only look up as a host name. */
export function isCrowdedRange(text: string): boolean {
  const ends = text.split('-');
  return (
    ends.length === 2 && ends.every((end) => /[.:]/.test(end) && parsePfAddress(end, undefined) !== undefined)
  );
}

export const crowdedRange = 'a range is written with blanks: 10.0.0.1 - 10.0.0.9';
