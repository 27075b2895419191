import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { beforeAll, expect, test } from 'vitest';
import { lineShape } from '../../../grammars/iptables/line-shape.ts';
import { validateGrammarsFromNowOn } from '../../../grammars/shared/strict-parser.ts';
import { shapeByGrammar } from './restore-grammar.ts';

beforeAll(() => {
  validateGrammarsFromNowOn();
});

test('every line of the fixtures has the shape that the grammar gives it', () => {
  const lines = globSync('fixtures/iptables/*/input*').flatMap((path) =>
    readFileSync(path, 'utf8').split(/\r?\n/),
  );
  expect(lines.length).toBeGreaterThan(500);
  for (const line of new Set(lines)) expect(lineShape(line), line).toEqual(shapeByGrammar(line));
});

test('any line has the shape that the grammar gives it', () => {
  const piece = fc.constantFrom(
    ...['*', ':', '-', '--', '!', '[', ']', '[0:0]', '[12:720]', '"', '\\', ' ', '  ', '\t', '\r', '\n'],
    ...[
      '-A INPUT',
      '-j',
      'ACCEPT',
      'filter',
      'COMMIT',
      'DROP',
      'a',
      'é',
      '\u4e2d',
      '"a b"',
      '"a \\" b"',
      '#',
      '1:2',
    ],
  );
  const line = fc.oneof(
    { weight: 5, arbitrary: fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')) },
    { weight: 2, arbitrary: fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(' ')) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  );
  fc.assert(
    fc.property(line, (text) => {
      expect(lineShape(text)).toEqual(shapeByGrammar(text));
    }),
    { numRuns: 5000 },
  );
});
