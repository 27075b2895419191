import { expect, test } from 'vitest';
import { joinedPieces } from '../../src/cli/joined-pieces.ts';
import { jsonPieces } from '../../src/reporters/json-pieces.ts';

test('pieces are the text that they are of', () => {
  const value = {
    schemaVersion: 1,
    none: undefined,
    empty: [],
    changes: [{ ports: { from: 1, to: 2 }, from: [] }, 'x'.repeat(2 ** 21), null],
    summary: { opened: 1 },
  };
  const pieces = joinedPieces(jsonPieces(value), 'terminal');
  expect(pieces.length).toBeGreaterThan(1);
  expect(pieces.join('')).toBe(`${JSON.stringify(value, null, 2)}\n`);
});

test('a list of more sources than anybody can read is refused before it is made', () => {
  expect(() => joinedPieces([], 'terminal, markdown', 2 ** 30)).toThrow(
    /longer than 1 GiB.*ask for one that outlines them \(terminal, markdown\)/,
  );
});
