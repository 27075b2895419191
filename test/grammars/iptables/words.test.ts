import { describe, expect, test } from 'vitest';
import { splitWords } from '../../../grammars/iptables/words.ts';

/* Expected words are what iptables-restore 1.8.9 makes of each line. */
describe('words as iptables-restore cuts them', () => {
  const cases: readonly [line: string, words: readonly string[]][] = [
    ['-A INPUT -j ACCEPT', ['-A', 'INPUT', '-j', 'ACCEPT']],
    ['-A\tINPUT   -j  ACCEPT ', ['-A', 'INPUT', '-j', 'ACCEPT']],
    ['--comment "a b" -j DROP', ['--comment', 'a b', '-j', 'DROP']],
    ['--comment "a \\"b\\" \\\\ \\\'"', ['--comment', 'a "b" \\ \'']],
    ['--comment ""', ['--comment', '']],
    ["--comment 'a b'", ['--comment', "'a", "b'"]],
    ['--comment a\\ b', ['--comment', 'a\\', 'b']],
    ['--comment ab"cd"ef', ['--comment', 'abcd', 'ef']],
  ];
  test.each(cases)('%s', (line, words) => {
    expect(splitWords(line)).toEqual({ words, unterminated: false });
  });

  test('an open quote takes the rest of the line', () => {
    expect(splitWords('--comment "ab -j ACCEPT')).toEqual({
      words: ['--comment', 'ab -j ACCEPT'],
      unterminated: true,
    });
  });
});
