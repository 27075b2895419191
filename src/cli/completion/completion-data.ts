import { commands, type CommandSpec } from '../command-table.ts';
import { optionSpec, type OptionName } from '../options.ts';

/** What the shells' scripts are made of, from the same tables as parsing and help. */
export interface CompletionOption {
  readonly long: string;
  readonly short: string | undefined;
  readonly describe: string;
  readonly takesValue: boolean;
  readonly values: readonly string[];
  readonly completes: 'file' | 'folder' | 'nothing';
  readonly repeats: boolean;
}

export interface CompletionCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletionOption[];
  /** Fixed words for each positional; empty where a file or free text stands. */
  readonly words: readonly (readonly string[])[];
  readonly takesFiles: boolean;
}

export function completionCommands(): CompletionCommand[] {
  return commands.map((command) => ({
    name: command.name,
    summary: command.summary,
    options: command.options.map((name) => completionOption(command, name)),
    words: command.positionals.map(({ choices }) => choices ?? []),
    takesFiles: command.positionals.some(({ completes }) => completes === 'file'),
  }));
}

function completionOption(command: CommandSpec, name: OptionName): CompletionOption {
  const { kind, short, choices, completes, describe } = optionSpec(name);
  return {
    long: `--${name}`,
    short: short === undefined ? undefined : `-${short}`,
    describe,
    takesValue: kind !== 'flag',
    values: command.choices?.[name] ?? choices ?? [],
    completes: completes ?? 'nothing',
    repeats: kind === 'list',
  };
}
