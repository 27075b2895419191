import { completionCommands, type CompletionCommand, type CompletionOption } from './completion-data.ts';

/** A script for zsh's completion system; works sourced and as a file `_fw-audit` on the fpath. */
export function zshCompletion(): string {
  const commands = completionCommands();
  const described = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  return `#compdef fw-audit
# zsh completion of fw-audit: source <(fw-audit completion zsh)
_fw-audit() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  local word command=audit named=0
  integer index
  for ((index = 2; index < CURRENT; index++)); do
    word=$words[index]
    [[ $word == -* ]] && continue
    if (( \${commands[(I)$word:*]} )); then
      command=$word
      named=1
      # What follows is completed as if the command were the program.
      words[index]=()
      (( CURRENT-- ))
    fi
    break
  done
  if (( ! named )) && [[ $words[CURRENT] != -* && $words[CURRENT-1] != -* ]]; then
    _describe -t commands command commands
  fi
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _fw-audit "$@"
else
  compdef _fw-audit fw-audit
fi
`;
}

function commandCase({ name, options, words, takesFiles }: CompletionCommand): string {
  const specs = options.flatMap(optionSpecs);
  words.forEach((choices, index) => {
    if (choices.length > 0) specs.push(quote(`${index + 1}:word:(${choices.join(' ')})`));
  });
  if (takesFiles) specs.push(quote('*:file:_files'));
  return `    ${name})\n      _arguments -s -S ${specs.join(' \\\n        ')}\n      ;;`;
}

function optionSpecs({
  long,
  short,
  describe,
  takesValue,
  values,
  completes,
  repeats,
}: CompletionOption): string[] {
  const about = describe.replace(/[[\]:\\]/g, (character) => `\\${character}`);
  const value = !takesValue
    ? ''
    : `:value:${values.length > 0 ? `(${values.join(' ')})` : completes === 'file' ? '_files' : completes === 'folder' ? '_files -/' : ' '}`;
  const star = repeats ? '*' : '';
  const long_ = quote(`${star}${long}${takesValue ? '=' : ''}[${about}]${value}`);
  return short === undefined ? [long_] : [quote(`${star}${short}[${about}]${value}`), long_];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
