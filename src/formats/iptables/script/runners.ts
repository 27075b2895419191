import { unresolved } from '../lowering.ts';
import { behindOptions, programName, withoutPrefixes } from './prefixes.ts';

/** What a command gives to a shell or starts: once, or once for each of something that the script does not tell. */
export interface Run {
  /** Text for a shell, or the words of one command. */
  readonly what: string | readonly string[];
  /** A shell of its own, which knows none of the script's variables; `$1` and on for it. */
  readonly positional?: readonly string[];
  /** Why it may not run, or not as it stands here. */
  readonly uncertain?: string;
}

const shells = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'mksh', 'zsh']);

export function isShell(program: string): boolean {
  return shells.has(programName(program));
}

/**
 * What a command runs that other commands are handed to: `eval`, `sh -c`, `xargs`, `find -exec`. `input` is what it reads, where the
 * script tells. Undefined for any other command.
 */
export function runsOf(words: readonly string[], input: string | undefined): readonly Run[] | undefined {
  const [first = '', ...args] = words;
  const name = programName(first);
  if (shells.has(name)) return shell(args, input);
  switch (name) {
    case 'eval':
      return [{ what: args.join(' ') }];
    case 'su':
    case 'runuser':
    case 'sg':
    case 'script':
      return switchUser(name, words);
    case 'watch':
      return [{ what: words.slice(behindOptions(words, 1, 'nq', ['interval'])).join(' '), positional: [] }];
    case 'xargs':
      return xargs(words, input);
    case 'find':
      return find(args);
    case 'parallel':
      return parallel(words, input);
    default:
      return undefined;
  }
}

/** `sh -c CODE NAME ARGS`, and a shell that reads its commands. */
function shell(args: readonly string[], input: string | undefined): readonly Run[] | undefined {
  for (const [i, arg] of args.entries()) {
    if (/^-[a-zA-Z]*c[a-zA-Z]*$/.test(arg)) {
      const at = args.findIndex((other, j) => j > i && !/^-[a-zA-Z]/.test(other));
      return at < 0 ? [] : [{ what: args[at]!, positional: args.slice(at + 2) }];
    }
    if (!/^[-+]/.test(arg)) return undefined;
    if (/^-[a-zA-Z]*s/.test(arg)) break;
  }
  return input === undefined ? undefined : [{ what: input, positional: [] }];
}

/** `su USER -c CODE`, `runuser -u USER -- COMMAND`, `sg GROUP CODE`, `script -c CODE FILE`. */
function switchUser(name: string, words: readonly string[]): readonly Run[] | undefined {
  const code = words.findIndex((word) => /^(?:-[a-zA-Z]*c|--command)$/.test(word));
  if (code > 0) return [{ what: words[code + 1] ?? '', positional: [] }];
  const glued = words.find((word) => word.startsWith('--command='));
  if (glued !== undefined) return [{ what: glued.slice(10), positional: [] }];
  if (name === 'sg') return [{ what: words[2] ?? '', positional: [] }];
  return name === 'runuser' && words.some((word) => /^(?:-u|--user)/.test(word))
    ? [{ what: withoutPrefixes(words.slice(behindOptions(words, 1, 'ugGw', ['user', 'group']))) }]
    : undefined;
}

/** What stands for one thing that a command reads or finds. */
const something = unresolved('$(…)');

function xargs(words: readonly string[], piped: string | undefined): readonly Run[] {
  const at = behindOptions(words, 1, 'adEILnPs', [
    'arg-file',
    'delimiter',
    'max-args',
    'max-procs',
    'max-chars',
    'process-slot-var',
  ]);
  const options = words.slice(1, at);
  const command = words.slice(at);
  if (command.length === 0) return [];
  const value = (pattern: RegExp): string | undefined => {
    const found = options.findIndex((option) => pattern.test(option));
    if (found < 0) return undefined;
    return options[found]!.replace(pattern, '') || options[found + 1];
  };
  const replaced =
    value(/^-I|^--replace=/) ??
    (options.some((option) => /^(?:-i|--replace)$/.test(option)) ? '{}' : value(/^-i/));
  // Other files, delimiters and quotes: what the items are is not worked out.
  const input = options.some((option) => /^(?:-[a0dEe]|--(?:arg-file|null|delim))/.test(option))
    ? undefined
    : piped;
  const uncertain = 'script: what xargs reads';
  if (replaced !== undefined) {
    const fill = (item: string): Run => ({ what: command.map((word) => word.replaceAll(replaced, item)) });
    if (input === undefined) return [{ ...fill(something), uncertain }];
    return lines(input).map((line) => fill(line.trim()));
  }
  if (input === undefined || /["'\\]/.test(input)) return [{ what: [...command, something], uncertain }];
  const perLine = value(/^-L|^--max-lines=/);
  const groups =
    perLine === '1' ? lines(input).map(itemsOf) : grouped(itemsOf(input), value(/^-n|^--max-args=/));
  return perLine !== undefined && perLine !== '1'
    ? [{ what: [...command, something], uncertain }]
    : groups.map((items) => ({ what: [...command, ...items] }));
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

function itemsOf(text: string): readonly string[] {
  return text.split(/[ \t\n]+/).filter((item) => item !== '');
}

function grouped(items: readonly string[], size: string | undefined): readonly (readonly string[])[] {
  const most = size === undefined ? items.length : Number(size);
  if (!(most > 0)) return [items];
  const groups: (readonly string[])[] = [];
  for (let i = 0; i < items.length; i += most) groups.push(items.slice(i, i + most));
  return groups;
}

/** `-exec COMMAND ;` of find, once for a file or for all. */
function find(args: readonly string[]): readonly Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < args.length; at++) {
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(args[at]!)) continue;
    const from = at + 1;
    at = args.findIndex((arg, i) => i > from && (arg === ';' || (arg === '+' && args[i - 1] === '{}')));
    if (at < 0) at = args.length;
    const what = args.slice(from, at).map((word) => word.replaceAll('{}', something));
    runs.push({ what, uncertain: 'script: what find finds' });
  }
  return runs;
}

/** GNU parallel: a shell for each item behind `:::`, or read. */
function parallel(words: readonly string[], input: string | undefined): readonly Run[] {
  const at = behindOptions(words, 1, 'jaNnICdSPLsE', [
    'jobs',
    'arg-file',
    'max-args',
    'colsep',
    'delimiter',
    'joblog',
    'tmpdir',
    'timeout',
    'delay',
    'retries',
    'results',
    'sshlogin',
    'workdir',
    'load',
  ]);
  const rest = words.slice(at);
  const listed = rest.indexOf(':::');
  const command = (listed < 0 ? rest : rest.slice(0, listed)).join(' ');
  const operands = rest.slice(listed + 1);
  const plain = words
    .slice(1, at)
    .every((option) => /^(?:-j\d*|-k|--jobs|--will-cite|--keep-order|\d+)$/.test(option));
  const items = listed < 0 ? (input === undefined ? undefined : lines(input)) : operands;
  const fill = (item: string): string =>
    command.includes('{') ? command.replaceAll('{}', item) : `${command} ${item}`;
  if (
    !plain ||
    items === undefined ||
    operands.some((item) => /^::::?\+?$/.test(item)) ||
    /\{[^}]/.test(command)
  )
    return [
      {
        what: fill(something).replaceAll(/\{[^{}]*\}/g, something),
        positional: [],
        uncertain: 'script: what parallel reads',
      },
    ];
  return items.map((item) => ({ what: fill(item), positional: [] }));
}
