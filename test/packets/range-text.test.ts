import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../src/packets/address-text.ts';
import { parseRangeText } from '../../src/packets/range-text.ts';

const shown = (text: string): string | undefined => {
  const found = parseRangeText(text);
  if (found === undefined) return undefined;
  const [from, to] = found.range.map((end) => formatAddress(end, found.family));
  return `${from!} to ${to!}${found.hostBits === undefined ? '' : `, better ${found.hostBits}`}`;
};

describe('parseRangeText', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1 to 192.0.2.1'],
    ['192.0.2.0/24', '192.0.2.0 to 192.0.2.255'],
    ['10.1.2.3/8', '10.0.0.0 to 10.255.255.255, better 10.0.0.0/8'],
    ['192.0.2.1-192.0.2.9', '192.0.2.1 to 192.0.2.9'],
    ['2001:db8::/32', '2001:db8:: to 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db8::1/32', '2001:db8:: to 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff, better 2001:db8::/32'],
  ])('%s is %s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it.each([
    '',
    '10',
    '10/8',
    '010.0.0.1',
    '192.0.2.0/024',
    '192.0.2.0/33',
    '192.0.2.9-192.0.2.1',
    'any',
    '::1-10.0.0.1',
  ])('%j is none', (text) => {
    expect(shown(text)).toBeUndefined();
  });
});
