import { fc } from '../../property-testing.ts';
import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { beforeAll, describe, expect, test } from 'vitest';
import { isPlain, itemPattern, plainLine } from '../../../grammars/iptables/line-shape.ts';
import { readLine } from '../../../grammars/iptables/restore-grammar.ts';
import { splitWords } from '../../../grammars/iptables/words.ts';
import { validateGrammarsFromNowOn } from '../../../grammars/shared/strict-parser.ts';

beforeAll(() => {
  validateGrammarsFromNowOn();
});

/** Nearly a line of iptables-save: its pieces in any order. */
const piece = fc.constantFrom(
  ...['*', ':', '-', '--', '!', '[', ']', '[0:0]', '[12:720]', '"', '""', '\\', ' ', '  ', '\t', '\r'],
  ...[
    '-A INPUT',
    '-j',
    'ACCEPT',
    'filter',
    'COMMIT',
    'DROP',
    '*nat',
    ':INPUT',
    'a',
    'é',
    '\u4e2d',
    '#',
    '1:2',
  ],
  ...['"a b"', '"a \\" b"', 'a"b"', '"-j"'],
);
const randomLine = fc.oneof(
  { weight: 5, arbitrary: fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')) },
  { weight: 4, arbitrary: fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(' ')) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replace(/\n/g, '')),
  },
);

describe('the scanner and the grammar', () => {
  test('agree on every line of the fixtures, and all but a few are plain', () => {
    const lines = globSync('fixtures/iptables/*/input*').flatMap((path) =>
      readFileSync(path, 'utf8').split(/\r?\n/),
    );
    const plain = lines.filter((line) => line !== '' && plainLine(line) !== undefined);
    expect(plain.length).toBeGreaterThan(300);
    for (const line of new Set(plain)) expect(readLine(line), line).toStrictEqual(plainLine(line));
  });

  test('agree on any line that the scanner recognises', () => {
    let recognised = 0;
    fc.assert(
      fc.property(randomLine, (line) => {
        const plain = plainLine(line);
        if (plain === undefined) return;
        recognised++;
        expect(readLine(line)).toStrictEqual(plain);
      }),
      { numRuns: 5000 },
    );
    expect(recognised).toBeGreaterThan(100);
  });

  test('the items that the scanner finds are those of the pattern, on any line', () => {
    const items = new RegExp(`^(?:\\[\\d+:\\d+\\])?[ \\t]*(?:${itemPattern.source}[ \\t]*)+$`);
    let commands = 0;
    fc.assert(
      fc.property(randomLine, (line) => {
        const isCommand = plainLine(line)?.kind === 'command';
        if (isCommand) commands++;
        expect(isCommand).toBe(items.test(line));
      }),
      { numRuns: 5000 },
    );
    expect(commands).toBeGreaterThan(100);
  });

  test.each([
    '*filter',
    ':INPUT DROP [12:720]',
    ':f2b-ssh - [0:0]',
    ':a"b -',
    'COMMIT',
    '[1:2] -A INPUT -s 10.0.0.0/8 ! -i lo -m comment --comment "a \\" b" -j DROP',
    '-P INPUT DROP',
    '# a comment "',
    '',
  ])('%j is plain', (line) => {
    expect(isPlain(line)).toBe(true);
  });
});

