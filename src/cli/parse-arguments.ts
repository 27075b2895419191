import { parseArgs } from 'node:util';
import { nearestName } from '../policy/nearest-name.ts';
import { commandNamed, commands, defaultCommand, type CommandSpec } from './command-table.ts';
import { optionSpec, options, type OptionName } from './options.ts';

/** A command line that is well-formed: every value has the kind and is one of the choices that the tables declare. */
export interface Invocation {
  readonly kind: 'run';
  readonly command: CommandSpec;
  readonly positionals: readonly string[];
  readonly given: GivenOptions;
}

export type ParsedArguments =
  | Invocation
  | { readonly kind: 'help'; readonly command: CommandSpec | undefined }
  | { readonly kind: 'version' }
  /** Exit 2; `message` says what is wrong, `help` what to write. */
  | { readonly kind: 'wrong'; readonly message: string; readonly help: string };

/** The options that were given, by declared kind. */
export class GivenOptions {
  readonly #values: ReadonlyMap<OptionName, readonly string[]>;

  constructor(values: ReadonlyMap<OptionName, readonly string[]>) {
    this.#values = values;
  }

  flag(name: OptionName): boolean {
    return this.#values.has(name);
  }

  text(name: OptionName): string | undefined {
    return this.#values.get(name)?.[0];
  }

  number(name: OptionName): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }

  list(name: OptionName): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** The value of an option whose declared choices are `choices`; the parser has refused all others. */
  choice<const T extends string>(name: OptionName, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    return choices.find((choice) => choice === text);
  }
}

const optionNames = Object.keys(options) as OptionName[];

const parserOptions = Object.fromEntries(
  optionNames.map((name) => {
    const { kind, short } = optionSpec(name);
    const type = kind === 'flag' ? ('boolean' as const) : ('string' as const);
    return [name, { type, multiple: true, ...(short === undefined ? {} : { short }) }];
  }),
);

/**
 * Reads a command line (without `node` and the script).
 *
 * Node's own parser cuts it into tokens: yargs, which read it first, took 42 ms to load and parse where Node needs 22 ms to start.
 */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const { tokens } = parseArgs({
    args: [...argv],
    options: parserOptions,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words: string[] = [];
  const optionTokens: {
    readonly name: string;
    readonly raw: string;
    readonly value: string | undefined;
    readonly inline: boolean;
  }[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    else if (token.kind === 'option') {
      optionTokens.push({
        name: token.name,
        raw: token.rawName,
        value: token.value,
        inline: token.inlineValue ?? false,
      });
    }
  }
  const named = words[0] === undefined ? undefined : commandNamed(words[0]);
  const command = named ?? commandNamed(defaultCommand)!;
  const positionals = named === undefined ? words : words.slice(1);
  if (optionTokens.some(({ name }) => name === 'help')) return { kind: 'help', command: named };
  if (optionTokens.some(({ name }) => name === 'version')) return { kind: 'version' };

  const values = new Map<OptionName, string[]>();
  for (const { name, raw, value, inline } of optionTokens) {
    const problem = checkOption(command, name, raw, value, inline, values);
    if (problem !== undefined) return wrong(problem, command);
    const known = name as OptionName;
    const list = values.get(known);
    if (list === undefined) values.set(known, [value ?? '']);
    else list.push(value ?? '');
  }
  const problem = checkPositionals(command, positionals, named === undefined);
  if (problem !== undefined) return wrong(problem, command);
  return { kind: 'run', command, positionals, given: new GivenOptions(values) };
}

function wrong(message: string, command: CommandSpec): ParsedArguments {
  const subject = command.name === defaultCommand ? 'fw-audit' : `fw-audit ${command.name}`;
  return { kind: 'wrong', message, help: `See ${subject} --help` };
}

/** What is wrong with one option, or undefined. */
function checkOption(
  command: CommandSpec,
  name: string,
  raw: string,
  value: string | undefined,
  inline: boolean,
  before: ReadonlyMap<OptionName, readonly string[]>,
): string | undefined {
  const known = command.options.find((option) => option === name);
  if (known === undefined) return unknownOption(command, name, raw);
  const { kind, value: placeholder = 'VALUE', choices: all } = optionSpec(known);
  if (kind === 'flag') return value === undefined ? undefined : `${raw} takes no value`;
  if (value === undefined || value === '') return `${raw} needs a value: ${raw} ${placeholder}`;
  if (!inline && value.length > 1 && value.startsWith('-')) {
    return `${raw} needs a value, and "${value}" looks like an option; write ${raw}=${value} if it is one`;
  }
  if (kind !== 'list' && before.has(known)) return `${raw} is given twice`;
  if (kind === 'number' && !/^\d{1,15}$/.test(value)) return `${raw} needs a whole number, not "${value}"`;
  const choices = command.choices?.[known] ?? all;
  if (choices !== undefined && !choices.includes(value)) {
    return `${raw} cannot be "${value}"; it is one of ${choices.join(', ')}`;
  }
  return undefined;
}

function unknownOption(command: CommandSpec, name: string, raw: string): string {
  if (Object.hasOwn(options, name)) return `${raw} is no option of \`fw-audit ${command.name}\``;
  const near = nearestName(name, command.options);
  return `${raw} is no option${near === undefined ? '' : `; did you mean --${near}?`}`;
}

function checkPositionals(
  command: CommandSpec,
  positionals: readonly string[],
  implied: boolean,
): string | undefined {
  let i = 0;
  for (const spec of command.positionals) {
    const value = positionals[i];
    if (value === undefined) {
      if (!spec.required) continue;
      return implied ? 'nothing to audit' : `fw-audit ${command.name} needs <${spec.name}>`;
    }
    if (spec.choices !== undefined && !spec.choices.includes(value)) {
      const near = nearestName(value, spec.choices);
      const hint = near === undefined ? `it is one of ${spec.choices.join(', ')}` : `did you mean ${near}?`;
      return `<${spec.name}> of fw-audit ${command.name} cannot be "${value}"; ${hint}`;
    }
    i = spec.many ? positionals.length : i + 1;
  }
  const extra = positionals[i];
  return extra === undefined ? undefined : `fw-audit ${command.name} cannot use "${extra}"`;
}

/** The command that a mistyped file name may have meant. */
export function nearestCommand(word: string): string | undefined {
  return nearestName(
    word,
    commands.map(({ name }) => name),
  );
}
