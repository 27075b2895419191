import { completionCommands, type CompletionCommand } from './completion-data.ts';

/** A script for bash 4 and later; needs nothing of bash-completion. */
export function bashCompletion(): string {
  const commands = completionCommands();
  const names = commands.map(({ name }) => name).join(' ');
  return `# bash completion of fw-audit: source <(fw-audit completion bash)
_fw_audit() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command=audit words='' files='' index word place=-1
  COMPREPLY=()
  # Bash cuts words at "=": the value of --option=value stands behind it.
  if [[ $current == = ]]; then current=''; fi
  if [[ $previous == = ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case $word in
      -*) ;;
      *)
        if [[ $place -lt 0 ]]; then
          place=0
          case " ${names} " in *" $word "*) command=$word ;; *) place=1 ;; esac
        else
          place=$((place + 1))
        fi ;;
    esac
  done
  case $command in
${commands.map(commandCase).join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  if [[ $place -lt 0 ]]; then
    COMPREPLY=($(compgen -W '${names}' -- "$current"))
  fi
  if [[ $command == audit || -n $files ]]; then
    COMPREPLY+=($(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _fw_audit fw-audit
`;
}

function commandCase({ name, options, words, takesFiles }: CompletionCommand): string {
  const lines = [`    ${name})`, `      case $previous in`];
  for (const { long, short, takesValue, values, completes } of options) {
    if (!takesValue) continue;
    const reply =
      values.length > 0
        ? `COMPREPLY=($(compgen -W '${values.join(' ')}' -- "$current"))`
        : completes === 'nothing'
          ? ':'
          : `COMPREPLY=($(compgen ${completes === 'file' ? '-f' : '-d'} -- "$current"))`;
    lines.push(`        ${short === undefined ? long : `${short}|${long}`}) ${reply}; return ;;`);
  }
  lines.push('      esac');
  const all = options.flatMap(({ long, short }) => (short === undefined ? [long] : [short, long]));
  lines.push(`      words='${all.join(' ')}'`);
  const fixed = words.flatMap((choices, place) =>
    choices.length === 0
      ? []
      : [`${place}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$current")); return ;;`],
  );
  if (fixed.length > 0)
    lines.push(`      if [[ $current != -* ]]; then case $place in ${fixed.join(' ')} esac; fi`);
  if (takesFiles) lines.push('      files=1');
  lines.push('      ;;');
  return lines.join('\n');
}
