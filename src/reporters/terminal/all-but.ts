import { parsePrefix, prefixesOf } from '../../packets/address-text.ts';
import { addressBits, type AddressRange, type Family } from '../../packets/fields.ts';

/** Lists up to this long are whole already when they are read. */
const readable = 4;
/** A list with more gaps than `mostMissing` prefixes is usually longer than this; looking through it would be in vain. */
const longest = 300;
const mostMissing = 2;
/** What the two largest prefixes that may be missing leave over: a half and a quarter. */
const leastShare = 1 / 4;

/**
 * For a list of prefixes that leaves out at most two: these two. `0.0.0.0/1, 128.0.0.0/2, …` of 32 prefixes says nothing to a reader who
 * would see at once what "anywhere but 203.0.113.66" means. Undefined for any other list, and for one that is short enough to read.
 */
export function missingPrefixes(prefixes: readonly string[]): readonly string[] | undefined {
  if (prefixes.length <= readable || prefixes.length > longest) return undefined;
  if (sharesOf(prefixes) < leastShare) return undefined;
  const ranges: AddressRange[] = [];
  let family: Family | undefined;
  for (const text of prefixes) {
    const parsed = parsePrefix(text);
    if (parsed === undefined || (family !== undefined && parsed.family !== family)) return undefined;
    family = parsed.family;
    ranges.push(parsed.range);
  }
  if (family === undefined) return undefined;
  const missing: string[] = [];
  let next = 0n;
  const end = 1n << BigInt(addressBits[family]);
  ranges.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  for (const [from, to] of [...ranges, [end, end] as const]) {
    if (from > next) missing.push(...prefixesOf([next, from - 1n], family));
    if (missing.length > mostMissing) return undefined;
    if (to >= next) next = to + 1n;
  }
  return missing;
}

/** At least the part of all addresses that is in the list; what is no prefix counts as all. Most lists hold little, which takes no parsing. */
function sharesOf(prefixes: readonly string[]): number {
  let share = 0;
  for (const text of prefixes) {
    const slash = text.indexOf('/');
    const length = slash < 0 ? 32 : Number(text.slice(slash + 1));
    share += length >= 0 ? 2 ** -length : 1;
  }
  return share;
}
