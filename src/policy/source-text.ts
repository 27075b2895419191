import { parseAddress, parsePrefix } from '../packets/address-text.ts';
import { addressBits } from '../packets/fields.ts';
import type { AddressRange } from '../packets/fields.ts';

/** A masked address of more pieces than this is taken for the whole range from its first to its last address. */
const mostPieces = 65_536;

/**
 * The addresses that a report's source names: an address, a prefix, or an address with a mask that is no prefix
 * (`10.0.0.5/255.0.0.255`, as iptables allows), which is many ranges.
 */
export function sourceRanges(text: string): readonly AddressRange[] {
  const prefix = parsePrefix(text);
  if (prefix !== undefined) return [prefix.range];
  const [valueText = '', maskText = ''] = text.split('/');
  const value = parseAddress(valueText);
  const mask = parseAddress(maskText);
  if (value === undefined || mask === undefined)
    throw new Error(`a report row has the impossible source ${text}`);
  const bits = addressBits[value.family];
  const ones = (1n << BigInt(bits)) - 1n;
  const free = ones & ~mask.address;
  const base = value.address & mask.address;
  // Free bits at the low end are runs; the free bits above them multiply the runs.
  let run = 0n;
  while (((free >> run) & 1n) === 1n) run++;
  const high: bigint[] = [];
  for (let bit = run; bit < BigInt(bits); bit++) if (((free >> bit) & 1n) === 1n) high.push(1n << bit);
  if (2 ** high.length > mostPieces) return [[base, base | free]];
  let starts = [base];
  for (const bit of high) starts = starts.flatMap((start) => [start, start | bit]);
  return starts.map((start): AddressRange => [start, start + (1n << run) - 1n]);
}
