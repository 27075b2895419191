import { parseAddress, parsePrefix } from '../packets/address-text.ts';
import { addressBits, type AddressRange, type Family } from '../packets/fields.ts';

/** A masked address of more pieces than this is taken for the whole range from its first to its last address. */
const mostPieces = 65_536;

/**
 * The addresses that a report's source names: an address, a prefix, or an address with a mask that is no prefix
 * (`10.0.0.5/255.0.0.255`, as iptables allows), which is many ranges.
 */
export function sourceRanges(text: string): readonly AddressRange[] {
  const prefix = parsePrefix(text);
  if (prefix !== undefined) return [prefix.range];
  const masked = maskedAddress(text);
  if (masked === undefined) throw new Error(`a report row has the impossible source ${text}`);
  return rangesOf(masked) ?? [[masked.base, masked.base | masked.free]];
}

/** The same of an address with a mask that a policy names; undefined if it is none, or of more pieces than are taken one by one. */
export function maskedRanges(
  text: string,
): { readonly family: Family; readonly ranges: readonly AddressRange[] } | undefined {
  const masked = maskedAddress(text);
  const ranges = masked === undefined ? undefined : rangesOf(masked);
  return masked === undefined || ranges === undefined ? undefined : { family: masked.family, ranges };
}

interface MaskedAddress {
  readonly family: Family;
  readonly base: bigint;
  /** The bits that may be anything. */
  readonly free: bigint;
}

function maskedAddress(text: string): MaskedAddress | undefined {
  const [valueText = '', maskText = '', ...more] = text.split('/');
  const value = parseAddress(valueText);
  const mask = parseAddress(maskText);
  if (value === undefined || mask?.family !== value.family || more.length > 0) return undefined;
  const ones = (1n << BigInt(addressBits[value.family])) - 1n;
  return { family: value.family, base: value.address & mask.address, free: ones & ~mask.address };
}

/** Free bits at the low end are runs; the free bits above them multiply the runs. */
function rangesOf({ family, base, free }: MaskedAddress): readonly AddressRange[] | undefined {
  let run = 0n;
  while (((free >> run) & 1n) === 1n) run++;
  const high: bigint[] = [];
  for (let bit = run; bit < BigInt(addressBits[family]); bit++)
    if (((free >> bit) & 1n) === 1n) high.push(1n << bit);
  if (2 ** high.length > mostPieces) return undefined;
  let starts = [base];
  for (const bit of high) starts = starts.flatMap((start) => [start, start | bit]);
  return starts.map((start): AddressRange => [start, start + (1n << run) - 1n]);
}
