import { expect, it } from 'vitest';
import { lineStarts } from '../../src/source/source.ts';
import { fc } from '../property-testing.ts';

it('lines begin behind a line feed, or behind a carriage return that no line feed follows', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r', '\r\n'), maxLength: 60 });
  fc.assert(
    fc.property(text, (whole) => {
      const starts = [0, ...[...whole.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length)];
      expect([...lineStarts({ id: 0, path: '', text: whole, encoding: 'utf-8' })]).toEqual(starts);
    }),
  );
});
