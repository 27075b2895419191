import { fc } from '../property-testing.ts';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { fitText, textWidth, wrapText } from '../../src/diagnostics/text-width.ts';
import { visibleText } from '../../src/diagnostics/visible-text.ts';

const scripts = fc.string({ unit: fc.constantFrom(...'aZ9 ~é日本語한글кт→…·٣אب́①Å€') });

describe('textWidth', () => {
  it('agrees with string-width on letters of many scripts', () => {
    fc.assert(
      fc.property(scripts, (text) => {
        expect(textWidth(visibleText(text))).toBe(stringWidth(visibleText(text)));
      }),
    );
  });
});

describe('fitText', () => {
  it('never takes more than the width, and keeps what fits whole', () => {
    fc.assert(
      fc.property(scripts, fc.nat(20), (text, width) => {
        expect(textWidth(fitText(text, width, '…'))).toBeLessThanOrEqual(width);
        if (textWidth(text) <= width) expect(fitText(text, width, '…')).toBe(text);
      }),
    );
  });
});

describe('wrapText', () => {
  it('loses no word', () => {
    expect(wrapText('one two three four', 9)).toEqual(['one two', 'three', 'four']);
    expect(wrapText('extraordinarily long', 5)).toEqual(['extraordinarily', 'long']);
    expect(wrapText('', 5)).toEqual([]);
  });
});

describe('visibleText', () => {
  it('shows what could deceive by its code', () => {
    expect(visibleText('a\tb\r\n\u0007\u009b\u202e\u200b\ud800\u{e0041}')).toBe(
      'a\\tb\\r\\n\\x07\\x9b\\u202e\\u200b\\ud800\\u{e0041}',
    );
  });

  it('leaves nothing that moves the cursor or turns the direction', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visibleText(text)).not.toMatch(/\p{Control}|\p{Surrogate}|\p{Bidi_Control}/u);
        expect(visibleText(text, { ascii: true })).toMatch(/^[ -~]*$/);
      }),
    );
  });
});
