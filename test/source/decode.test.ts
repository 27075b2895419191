import { fc } from '../property-testing.ts';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/source/decode.ts';
import { positionAt } from '../../src/source/source.ts';

const rules = '*filter\n-A INPUT -m comment --comment "Zähler ☎ 𝄞" -j ACCEPT\nCOMMIT\n';

function bytesOf(text: string, encoding: 'utf8' | 'utf16le' | 'utf16be', mark = false): Uint8Array {
  const marked = mark ? `\ufeff${text}` : text;
  if (encoding === 'utf16be') return Buffer.from(marked, 'utf16le').swap16();
  return Buffer.from(marked, encoding);
}

function textOf(bytes: Uint8Array): string {
  const decoded = decode(bytes, 'x', 0);
  if (decoded.kind !== 'text') throw new Error(decoded.diagnostic.message);
  return decoded.source.text;
}

describe('decode', () => {
  it.each([
    ['utf-8', bytesOf(rules, 'utf8')],
    ['utf-8-bom', bytesOf(rules, 'utf8', true)],
    ['utf-16le', bytesOf(rules, 'utf16le', true)],
    ['utf-16be', bytesOf(rules, 'utf16be', true)],
    ['utf-16le', bytesOf(rules, 'utf16le')],
    ['utf-16be', bytesOf(rules, 'utf16be')],
  ])('reads %s, with or without a mark', (encoding, bytes) => {
    const decoded = decode(bytes, 'rules.txt', 3);
    expect(decoded).toEqual({
      kind: 'text',
      source: { id: 3, path: 'rules.txt', text: rules, encoding },
      notes: [],
    });
  });

  it('reads the empty input', () => {
    expect(textOf(new Uint8Array())).toBe('');
  });

  it('reads a view into a larger buffer', () => {
    const large = Buffer.from('xx-A INPUTyy');
    expect(textOf(new Uint8Array(large.buffer, large.byteOffset + 2, 8))).toBe('-A INPUT');
  });

  it('refuses a NUL byte and says where it is', () => {
    const decoded = decode(Buffer.from('*filter\n-A INPUT é -s 10.0.0.1\0/8 -j DROP\nCOMMIT\n'), 'r', 0);
    if (decoded.kind !== 'refused') throw new Error('must be refused');
    expect(decoded.diagnostic.code).toBe('FW1002');
    expect(positionAt(decoded.source, decoded.diagnostic.span!.start)).toEqual({ line: 2, column: 23 });
    expect(decoded.source.text).toBe('*filter\n-A INPUT é -s 10.0.0.1\0/8 -j DROP');
  });

  it('does not take a lone NUL for UTF-16', () => {
    expect(decode(Buffer.from('a\0'), 'r', 0).kind).toBe('refused');
    expect(decode(Buffer.from('ab\0c'), 'r', 0).kind).toBe('refused');
  });

  it('refuses broken UTF-16', () => {
    const message = (bytes: Uint8Array): string => {
      const decoded = decode(bytes, 'r', 0);
      return decoded.kind === 'refused' ? decoded.diagnostic.message : 'read';
    };
    expect(message(bytesOf('ab\ncd', 'utf16le', true).subarray(0, 11))).toContain('middle of a character');
    expect(message(bytesOf('ab\ud800c', 'utf16le', true))).toContain('surrogate');
    expect(message(bytesOf('ab\0c', 'utf16be', true))).toContain('NUL');
    expect(message(Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]))).toContain('UTF-32');
  });

  it('reads what a Windows console wrote', () => {
    const oem = decode(Buffer.from('Regelname: Datei- und Druckerfreigabe f\x81r B\x81ro', 'latin1'), 'r', 0);
    expect(oem).toMatchObject({
      kind: 'text',
      source: { encoding: 'oem', text: 'Regelname: Datei- und Druckerfreigabe für Büro' },
      notes: [{ code: 'FW1011', severity: 'note', span: { start: 39, end: 40 } }],
    });
  });

  it('reads Windows-1252', () => {
    const decoded = decode(Buffer.from('comment "f\xfcr B\xfcro \x96 \x80 5"', 'latin1'), 'r', 0);
    expect(decoded).toMatchObject({
      kind: 'text',
      source: { encoding: 'windows-1252', text: 'comment "für Büro – € 5"' },
      notes: [{ code: 'FW1011' }],
    });
  });

  it('refuses what is no text in any code page, at the first bad byte', () => {
    const decoded = decode(Buffer.from([0x61, 0x0a, 0x62, 0xff, 0x01, 0x02]), 'r', 0);
    expect(decoded).toMatchObject({
      kind: 'refused',
      diagnostic: { code: 'FW1002', span: { start: 3, end: 4 } },
    });
  });

  it('refuses more bytes than allowed', () => {
    expect(decode(Buffer.from('12345'), 'r', 0, { maxSize: 4 })).toMatchObject({
      kind: 'refused',
      diagnostic: { code: 'FW1006' },
    });
    expect(decode(Buffer.from('1234'), 'r', 0, { maxSize: 4 }).kind).toBe('text');
  });

  it('gives back every text that was encoded as UTF-8 without NUL', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.includes('\0') && !text.startsWith('\ufeff') && !/\p{Surrogate}/u.test(text));
        // Bytes FF FE cannot begin UTF-8, so a mark is never mistaken.
        expect(textOf(bytesOf(text, 'utf8'))).toBe(text);
      }),
    );
  });

  it('gives back every marked UTF-16 text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('utf16le', 'utf16be'), (text, encoding) => {
        fc.pre(!text.includes('\0') && !/\p{Surrogate}/u.test(text));
        expect(textOf(bytesOf(text, encoding as 'utf16le' | 'utf16be', true))).toBe(text);
      }),
    );
  });

  it('answers for any bytes, and points into the text it shows', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decode(bytes, 'r', 0);
        if (decoded.kind === 'refused') {
          const { start, end } = decoded.diagnostic.span!;
          expect(start).toBeLessThanOrEqual(decoded.source.text.length);
          expect(end).toBeGreaterThanOrEqual(start);
        } else expect(decoded.source.text).not.toContain('\0');
      }),
      { numRuns: 500 },
    );
  });
});
