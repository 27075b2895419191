import { formatPrefix, parseAddress, parsePrefix } from '../packets/address-text.ts';
import { addressBits } from '../packets/fields.ts';
import type { AddressRange, Family } from '../packets/fields.ts';

export interface AddressText {
  readonly family: Family;
  readonly range: AddressRange;
  /** For a network whose address has bits beyond its prefix (`10.1.2.3/8`): how it should be written. */
  readonly hostBits?: string;
}

/** Reads an address, a network or a range `a-b`; undefined if the text is none of these. */
export function parseAddressText(text: string): AddressText | undefined {
  const parsed = parsePrefix(text);
  if (parsed === undefined || !text.includes('/')) return parsed;
  const [host = '', length = ''] = text.split('/');
  // A leading zero could mean octal elsewhere; the strict reader of addresses refuses it, and so does this.
  if (length.length > 1 && length.startsWith('0')) return undefined;
  return parseAddress(host)?.address === parsed.range[0]
    ? parsed
    : { ...parsed, hostBits: formatPrefix(parsed.range[0], Number(length), parsed.family) };
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