describe('the grammar', () => {
  test('cuts the words of a command as iptables-restore does, on any line', () => {
    let commands = 0;
    fc.assert(
      fc.property(randomLine, (line) => {
        const read = readLine(line);
        if (read.kind !== 'words' && read.kind !== 'command') return;
        commands++;
        const stray =
          read.kind === 'words' && read.problems.some(({ kind }) => kind === 'stray-word') ? 'skipped' : '';
        const words =
          read.kind === 'words' ? read.words : read.items.flatMap((item) => splitWords(item).words);
        const all = splitWords(line.replace(/^[ \t]*\[[^\]:]*:[^\]]*\]/, ''));
        // What stands before the first option is a problem of its own.
        if (stray === '') expect(words).toStrictEqual(all.words);
        else expect(all.words.join('\0').endsWith(words.join('\0'))).toBe(true);
        const open = read.kind === 'words' && read.problems.some(({ kind }) => kind === 'unterminated-quote');
        expect(open).toBe(all.unterminated);
      }),
      { numRuns: 5000 },
    );
    expect(commands).toBeGreaterThan(500);
  });

  test('says of any line that it refuses where, what was read and what was expected', () => {
    fc.assert(
      fc.property(randomLine, (line) => {
        const { fault } = readLine(line);
        if (fault === undefined) return;
        expect(line.slice(fault.start, fault.end)).toBe(fault.read);
        expect(fault.start === fault.end).toBe(fault.start === line.length);
        expect(fault.expected).not.toBe('');
      }),
      { numRuns: 3000 },
    );
  });

  /* Each of them was given to iptables-legacy-restore and iptables-nft-restore 1.8.9, which refuse it. */
  test.each([
    ['*', 'unknown', 1, '', 'a name behind "*" or ":"'],
    [':', 'unknown', 1, '', 'a name behind "*" or ":"'],
    [':INPUT', 'chain', 6, '', 'a policy: ACCEPT or DROP, or "-" for a chain that is not built in'],
    ['COMMIT now', 'unknown', 7, 'now', 'the end of the line'],
    ['COMMIT ', 'commit', 6, ' ', 'no blanks behind COMMIT'],
    ['\tCOMMIT', 'commit', 0, '\t', 'no blanks before "COMMIT"'],
    [' :X - [0:0]', 'chain', 0, ' ', 'no blanks before ":"'],
    [' *filter', 'table', 0, ' ', 'no blanks before "*"'],
    [' [0:0] -A INPUT', 'command', 0, ' ', 'no blanks before "[0:0]"'],
    [' \t', 'blank', 0, ' \t', 'no blanks alone on a line'],
    ['[0:0]', 'unknown', 5, '', 'an option such as -A CHAIN'],
    ['[0:0] now', 'unknown', 6, 'now', 'an option such as -A CHAIN'],
    ['[0:0', 'unknown', 0, '[0:0', 'counters of packets and bytes as in [0:0]'],
    ['!', 'unknown', 0, '!', 'an option such as -A CHAIN'],
    [
      ' # foo',
      'unknown',
      1,
      '#',
      'a table (*filter), a chain (:NAME POLICY), a rule (-A CHAIN ...) or COMMIT',
    ],
    [
      'say "hello',
      'unknown',
      0,
      'say',
      'a table (*filter), a chain (:NAME POLICY), a rule (-A CHAIN ...) or COMMIT',
    ],
  ])('%j is refused: %s, at %d %j, expected %s', (line, kind, start, read, expected) => {
    const shape = readLine(line);
    expect(shape.kind).toBe(kind);
    expect(shape.fault).toMatchObject({ start, read, expected });
    expect(isPlain(line)).toBe(false);
  });

  test('a chain without a policy is a chain, whatever stands in its place', () => {
    const fault = { kind: 'unexpected', start: 7, end: 12, read: '[0:0]' };
    expect(readLine(':INPUT [0:0]')).toMatchObject({
      kind: 'chain',
      name: 'INPUT',
      policy: undefined,
      fault,
    });
  });

  test.each([
    [
      '[0:0 -A INPUT -j DROP',
      '[0:0',
      'counters of packets and bytes as in [0:0]',
      ['-A', 'INPUT', '-j', 'DROP'],
    ],
    [
      'iptables -A INPUT -j DROP',
      'iptables',
      'a table (*filter), a chain (:NAME POLICY), a rule (-A CHAIN ...) or COMMIT',
      ['-A', 'INPUT', '-j', 'DROP'],
    ],
  ])('%j goes on at its first option', (line, word, detail, words) => {
    expect(readLine(line)).toStrictEqual({
      kind: 'words',
      words,
      problems: [{ kind: 'stray-word', word, detail }],
    });
  });

  /* Both tools take these. */
  test.each([
    ['*filter and more', { kind: 'table', name: 'filter' }],
    ['* filter', { kind: 'table', name: 'filter' }],
    [': X - [0:0]', { kind: 'chain', name: 'X', policy: '-' }],
    [':INPUT DROP [0:0] -x :y *z "', { kind: 'chain', name: 'INPUT', policy: 'DROP' }],
    ['[x:y]-A INPUT', { kind: 'command', items: ['-A INPUT'] }],
    ['"-A" INPUT', { kind: 'words', words: ['-A', 'INPUT'], problems: [] }],
    ['-A INPUT"" -j DROP', { kind: 'words', words: ['-A', 'INPUT', '-j', 'DROP'], problems: [] }],
    ['-A INPUT -p ! tcp', { kind: 'words', words: ['-A', 'INPUT', '-p', '!', 'tcp'], problems: [] }],
    [
      '-A INPUT --comment "open -j DROP',
      {
        kind: 'words',
        words: ['-A', 'INPUT', '--comment', 'open -j DROP'],
        problems: [{ kind: 'unterminated-quote', word: '"open -j DROP', detail: 'a closing "' }],
      },
    ],
  ])('%j is taken', (line, shape) => {
    expect(readLine(line)).toStrictEqual(shape);
  });

  test('takes time in proportion to the line', () => {
    const seconds = (line: string): number => {
      const start = process.cpuUsage();
      readLine(line);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1e6;
    };
    const hard = ['-a "\\', '"', '-a "x', '! ', '[', 'a"\\"', '-', '"-\\"', '""'];
    for (const text of hard)
      expect(seconds(`-A ${text.repeat(100_000 / text.length)}`), text).toBeLessThan(2);
  });
});
