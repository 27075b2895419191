import yargs, { type Options } from 'yargs';
import { nearestName } from '../policy/nearest-name.ts';
import { checkPositionals, checkValues, needsValue } from './check-arguments.ts';
import { commandNamed, commands, defaultCommand, type CommandSpec } from './command-table.ts';
import { GivenOptions, type ParsedArguments } from './invocation.ts';
import { optionSpec, options, type OptionName } from './options.ts';

const optionNames = Object.keys(options) as OptionName[];
/** What yargs adds to the options it returns. */
const yargsOwn = ['_', '$0'];

/**
 * Reads a command line (without `node` and the script). yargs cuts it into command, options and values; what is wrong is said in words
 * of our own, which name the right spelling, and returned: nothing here prints or exits.
 */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const reserved = reservedOption(argv);
  const fallback = commandNamed(defaultCommand)!;
  if (reserved !== undefined) return wrong(`${reserved} is no option`, fallback);

  const problems: string[] = [];
  const parser = parserFor((message) => problems.push(message));
  const { _: positionalWords, ...given } = parser.parseSync(separateValues(argv)) as Record<string, unknown>;
  const words = asList(positionalWords);
  const named = words[0] === undefined ? undefined : commandNamed(words[0]);
  const command = named ?? fallback;
  const positionals = named === undefined ? words : words.slice(1);
  if ('help' in given) return { kind: 'help', command: named };
  if ('version' in given) return { kind: 'version' };

  const values = new Map<OptionName, readonly string[]>();
  for (const [name, value] of Object.entries(given)) {
    if (yargsOwn.includes(name)) continue;
    const known = command.options.find((option) => option === name);
    const list = asList(value);
    const problem =
      known === undefined
        ? unknownOption(command, name, spelling(argv, name))
        : checkValues(command, known, spelling(argv, name), list);
    if (problem !== undefined) return wrong(problem, command);
    if (known !== undefined) values.set(known, list);
  }
  const problem =
    (problems[0] === undefined ? undefined : inOurWords(problems[0], argv)) ??
    checkPositionals(command, positionals, named === undefined);
  if (problem !== undefined) return wrong(problem, command);
  return { kind: 'run', command, positionals, given: new GivenOptions(values) };
}

/** yargs with the options and commands of the tables. */
function parserFor(fail: (message: string) => void): ReturnType<typeof yargs> {
  const parser = yargs([])
    .scriptName('fw-audit')
    .locale('en')
    .exitProcess(false)
    .help(false)
    .version(false)
    .showHelpOnFail(false)
    // A value is what was typed: no number, no list and no opposite is made of it.
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': false,
      'strip-aliased': true,
    })
    // Every command's options at the top, so that `-f json query FILE` finds the command behind them.
    .options(Object.fromEntries(optionNames.map((name) => [name, yargsOption(name)])))
    .strictOptions()
    .fail((message: string | null, error: Error | undefined) => {
      // yargs hands over its own problems and any exception; an exception is a bug.
      if (error !== undefined && error.name !== 'YError') throw error;
      fail(message ?? String(error));
    });
  for (const { name } of commands) {
    const names = name === defaultCommand ? [name, '$0'] : [name];
    parser.command(
      names,
      // Hidden, as the options are: help.ts prints the help, and yargs would lay out its own on every parse.
      false,
      (own) => own,
      () => undefined,
    );
  }
  return parser;
}

function yargsOption(name: OptionName): Options {
  const { kind, short } = optionSpec(name);
  const type = kind === 'flag' ? ('boolean' as const) : ('string' as const);
  return {
    type,
    nargs: kind === 'flag' ? 0 : 1,
    hidden: true,
    ...(short === undefined ? {} : { alias: short }),
  };
}

/**
 * The first option that must not reach yargs: names of its own (`--get-yargs-completions` prints), and those of every object's
 * properties, for which it stumbles over its tables (`--constructor`).
 */
function reservedOption(argv: readonly string[]): string | undefined {
  for (const word of optionWords(argv)) {
    const [, raw, name = ''] = /^(--?([^=]*))/.exec(word) ?? [];
    if (yargsOwn.includes(name) || name === 'get-yargs-completions' || name in Object.prototype) return raw;
  }
  return undefined;
}

/** The words that start with `-`, up to `--`. */
function optionWords(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).filter((word) => word.length > 1 && word.startsWith('-'));
}

const shortLetters = new Map(
  optionNames.flatMap((name) => {
    const { short, kind } = optionSpec(name);
    return short === undefined ? [] : [[short, { name, takesValue: kind !== 'flag' }] as const];
  }),
);

/** POSIX lets a value follow its letter, `-fjson`; yargs would read five letters. `-qfjson` becomes `-q -f=json`. */
function separateValues(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.flatMap((word, index) => {
    if ((end >= 0 && index >= end) || !/^-[^-]/.test(word)) return [word];
    const letters = [...word.slice(1)];
    const at = letters.findIndex((letter) => shortLetters.get(letter)?.takesValue !== false);
    const value = letters.slice(at + 1).join('');
    if (at < 0 || value === '' || value.startsWith('=') || !shortLetters.has(letters[at]!)) return [word];
    return [...letters.slice(0, at).map((letter) => `-${letter}`), `-${letters[at]!}=${value}`];
  });
}

/** The option as it was typed: `--format` or `-f`. */
function spelling(argv: readonly string[], name: string): string {
  const long = `--${name}`;
  const words = optionWords(argv);
  if (words.some((word) => word === long || word.startsWith(`${long}=`))) return long;
  const short =
    name.length === 1
      ? name
      : Object.hasOwn(options, name)
        ? optionSpec(name as OptionName).short
        : undefined;
  return short === undefined ? long : `-${short}`;
}

function asList(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

function wrong(message: string, command: CommandSpec): ParsedArguments {
  const subject = command.name === defaultCommand ? 'fw-audit' : `fw-audit ${command.name}`;
  return { kind: 'wrong', message, help: `See ${subject} --help` };
}

/** A problem that yargs found (its English texts are fixed by the locale), as we say it. */
function inOurWords(problem: string, argv: readonly string[]): string {
  const [, kind, key = ''] =
    /^(Not enough arguments following|Argument unexpected for): (.*)$/.exec(problem) ?? [];
  if (kind === undefined) return problem;
  const name = shortLetters.get(key)?.name ?? key;
  const raw = key.length === 1 ? `-${key}` : `--${key}`;
  if (kind === 'Argument unexpected for') return `${raw} takes no value`;
  const next = argv[argv.indexOf(raw) + 1];
  if (argv.includes(raw) && next !== undefined) {
    return `${raw} needs a value, and "${next}" looks like an option; write ${raw}=${next} if it is one`;
  }
  return needsValue(raw, name);
}

function unknownOption(command: CommandSpec, name: string, raw: string): string {
  if (Object.hasOwn(options, name)) return `${raw} is no option of \`fw-audit ${command.name}\``;
  const near = nearestName(name, command.options);
  return `${raw} is no option${near === undefined ? '' : `; did you mean --${near}?`}`;
}
