import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import type { ExitCode, Io } from '../io.ts';

export interface CompletionArguments {
  /** bash, zsh or fish; undefined: the shell that $SHELL names. */
  readonly shell: string | undefined;
}

/** Prints the completion script of a shell. */
export function runCompletion({ shell }: CompletionArguments, io: Io): ExitCode {
  const name = shell ?? io.env['SHELL']?.split('/').at(-1);
  switch (name) {
    case 'bash':
      io.stdout(bashCompletion());
      return 0;
    case 'zsh':
      io.stdout(zshCompletion());
      return 0;
    case 'fish':
      io.stdout(fishCompletion());
      return 0;
    default:
      io.stderr('fw-audit: name the shell: fw-audit completion bash, zsh or fish\n');
      return 2;
  }
}
