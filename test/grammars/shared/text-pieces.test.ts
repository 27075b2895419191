import { describe, expect, it } from 'vitest';
import { InternedText } from '../../../grammars/shared/interned-text.ts';
import { LineEnds } from '../../../grammars/shared/line-ends.ts';
import { fc } from '../../property-testing.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r', '\r\n', 'é', '中'), maxLength: 60 });

describe('interned text', () => {
  it('gives every piece as it stands', () => {
    fc.assert(
      fc.property(text, fc.array(fc.tuple(fc.nat(60), fc.nat(60))), (whole, cuts) => {
        const pieces = new InternedText(whole);
        for (const [a, b] of cuts) {
          const start = Math.min(a, b, whole.length);
          const end = Math.min(Math.max(a, b), whole.length);
          expect(pieces.of(start, end)).toBe(whole.slice(start, end));
        }
      }),
    );
  });

  it('keeps more pieces than it has room for at first', () => {
    const words = Array.from({ length: 5000 }, (_, i) => String(10_000 + i));
    const pieces = new InternedText(words.join('').repeat(2));
    for (const again of [0, words.length]) {
      words.forEach((word, i) => expect(pieces.of((again + i) * 5, (again + i) * 5 + 5)).toBe(word));
    }
  });
});

describe('line ends', () => {
  it('are where a line feed or a carriage return stands', () => {
    fc.assert(
      fc.property(text, (whole) => {
        const ends = new LineEnds(whole);
        for (let at = 0; at < whole.length; at++) {
          const found = whole.slice(at).search(/[\r\n]/);
          expect(ends.after(at)).toBe(found < 0 ? whole.length : at + found);
        }
      }),
    );
  });
});
