import { textWidth, wrapText } from '../diagnostics/text-width.ts';
import { commands, commandNamed, defaultCommand, type CommandSpec } from './command-table.ts';
import { optionGroups, optionSpec, type OptionName } from './options.ts';

/** The text of `fw-audit --help` (no command) or `fw-audit <command> --help`. */
export function helpText(command: CommandSpec | undefined, columns: number): string {
  const width = Math.max(40, Math.min(columns, 120));
  const shown = command ?? commandNamed(defaultCommand)!;
  const lines = [`Usage: ${usageLine(command)}`, ''];
  for (const paragraph of shown.description) lines.push(...wrap(paragraph, width, ''), '');
  if (command === undefined) {
    lines.push('Commands:', ...table(commandRows(), width), '');
  }
  if (shown.positionals.length > 0) {
    const rows = shown.positionals.map(({ name, describe, choices }): Row => [
      `<${name}>`,
      choices === undefined ? describe : `${describe}: ${choices.join(', ')}`,
    ]);
    lines.push('Arguments:', ...table(rows, width), '');
  }
  for (const group of optionGroups) {
    const names = shown.options.filter((name) => optionSpec(name).group === group);
    if (names.length === 0) continue;
    lines.push(
      `${group}:`,
      ...table(
        names.map((name) => optionRow(shown, name)),
        width,
      ),
      '',
    );
  }
  if (shown.examples.length > 0) {
    const rows = shown.examples.map(({ command: typed, says }): Row => [typed, says]);
    lines.push('Examples:', ...table(rows, width), '');
  }
  const statuses = exitStatuses.map(([code, meaning]) => `${code} ${meaning}`).join('; ');
  lines.push(...wrap(`Exit status: ${statuses}.`, width, ''));
  return `${lines.join('\n')}\n`;
}

/** What the process tells its caller, whatever the output format. */
export const exitStatuses = [
  [0, 'clean'],
  [1, 'findings at or above --fail-on'],
  [2, 'usage or policy error'],
  [3, 'an input could not be read, recognised or fully parsed'],
  [70, 'a bug in fw-audit'],
] as const;

export function usageLine(command: CommandSpec | undefined): string {
  if (command === undefined) return 'fw-audit [command] [options] <path...>';
  const words = command.positionals.map(({ name, required, many }) => {
    const word = many ? `${name}...` : name;
    return required ? `<${word}>` : `[${word}]`;
  });
  return ['fw-audit', command.name, ...words, '[options]'].join(' ');
}

export type Row = readonly [term: string, says: string];

function commandRows(): Row[] {
  return commands.map(({ name, summary }): Row => [name, summary]);
}

/** An option as help and the man page show it. */
export function optionRow(command: CommandSpec, name: OptionName): Row {
  const { short, value, describe, choices: all, default: usual } = optionSpec(name);
  const fallback = command.defaults?.[name] ?? usual;
  const term = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
  const choices = command.choices?.[name] ?? all;
  const notes = [
    ...(choices === undefined ? [] : [`one of ${choices.join(', ')}`]),
    ...(fallback === undefined ? [] : [`default: ${fallback}`]),
  ];
  return [term, notes.length === 0 ? describe : `${describe} (${notes.join('; ')})`];
}

/** Two columns; a long term stands on a line of its own. */
function table(rows: readonly Row[], width: number): string[] {
  const terms = rows.map(([term]) => textWidth(term));
  const column = Math.min(Math.max(...terms), Math.floor(width / 2) - 4);
  const indent = ' '.repeat(column + 4);
  return rows.flatMap(([term, says]) => {
    const wrapped = wrap(says, width, indent);
    const head = `  ${term}`;
    if (textWidth(term) > column) return [head, ...wrapped];
    const [first = '', ...rest] = wrapped;
    return [head.padEnd(column + 4) + first.slice(indent.length), ...rest];
  });
}

function wrap(text: string, width: number, indent: string): string[] {
  return wrapText(text, width - indent.length).map((line) => indent + line);
}
