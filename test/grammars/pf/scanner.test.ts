import { describe, expect, it } from 'vitest';
import { PfScanner } from '../../../grammars/pf/scanner.ts';
import type { PfToken } from '../../../grammars/pf/tokens.ts';

function tokens(text: string, macros: Record<string, string> = {}): PfToken[] {
  const scanner = new PfScanner(text, new Map(Object.entries(macros)));
  const found: PfToken[] = [];
  for (let token = scanner.next(); token !== undefined; token = scanner.next()) found.push(token);
  return found;
}

const words = (text: string, macros?: Record<string, string>): string[] =>
  tokens(text, macros).map(({ image, tokenType }) => (tokenType.name === 'Newline' ? '⏎' : image));

const kinds = (text: string, macros?: Record<string, string>): string[] =>
  tokens(text, macros).map(({ tokenType, image }) => `${tokenType.name} ${image}`);

describe('the lexer of pfctl', () => {
  it('ends statements at line ends, joins lines at a backslash and drops other backslashes', () => {
    expect(words('pass in\nblock \\\n all')).toEqual(['pass', 'in', '⏎', 'block', 'all']);
    expect(words('p\\ass i\\\nn')).toEqual(['pass', 'in']);
  });

  it('carries a comment on to the next line behind a backslash', () => {
    expect(words('pass # all \\\nblock all\nmatch')).toEqual(['pass', '⏎', 'match']);
  });

  it('takes digits for a number only in front of a space, a bracket, a comma, a slash or =', () => {
    expect(kinds('22 80:90 010 10/8 {22}')).toEqual([
      'Number 22',
      'Text 80:90',
      'Number 010',
      'Number 10',
      'Slash /',
      'Number 8',
      'LBrace {',
      'Number 22',
      'RBrace }',
    ]);
    expect(kinds('22>< -5 ->')).toEqual(['Text 22', 'PortBinary ><', 'Number -5', 'Arrow ->']);
  });

  it('expands a macro as text that is read again, and goes on with the word behind it', () => {
    expect(words('on $if:network port { $p }', { if: 'em0', p: '22, 80' })).toEqual([
      'on',
      'em0:network',
      'port',
      '{',
      '22',
      ',',
      '80',
      '}',
    ]);
    expect(words('$net/24', { net: '10.0.0.0' })).toEqual(['10.0.0.0', '/', '24']);
  });

  it('does not expand a $ that comes out of a macro, nor one inside quotes or inside a word', () => {
    expect(words('$a', { a: 'x $b', b: 'y' })).toEqual(['x', '$', 'b']);
    expect(words('"$a" x$a', { a: 'y' })).toEqual(['$a', 'x$a']);
  });

  it('points from a macro to where it is used', () => {
    const [, port] = tokens('port $p\n', { p: '22' });
    expect([port!.startOffset, port!.endOffset, port!.expanded]).toEqual([5, 6, true]);
    const [joined] = tokens('$if:network x', { if: 'em0' });
    expect([joined!.startOffset, joined!.endOffset]).toEqual([0, 10]);
  });

  it('reads quotes of both kinds, drops line ends in them, and never takes them for keywords', () => {
    expect(kinds(`"pass" 'a "b"' "x\ny" "q\\"r"`)).toEqual([
      'Text pass',
      'Text a "b"',
      'Text xy',
      'Text q"r',
    ]);
    expect(kinds('"never closed')).toEqual(['OpenQuote never closed']);
  });

  it('marks undefined macros and unknown characters', () => {
    expect(kinds('$nothing @ é')).toEqual(['UndefinedMacro $nothing', 'Other @', 'Other é']);
  });
});
