/** Programs that start another one with the words behind their own options and operands. */
interface Prefix {
  /** Options of one letter that take a value. */
  readonly letters: string;
  /** Long options that take a value, which may be a word of its own. */
  readonly long: readonly string[];
  /** Words between the options and the program. */
  readonly operands: number;
}

function prefix(letters = '', operands = 0, long = ''): Prefix {
  return { letters, operands, long: long === '' ? [] : long.split(' ') };
}

/* Options as in the manual pages of sudo 1.9, doas, coreutils 9, util-linux 2.38, procps, time, strace and systemd. */
const prefixes: ReadonlyMap<string, Prefix> = new Map([
  [
    'sudo',
    prefix(
      'CDghpRrTtuU',
      0,
      'close-from chdir group host prompt chroot role command-timeout type user other-user',
    ),
  ],
  ['doas', prefix('Cu')],
  ['env', prefix('uC', 0, 'unset chdir')],
  ['exec', prefix('a')],
  ['command', prefix()],
  ['builtin', prefix()],
  ['nohup', prefix()],
  ['time', prefix('fo', 0, 'format output')],
  ['nice', prefix('n', 0, 'adjustment')],
  ['ionice', prefix('cn', 0, 'class classdata')],
  ['chrt', prefix('TPD', 1, 'sched-runtime sched-period sched-deadline')],
  ['taskset', prefix('', 1)],
  ['timeout', prefix('ks', 1, 'kill-after signal')],
  ['flock', prefix('wE', 1, 'timeout wait conflict-exit-code')],
  ['setsid', prefix()],
  ['stdbuf', prefix('ioe', 0, 'input output error')],
  ['chroot', prefix('', 1, 'userspec groups')],
  ['strace', prefix('abeEIoOpPsSuX')],
  ['systemd-cat', prefix('tp', 0, 'identifier priority stderr-priority level-prefix')],
  ['busybox', prefix()],
  ['chronic', prefix()],
  // Names that scripts give to functions which run their arguments.
  ['do_cmd', prefix()],
  ['run', prefix()],
]);

/** What `command -v NAME` and the like only look up or list. */
const looksUp: ReadonlyMap<string, RegExp> = new Map([
  ['command', /^-[pvV]*[vV]/],
  ['sudo', /^(?:-[lvkKV]|--(?:list|validate|version|remove-timestamp|reset-timestamp))$/],
]);

export function programName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}

/** The first word of `words` behind the options that stand from `at` on. */
export function behindOptions(
  words: readonly string[],
  at: number,
  letters: string,
  long: readonly string[] = [],
): number {
  let next = at;
  while (next < words.length) {
    const word = words[next]!;
    if (word === '--') return next + 1;
    if (!word.startsWith('-') || word === '-') return next;
    if (word.startsWith('--')) next += long.includes(word.slice(2)) ? 2 : 1;
    else {
      const taking = [...(/^-([A-Za-z]*)/.exec(word)?.[1] ?? '')].findIndex((letter) =>
        letters.includes(letter),
      );
      // A value is what is left of the word, or the next one.
      next += taking >= 0 && taking === word.length - 2 ? 2 : 1;
    }
  }
  return next;
}

/** `command -v NAME`. */
export function isLookUp(words: readonly string[]): boolean {
  return words[0] === 'command' && looksUp.get('command')!.test(words[1] ?? '');
}

/** The words of the command itself, without what only starts it: `sudo -u root`, `timeout 5`, `flock FILE`. Empty if nothing is started. */
export function withoutPrefixes(words: readonly string[]): readonly string[] {
  let first = 0;
  for (;;) {
    const name = programName(words[first] ?? '');
    const known = prefixes.get(name);
    if (known === undefined) return first === 0 ? words : words.slice(first);
    const options = behindOptions(words, first + 1, known.letters, known.long);
    const lookUp = looksUp.get(name);
    if (lookUp !== undefined && words.slice(first + 1, options).some((word) => lookUp.test(word))) return [];
    let at = options;
    while (/^[A-Za-z_]\w*=/.test(words[at] ?? '')) at++;
    at += known.operands;
    // `flock FILE -c COMMANDS` gives the words to a shell.
    if (name === 'flock' && /^(?:-c|--command)$/.test(words[at] ?? ''))
      return ['sh', '-c', words[at + 1] ?? ''];
    first = at;
  }
}
