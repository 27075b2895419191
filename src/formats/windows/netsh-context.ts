import type { CommandWord } from '../../../grammars/windows/netsh-commands.ts';

/** Contexts below `advfirewall` (netsh advfirewall /?). */
const below: ReadonlySet<string> = new Set(['firewall', 'consec', 'mainmode', 'monitor']);
const verbs: ReadonlySet<string> = new Set(['add', 'set', 'delete']);

/**
 * Where in netsh a script for `netsh -f` stands: a line that names a context enters it, and what follows is a command of that context. A
 * script that names none was written to be run inside of `advfirewall firewall`.
 */
export class NetshContext {
  private words: readonly CommandWord[] = [];
  private readonly left: (readonly CommandWord[])[] = [];
  /** Batch files name netsh in each command; there a line without it is no command of netsh. */
  private readonly isScript: boolean;

  constructor(text: string) {
    this.isScript = !/^[ \t]*(?![ \t#;:]|rem\b)[^\r\n]*\bnetsh\b/im.test(text);
  }

  /** True if the words only go from one context to another. */
  moves(words: readonly CommandWord[]): boolean {
    const [first, second] = words.map(({ text }) => text.toLowerCase());
    const isContext = (names: readonly CommandWord[]): boolean =>
      names[0]?.text.toLowerCase() === 'advfirewall' &&
      names.slice(1).every(({ text }) => below.has(text.toLowerCase()));
    if (isContext(words)) this.words = words;
    else if (first === 'pushd' && second === 'advfirewall' && isContext(words.slice(1))) {
      this.left.push(this.words);
      this.words = words.slice(1);
    } else if (first === 'popd' && this.left.length > 0) this.words = this.left.pop()!;
    else if (first === '..' && this.words.length > 0) this.words = this.words.slice(0, -1);
    else return false;
    return true;
  }

  /** A script's command with its context in front; undefined for a line that is none. */
  command(words: readonly CommandWord[]): readonly CommandWord[] | undefined {
    const [first, second] = words;
    if (!this.isScript || first === undefined) return undefined;
    const isVerb = verbs.has(first.text.toLowerCase());
    if (this.words.length > 0 && (isVerb || below.has(first.text.toLowerCase())))
      return [...this.words, ...words];
    if (!isVerb || second?.text.toLowerCase() !== 'rule') return undefined;
    return [{ ...first, text: 'advfirewall' }, { ...first, text: 'firewall' }, ...words];
  }
}
