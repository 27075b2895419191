import type { Source } from '../../source/source.ts';
import type { Format } from '../format.ts';
import { segmentsOf } from './segments.ts';

/** Characters of text above which looking for parts costs more than loading every reader. */
const looked = 500_000;

/**
 * iptables with the readers that the input takes. A small dump of iptables-save, which is what a pre-commit hook reads, waits for
 * no reader of shell scripts, listings and ipsets.
 */
export async function loadIptables(source: Source, dialect: string): Promise<Format> {
  return holdsCommandsOnly(source, dialect)
    ? (await import('./commands-format.ts')).iptablesCommandsFormat
    : (await import('./format.ts')).iptablesFormat;
}

function holdsCommandsOnly({ text }: Source, dialect: string): boolean {
  if (dialect === 'iptables-script' || text.length > looked) return false;
  return segmentsOf(text).every(({ kind }) => kind === 'save' || kind === 'rules' || kind === 'stray');
}
