import { expect, test } from 'vitest';
import { maskedRanges, sourceRanges } from '../../src/policy/source-text.ts';

test('a policy takes the masks that a report writes', () => {
  expect(maskedRanges('10.0.0.5/255.0.0.255')?.ranges.length).toBe(65_536);
  expect(maskedRanges('10.0.0.4/255.255.255.253')).toEqual({
    family: 'ipv4',
    ranges: [
      [0x0a000004n, 0x0a000004n],
      [0x0a000006n, 0x0a000006n],
    ],
  });
});

test('but none of more pieces than it can look at, where a report takes the whole range', () => {
  expect(maskedRanges('0.0.0.1/0.0.0.1')).toBeUndefined();
  expect(sourceRanges('0.0.0.1/0.0.0.1')).toEqual([[1n, 0xffffffffn]]);
});

test.each(['10.0.0.1/2001:db8::', '10.0.0.1/255.0.0.255/8', 'host/255.0.0.255'])('nor %s', (text) => {
  expect(maskedRanges(text)).toBeUndefined();
});
