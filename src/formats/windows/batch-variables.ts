import type { Command, CommandWord } from '../../../grammars/windows/netsh-commands.ts';

/**
 * Variables of a batch file, as far as their value is sure: set once in the whole file, in so many words, outside of brackets and
 * conditions, and before they are used. cmd.exe puts `%NAME%` in when it reads a line, or a whole block in brackets.
 */
export class BatchVariables {
  /** Names that the file sets once. */
  private readonly once: ReadonlySet<string>;
  private readonly known = new Map<string, string>();

  constructor(text: string) {
    const seen = new Set<string>();
    const again = new Set<string>();
    for (const found of text.matchAll(/\bset[ \t]+(?:\/[ap][ \t]+)?"?([^=\s"]+)[ \t]*[-+*/%&|^]?=/gi)) {
      const name = found[1]!.toLowerCase();
      (seen.has(name) ? again : seen).add(name);
    }
    this.once = new Set([...seen].filter((name) => !again.has(name)));
  }

  /** What a command does to variables. `isSure`: it runs once, whatever else happens, and stands in no block. */
  follow(command: Command, isSure: boolean): void {
    const words = command.words.map(({ text }) => text);
    const first = words[0]!.replace(/^@/, '').toLowerCase();
    // What another file does to variables, and what was before `setlocal`, is not followed.
    if (first === 'endlocal' || (first === 'call' && words[1]?.startsWith(':') === false)) this.known.clear();
    if (first !== 'set' || !isSure) return;
    const found = /^([^=]+)=(.*)$/.exec(this.expanded(words.slice(1).join(' ')));
    const name = found?.[1]?.toLowerCase();
    if (name === undefined || !this.once.has(name) || /[%!^]/.test(found![2]!)) return;
    this.known.set(name, found![2]!);
  }

  /** The words with the variables put in that are known. */
  inWords(words: readonly CommandWord[]): readonly CommandWord[] {
    if (this.known.size === 0) return words;
    return words.map((word) =>
      /[%!]/.test(word.text) ? { text: this.expanded(word.text), at: word.at } : word,
    );
  }

  private expanded(text: string): string {
    return text.replace(/([%!])([^%!:\s]+)\1/g, (written, _sign, name: string) => {
      return this.known.get(name.toLowerCase()) ?? written;
    });
  }
}
