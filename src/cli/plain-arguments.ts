import { checkPositionals, checkValues } from './check-arguments.ts';
import { commandNamed, defaultCommand } from './command-table.ts';
import { GivenOptions, type Invocation } from './invocation.ts';
import { optionSpec, options, type OptionName } from './options.ts';

/**
 * The invocation of a command line that is spelled plainly and has nothing wrong: `fw-audit rules.v4 --format json -q`. Undefined for
 * all others.
 *
 * Such a line is what a pre-commit hook or a pipeline runs, and loading yargs would take a third of its time to find what the tables
 * say. So yargs loads for what takes more than a look at them: help, mistakes, `--`, letters and values written together. Where both
 * read a line they agree; a test of random lines says so.
 */
export function plainInvocation(argv: readonly string[]): Invocation | undefined {
  const words: string[] = [];
  const values = new Map<OptionName, string[]>();
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    const option = plainOption(word);
    if (option === undefined) return undefined;
    const { name } = option;
    if (optionSpec(name).kind === 'flag') {
      if (option.value !== undefined) return undefined;
      values.set(name, ['true']);
      continue;
    }
    const value = option.value ?? argv[++i];
    if (value === undefined || !isPlainValue(value)) return undefined;
    const given = values.get(name);
    if (given === undefined) values.set(name, [value]);
    else given.push(value);
  }
  const named = words[0] === undefined ? undefined : commandNamed(words[0]);
  const command = named ?? commandNamed(defaultCommand)!;
  const positionals = named === undefined ? words : words.slice(1);
  for (const [name, given] of values) {
    if (!command.options.includes(name)) return undefined;
    if (checkValues(command, name, name, given) !== undefined) return undefined;
  }
  if (checkPositionals(command, positionals, named === undefined) !== undefined) return undefined;
  return { kind: 'run', command, positionals, given: new GivenOptions(values) };
}

/** `--name`, `--name=value` or `-n` of an option that the tables have; but `help` and `version` are no options of a run. */
function plainOption(word: string): { readonly name: OptionName; readonly value?: string } | undefined {
  const [, long, value] = /^--([a-z-]+)(?:=([^]*))?$/.exec(word) ?? [];
  const name = long === undefined ? byLetter.get(word.slice(1)) : long;
  if (name === undefined || !Object.hasOwn(options, name) || name === 'help' || name === 'version')
    return undefined;
  return { name: name as OptionName, ...(value === undefined ? {} : { value }) };
}

/** A value that starts with `-` may be a forgotten value and the next option; of one in quotes yargs takes the quotes off. */
function isPlainValue(value: string): boolean {
  return value === '-' || !/^["'-]/.test(value);
}

const byLetter = new Map(
  Object.keys(options).flatMap((name) => {
    const { short } = optionSpec(name as OptionName);
    return short === undefined ? [] : [[short, name] as const];
  }),
);
