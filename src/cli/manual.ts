import { commands, commandNamed, defaultCommand, type CommandSpec } from './command-table.ts';
import { exitStatuses, usageLine } from './help.ts';
import { optionSpec, type OptionName } from './options.ts';

/** The manual page fw-audit(1) in man(7) macros, from the same tables as `--help`. `date` is `YYYY-MM-DD`. */
export function manualPage(version: string, date: string): string {
  const audit = commandNamed(defaultCommand)!;
  const shared = audit.options.filter((name) => commands.every(({ options }) => options.includes(name)));
  const lines = [
    `.TH FW\\-AUDIT 1 ${date} "fw\\-audit ${escape(version)}" "User Commands"`,
    '.SH NAME',
    'fw\\-audit \\- say exactly which ports a firewall export opens, and by which rule',
    '.SH SYNOPSIS',
    `.B ${escape(usageLine(undefined))}`,
    ...commands.flatMap((command) => ['.br', `.B ${escape(usageLine(command))}`]),
    '.SH DESCRIPTION',
    ...audit.description.flatMap(paragraph),
    ...paragraph('Without a command, audit is meant.'),
    '.SH COMMANDS',
    ...commands.flatMap((command) => commandLines(command, shared)),
    '.SH EXIT STATUS',
    ...exitStatuses.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, text(meaning)]),
    '.SH ENVIRONMENT',
    ...environment.flatMap(([name, meaning]) => ['.TP', `.B ${escape(name)}`, text(meaning)]),
    '.SH FILES',
    '.TP',
    '.I fw\\-audit.yaml',
    text('The policy: the nearest one from the working folder upwards.'),
    '.SH EXAMPLES',
    ...commands.flatMap(({ examples }) =>
      examples.flatMap(({ command, says }) => ['.TP', `.B ${escape(command)}`, text(says)]),
    ),
    '.SH SEE ALSO',
    '.BR iptables\\-save (8),',
    '.BR nft (8),',
    '.BR pfctl (8)',
  ];
  return `${lines.join('\n')}\n`;
}

const environment = [
  ['NO_COLOR', 'Not empty: no colours.'],
  ['FORCE_COLOR', 'Colours even where standard output is no terminal, unless NO_COLOR is set.'],
  ['COLUMNS', 'Width of the report where standard output is no terminal; 100 without.'],
  ['LC_ALL, LC_CTYPE, LANG', 'A locale without UTF-8 makes the report plain ASCII.'],
  ['FW_AUDIT_DEBUG', 'Not empty: the stack of an internal error.'],
] as const;

function commandLines(command: CommandSpec, shared: readonly OptionName[]): string[] {
  return [
    `.SS ${escape(command.name)}`,
    ...command.description.flatMap(paragraph),
    ...command.positionals.flatMap(({ name, describe, choices }) => [
      '.TP',
      `.I ${escape(name)}`,
      text(choices === undefined ? describe : `${describe}: ${choices.join(', ')}`),
    ]),
    ...command.options
      .filter((name) => command.name === defaultCommand || !shared.includes(name))
      .flatMap((name) => optionLines(command, name)),
  ];
}

function optionLines(command: CommandSpec, name: OptionName): string[] {
  const { short, value, describe, choices: all, default: usual } = optionSpec(name);
  const fallback = command.defaults?.[name] ?? usual;
  const choices = command.choices?.[name] ?? all;
  const term = [...(short === undefined ? [] : [`\\-${short}`]), `\\-\\-${escape(name)}`].map(
    (one) => `\\fB${one}\\fR`,
  );
  const notes = [
    ...(choices === undefined ? [] : [`One of ${choices.join(', ')}.`]),
    ...(fallback === undefined ? [] : [`Default: ${fallback}.`]),
  ];
  return [
    '.TP',
    `${term.join(', ')}${value === undefined ? '' : ` \\fI${escape(value)}\\fR`}`,
    text([`${describe}.`, ...notes].join(' ')),
  ];
}

function paragraph(words: string): string[] {
  return ['.PP', text(words)];
}

/** A line of running text; one that begins with a dot or quote would be a request. */
function text(words: string): string {
  const escaped = escape(words.replaceAll('`', ''));
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function escape(words: string): string {
  return words.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}
