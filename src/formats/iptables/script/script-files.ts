import type { Source } from '../../../source/source.ts';
import { isUnresolved, readable } from '../lowering.ts';
import type { ShellRedirect } from '../../../../grammars/iptables/shell-syntax.ts';
import type { Workbench } from '../workbench.ts';

/** Files that read each other any deeper are a loop. */
const deepest = 16;

/**
 * The folder of the script itself, as scripts write it: `$(dirname "$0")/`, `${0%/*}/`, `${BASH_SOURCE%/*}/`. A path that begins with it
 * starts where every relative path does, at the file that names it.
 */
const ownFolder =
  /^(?:\$\(\s*dirname\s[^()]{0,60}\)|`\s*dirname\s[^`]{0,60}`|\$\{(?:0|BASH_SOURCE(?:\[0\])?)%\/\*\})\//;

/** A here-document, and the file that it stands in. */
export interface WrittenDocument {
  readonly source: Source;
  readonly body: NonNullable<ShellRedirect['body']>;
}

/** Files that a script reads (`.`, `source`, `iptables-restore < FILE`). They are read like includes and, like the script, never executed. */
export class ScriptFiles {
  private readonly bench: Workbench;
  private depth = 0;
  /** Files that the script writes itself; undefined for one that is not just a here-document. */
  private readonly written = new Map<string, WrittenDocument | undefined>();

  constructor(bench: Workbench) {
    this.bench = bench;
  }

  /** The script writes a file. */
  write(path: string, body: WrittenDocument['body'] | undefined): void {
    this.written.set(path, body === undefined ? undefined : { source: this.bench.source, body });
  }

  /** The here-document that the script has written to a file. */
  documentIn(path: string): WrittenDocument | undefined {
    return this.written.get(path);
  }

  /** Reads the file that an expanded word names and visits it as the current source; a string says why it was not read. */
  visit(word: string, visitor: (source: Source) => void): string | undefined {
    const path = readable(word).replace(ownFolder, './');
    if (path === '' || (isUnresolved(word) && /[$`]/.test(path))) return 'its name is not known';
    if (this.written.has(word)) return 'the script writes it in a way that is not followed';
    if (this.depth >= deepest) return `files read each other more than ${deepest} deep`;
    const found = this.bench.options.include(path, this.bench.source);
    if (typeof found === 'string') return found;
    this.depth++;
    for (const source of found)
      this.bench.within(source, () => {
        visitor(source);
      });
    this.depth--;
    return undefined;
  }
}
