import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source, Span } from '../../source/source.ts';
import type { Remark } from './lowering.ts';

/** Collects what there is to say about one input, each remark with its place. */
export class Reporter {
  readonly diagnostics: Diagnostic[] = [];
  private readonly sources = new Map<number, Source>();

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
    const at = this.sources.get(span.source)?.text.slice(span.start, span.end).indexOf(word) ?? -1;
    return at < 0
      ? span
      : { source: span.source, start: span.start + at, end: span.start + at + word.length };
  }
}
