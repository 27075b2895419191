import { describe, expect, it } from 'vitest';
import { codeFrame, lineFrame } from '../../src/diagnostics/code-frame.ts';
import { decode } from '../../src/source/decode.ts';

function sourceOf(text: string) {
  const decoded = decode(Buffer.from(text), 'r', 0);
  return decoded.source;
}

describe('codeFrame', () => {
  it('marks the span', () => {
    const text = '*filter\n-A INPUT -m foo -j ACCEPT\n';
    expect(codeFrame(sourceOf(text), { source: 0, start: 17, end: 23 })).toBe(
      ['    2 | -A INPUT -m foo -j ACCEPT', '      |          ^^^^^^'].join('\n'),
    );
  });

  it('shows control and bidirectional characters by their code, and the carets below the codes', () => {
    const text = 'a \u001b[31m \u202e x';
    expect(codeFrame(sourceOf(text), { source: 0, start: 2, end: 3 })).toBe(
      ['    1 | a \\x1b[31m \\u202e x', '      |   ^^^^'].join('\n'),
    );
  });

  it('counts wide characters as terminals do', () => {
    expect(lineFrame('日本 x', 1, 4, 1)).toBe(['    1 | 日本 x', '      |      ^'].join('\n'));
  });

  it('cuts a long line around the place', () => {
    const text = `${'a'.repeat(5000)}HERE${'b'.repeat(5000)}`;
    const [line = '', carets = ''] = codeFrame(
      sourceOf(text),
      { source: 0, start: 5000, end: 5004 },
      { columns: 60 },
    ).split('\n');
    expect(line.length).toBeLessThanOrEqual(60);
    expect(line.indexOf('HERE')).toBe(carets.indexOf('^^^^'));
    expect(line).toMatch(/^ {4}1 \| …a+HEREb+…$/);
  });

  it('marks the end of a line, an empty line and the end of the text', () => {
    expect(codeFrame(sourceOf('ab'), { source: 0, start: 2, end: 2 })).toBe('    1 | ab\n      |   ^');
    expect(codeFrame(sourceOf(''), { source: 0, start: 0, end: 0 })).toBe('    1 | \n      | ^');
    expect(codeFrame(sourceOf('a\n'), { source: 0, start: 99, end: 120 })).toBe('    2 | \n      | ^');
  });

  it('keeps to ASCII when asked', () => {
    expect(lineFrame('Zähler', 1, 1, 6, { ascii: true })).toBe('    1 | Z\\xe4hler\n      | ^^^^^^^^^');
  });
});
