import { addressBits, type AddressRange, type Family } from './fields.ts';

/** Dotted quad, or RFC 5952 text for IPv6. */
export function formatAddress(address: bigint, family: Family): string {
  if (family === 'ipv4') {
    const n = Number(address);
    return `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
  }
  const groups: string[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(((address >> shift) & 0xffffn).toString(16));
  // RFC 5952 section 4.2: shorten the longest run of two or more zero groups, the first of equals.
  let best = 0;
  let bestAt = -1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (groups[i + length] === '0') length++;
    if (length > best && length > 1) {
      best = length;
      bestAt = i;
    }
    if (length > 0) i += length - 1;
  }
  if (bestAt === -1) return groups.join(':');
  return `${groups.slice(0, bestAt).join(':')}::${groups.slice(bestAt + best).join(':')}`;
}

/** `192.0.2.0/24`; a single address without its length. */
export function formatPrefix(address: bigint, length: number, family: Family): string {
  const text = formatAddress(address, family);
  return length === addressBits[family] ? text : `${text}/${length}`;
}

/**
 * Strict: four decimal octets without leading zeros, or RFC 4291 text (with an embedded IPv4 tail, without a zone).
 * Undefined for anything else; nothing is guessed.
 */
export function parseAddress(
  text: string,
): { readonly family: Family; readonly address: bigint } | undefined {
  if (text.includes(':')) {
    const address = parseIpv6(text);
    return address === undefined ? undefined : { family: 'ipv6', address };
  }
  const address = parseIpv4(text);
  return address === undefined ? undefined : { family: 'ipv4', address };
}

const dottedQuad = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

function parseIpv4(text: string): bigint | undefined {
  const octets = dottedQuad.exec(text);
  if (octets === null) return undefined;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const octet = Number(octets[i]);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return BigInt(value);
}

function parseIpv6(text: string): bigint | undefined {
  let body = text;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail !== null) {
    const v4 = parseIpv4(tail[2]!);
    if (v4 === undefined) return undefined;
    body = `${tail[1]!}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
  }
  const halves = body.split('::');
  if (halves.length > 2) return undefined;
  const groupsOf = (half: string): string[] => (half === '' ? [] : half.split(':'));
  const head = groupsOf(halves[0]!);
  const rest = halves.length === 2 ? groupsOf(halves[1]!) : [];
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of [...head, ...new Array<string>(missing).fill('0'), ...rest]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  return value;
}

/** `192.0.2.0/24`, `192.0.2.1`, or `a-b`; host bits below the prefix are cleared, as every firewall does. */
export function parsePrefix(
  text: string,
): { readonly family: Family; readonly range: AddressRange } | undefined {
  const dash = text.indexOf('-');
  if (dash > 0) {
    const from = parseAddress(text.slice(0, dash).trim());
    const to = parseAddress(text.slice(dash + 1).trim());
    if (from === undefined || to === undefined || from.family !== to.family || from.address > to.address)
      return undefined;
    return { family: from.family, range: [from.address, to.address] };
  }
  const [host, length, ...more] = text.split('/');
  const parsed = parseAddress(host!);
  if (parsed === undefined || more.length > 0) return undefined;
  const bits = addressBits[parsed.family];
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > bits)) return undefined;
  const free = BigInt(bits - (length === undefined ? bits : Number(length)));
  const from = (parsed.address >> free) << free;
  return { family: parsed.family, range: [from, from + (1n << free) - 1n] };
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
    out.push(formatPrefix(at, bits - free, family));
    at += 1n << BigInt(free);
  }
  return out;
}
