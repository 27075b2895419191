import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source, Span } from '../../source/source.ts';
import type { Remark } from './lowering.ts';

/** Collects what there is to say about one input, each remark with its place. */
export class Reporter {
  readonly diagnostics: Diagnostic[] = [];
  private readonly sources = new Map<number, Source>();

  /** The line that words were looked for last, and how many. */
  private narrowed: Span | undefined;
  private looked = 0;

  constructor(source: Source) {
    this.know(source);
  }

  /** A source that places may lie in. */
  know(source: Source): void {
    this.sources.set(source.id, source);
  }

  /** Adds a remark about the text at `span`, pointing at the remark's word if it stands there. */
  add(remark: Remark, span?: Span): void {
    const { word, ...rest } = remark;
    this.diagnostics.push(span === undefined ? rest : { ...rest, span: this.narrow(span, word) });
  }

  /** The tools refuse names of chains that are longer than 28 bytes (XT_EXTENSION_MAXNAMELEN). */
  checkChainName(name: string, span: Span): void {
    if (name.length < 10 || Buffer.byteLength(name) <= 28) return;
    this.add(
      {
        code: 'FW1101',
        severity: 'error',
        message: `iptables refuses this line: the chain name ${JSON.stringify(name)} is longer than 28 bytes`,
        word: name,
      },
      span,
    );
  }

  private narrow(span: Span, word: string | undefined): Span {
    if (word === undefined || word === '') return span;
    if (this.narrowed?.start !== span.start || this.narrowed.source !== span.source) this.looked = 0;
    this.narrowed = span;
    if (++this.looked > wordsLookedFor) return span;
    const searched = Math.min(span.end, span.start + searchedLength);
    const at = placeOf(word, this.sources.get(span.source)?.text.slice(span.start, searched) ?? '');
    return at < 0
      ? span
      : { source: span.source, start: span.start + at, end: span.start + at + word.length };
  }
}

/** How far into a line a word is looked for: a line of megabytes may have thousands of remarks. */
const searchedLength = 1 << 14;

/** How many words of one line are looked for; remarks about others are about the line. */
const wordsLookedFor = 1000;

/** Where a word stands in a line: by itself rather than as a part of another (`-s` in `--sport`). -1 if nowhere. */
function placeOf(word: string, line: string): number {
  const first = line.indexOf(word);
  for (let at = first; at >= 0; at = line.indexOf(word, at + 1))
    if (isEdge(line[at - 1]) && isEdge(line[at + word.length])) return at;
  return first;
}

function isEdge(character: string | undefined): boolean {
  return character === undefined || character === ' ' || character === '\t';
}
