import { completionCommands, type CompletionCommand } from './completion-data.ts';

/** A script for fish: one `complete` line a command, option and value list. */
export function fishCompletion(): string {
  const commands = completionCommands();
  const names = commands.map(({ name }) => name).join(' ');
  const lines = [
    '# fish completion of fw-audit: fw-audit completion fish | source',
    'complete -c fw-audit -e',
    ...commands.map(
      ({ name, summary }) => `complete -c fw-audit -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
    ),
    ...commands.flatMap((command) => commandLines(command, names)),
  ];
  return `${lines.join('\n')}\n`;
}

function commandLines({ name, options, words, takesFiles }: CompletionCommand, names: string): string[] {
  const seen = `__fish_seen_subcommand_from ${name}`;
  // Without any command, audit is meant.
  const when = quote(name === 'audit' ? `${seen}; or not __fish_seen_subcommand_from ${names}` : seen);
  const lines: string[] = [];
  if (!takesFiles) lines.push(`complete -c fw-audit -n ${when} -f`);
  for (const choices of words) {
    if (choices.length > 0) {
      const fresh = quote(`${seen}; and not __fish_seen_subcommand_from ${choices.join(' ')}`);
      lines.push(`complete -c fw-audit -n ${fresh} -f -a ${quote(choices.join(' '))}`);
    }
  }
  for (const { long, short, describe, takesValue, values, completes } of options) {
    const parts = ['complete -c fw-audit', `-n ${when}`, `-l ${long.slice(2)}`];
    if (short !== undefined) parts.push(`-s ${short.slice(1)}`);
    if (values.length > 0) parts.push('-x', `-a ${quote(values.join(' '))}`);
    else if (takesValue) parts.push(completes === 'nothing' ? '-x' : '-r -F');
    parts.push(`-d ${quote(describe)}`);
    lines.push(parts.join(' '));
  }
  return lines;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
