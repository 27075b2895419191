import { isPlain } from '../../../grammars/iptables/line-shape.ts';
import type { Source } from '../../source/source.ts';
import type { Format } from '../format.ts';
import { readAtMost } from './line-limits.ts';
import { linesOf } from './lines.ts';
import { type Segment, segmentsOf, type Stray } from './segments.ts';

/** Characters of text above which looking for parts costs more than loading every reader. */
const looked = 500_000;

/**
 * iptables with the readers that the input takes. A small dump of iptables-save, which is what a pre-commit hook reads, waits for
 * no reader of shell scripts, listings and ipsets, and for the grammar of its lines only if one of them is not plain.
 */
export async function loadIptables(source: Source, dialect: string): Promise<Format> {
  const { text } = source;
  const segments = dialect === 'iptables-script' || text.length > looked ? undefined : segmentsOf(text);
  if (segments?.every(holdsCommands) !== true) return (await import('./format.ts')).iptablesFormat;
  const [formats, grammar] = await Promise.all([
    import('./commands-format.ts'),
    segments.every((segment) => holdsPlainLines(text, segment))
      ? undefined
      : import('../../../grammars/iptables/restore-grammar.ts'),
  ]);
  return grammar === undefined ? formats.plainCommandsFormat : formats.commandsFormat(grammar.readLine);
}

function holdsCommands({ kind }: Segment | Stray): boolean {
  return kind === 'save' || kind === 'rules' || kind === 'stray';
}

function holdsPlainLines(text: string, { kind, start, end }: Segment | Stray): boolean {
  if (kind === 'stray') return true;
  for (const [from, to] of linesOf(text, start, end))
    if (!isPlain(text.slice(from, Math.min(to, from + readAtMost)))) return false;
  return true;
}
