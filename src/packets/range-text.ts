import { formatPrefix, parseAddress, parsePrefix } from './address-text.ts';
import type { AddressRange, Family } from './fields.ts';

export interface RangeText {
  readonly family: Family;
  readonly range: AddressRange;
  /** For a network whose address has bits beyond its prefix (`10.1.2.3/8`): how it should be written. */
  readonly hostBits?: string;
}

/** Reads an address, a network or a range `a-b`; undefined if the text is none of these. */
export function parseRangeText(text: string): RangeText | undefined {
  const parsed = parsePrefix(text);
  if (parsed === undefined || !text.includes('/')) return parsed;
  const [host = '', length = ''] = text.split('/');
  // A leading zero could mean octal elsewhere; the strict reader of addresses refuses it, and so does this.
  if (length.length > 1 && length.startsWith('0')) return undefined;
  return parseAddress(host)?.address === parsed.range[0]
    ? parsed
    : { ...parsed, hostBits: formatPrefix(parsed.range[0], Number(length), parsed.family) };
}
