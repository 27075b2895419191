import { beforeAll, describe, expect, test } from 'vitest';
import { parseShell } from '../../../grammars/iptables/shell-parser.ts';
import type { ShellStatement } from '../../../grammars/iptables/shell-syntax.ts';
import { validateGrammarsFromNowOn } from '../../../grammars/shared/strict-parser.ts';

beforeAll(() => {
  validateGrammarsFromNowOn();
});

function outline(text: string): unknown {
  const { statements, lostAt } = parseShell(text);
  expect(lostAt).toBeUndefined();
  return statements.map((statement) => shape(text, statement));
}

function shape(text: string, statement: ShellStatement): unknown {
  const all = (statements: readonly ShellStatement[]): unknown =>
    statements.map((inner) => shape(text, inner));
  switch (statement.kind) {
    case 'simple':
      return text.slice(statement.start, statement.end);
    case 'pipeline':
      return { pipe: all(statement.parts) };
    case 'and':
    case 'or':
      return { [statement.kind]: all([statement.left, statement.right]) };
    case 'if':
      return {
        if: statement.branches.map((branch) => [all(branch.condition), all(branch.body)]),
        else: all(statement.otherwise),
      };
    case 'for':
      return { for: statement.name, items: statement.items?.length, body: all(statement.body) };
    case 'while':
      return { while: all(statement.condition), body: all(statement.body) };
    case 'case':
      return { case: statement.arms.map((arm) => all(arm.body)) };
    case 'function':
      return { function: statement.name, body: shape(text, statement.body) };
    case 'group':
      return all(statement.body);
  }
}

describe('shell scripts', () => {
  test('commands, separators and comments', () => {
    expect(outline('a b; c # d\n\ne \\\n f & g')).toEqual(['a b', 'c', 'e \\\n f', 'g']);
  });

  test('lists and pipelines', () => {
    expect(outline('a && b || c | d')).toEqual([{ or: [{ and: ['a', 'b'] }, { pipe: ['c', 'd'] }] }]);
  });

  test('compound commands', () => {
    expect(
      outline('if a; then b; elif c; then d; else e; fi\nfor x in 1 2; do f $x; done\nwhile g; do h; done'),
    ).toEqual([
      {
        if: [
          [['a'], ['b']],
          [['c'], ['d']],
        ],
        else: ['e'],
      },
      { for: 'x', items: 2, body: ['f $x'] },
      { while: ['g'], body: ['h'] },
    ]);
    expect(outline('case "$1" in\n start|up) a; b ;;\n *) c\n;;\nesac')).toEqual([
      { case: [['a', 'b'], ['c']] },
    ]);
    expect(outline('f() { a; b; }\nfunction g { c\n}')).toEqual([
      { function: 'f', body: ['a', 'b'] },
      { function: 'g', body: ['c'] },
    ]);
  });

  test('a here-document is no part of the commands', () => {
    const text = 'cat <<EOF | a\nif then\nEOF\nb';
    expect(outline(text)).toEqual([{ pipe: ['cat <<EOF', 'a'] }, 'b']);
  });

  test('quotes and expansions are pieces of one word', () => {
    const { statements } = parseShell(`a 'b c'"d $e \${f:-g}"$(h i)\\ j`);
    const [first] = statements;
    if (first?.kind !== 'simple') throw new Error('no command');
    expect(first.words[1]?.parts.map((part) => (part.kind === 'text' ? part.text : part.kind))).toEqual([
      'b c',
      'd ',
      'variable',
      ' ',
      'variable',
      'command',
      ' ',
      'j',
    ]);
  });

  test('a structure that cannot be read leaves its commands', () => {
    const { statements, lostAt } = parseShell('if a; then\niptables -F\n');
    expect(lostAt).toBeDefined();
    expect(statements.map((statement) => statement.kind)).toEqual(['simple', 'simple']);
  });

  test('deep nesting is no way to break it', () => {
    const { statements, lostAt } = parseShell(`${'( '.repeat(50000)}a`);
    expect(lostAt).toBeDefined();
    expect(statements).toHaveLength(1);
  });
});
