import type { AddressRange, Family } from '../packets/fields.ts';
import type { Exposure, Scope } from '../report/report.ts';
import { parsePrefix } from '../packets/address-text.ts';
import { sourceRanges } from './source-text.ts';

const ranges = (...texts: readonly string[]): readonly AddressRange[] =>
  texts.map((text) => parsePrefix(text)!.range);

const loopback: Readonly<Record<Family, readonly AddressRange[]>> = {
  ipv4: ranges('127.0.0.0/8'),
  ipv6: ranges('::1'),
};

/** Networks that nobody on the internet can send from (RFC 1918, 3927, 6598, 4193, 4291). */
const privateRanges: Readonly<Record<Family, readonly AddressRange[]>> = {
  ipv4: ranges(
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.168.0.0/16',
  ),
  ipv6: ranges('::1', 'fc00::/7', 'fe80::/10'),
};

/** The widest source that a row lets in. */
export function scopeOf(row: Pick<Exposure, 'from' | 'family'>): Scope {
  let widest: Scope = 'loopback';
  for (const { sources } of row.from) {
    if (sources === undefined) return 'internet';
    for (const range of sources.flatMap(sourceRanges)) {
      const scope = scopeOfRange(range, row.family);
      if (order.indexOf(scope) > order.indexOf(widest)) widest = scope;
    }
  }
  return widest;
}

const order: readonly Scope[] = ['loopback', 'specific', 'private', 'internet'];

function scopeOfRange(range: AddressRange, family: Family): Scope {
  const within = (set: readonly AddressRange[]): boolean =>
    set.some(([from, to]) => from <= range[0] && range[1] <= to);
  if (within(loopback[family])) return 'loopback';
  if (range[0] === range[1]) return 'specific';
  return within(privateRanges[family]) ? 'private' : 'internet';
}
