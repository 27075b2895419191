/**
 * A decoded input: text with a name, plus what is needed to point back into it.
 *
 * Offsets everywhere in fw-audit count UTF-16 code units of `text`; spans are half-open.
 */
export interface Source {
  /** Index of this source in the list given to the audit; spans refer to it. */
  readonly id: number;
  /** The path as the user gave it (`-` for standard input); never made absolute. */
  readonly path: string;
  readonly text: string;
  readonly encoding: Encoding;
}

export type Encoding = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'oem';

/** A half-open range `[start, end)` of one source's text. */
export interface Span {
  readonly source: number;
  readonly start: number;
  readonly end: number;
}

/** A place as people name it: 1-based line and column. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const lineStartsOf = new WeakMap<Source, Uint32Array>();

/** Offsets at which each line begins; `\n`, `\r\n` and a lone `\r` each end a line. Computed once a source. */
export function lineStarts(source: Source): Uint32Array {
  let starts = lineStartsOf.get(source);
  if (starts === undefined) {
    starts = startsIn(source.text);
    lineStartsOf.set(source, starts);
  }
  return starts;
}

/** Looks for line ends with `indexOf`, which reads a large text several times as fast as a loop over its characters. */
function startsIn(text: string): Uint32Array {
  let starts = new Uint32Array(Math.max(16, text.length >> 5));
  let count = 1;
  let feed = text.indexOf('\n');
  let back = text.indexOf('\r');
  while (feed >= 0 || back >= 0) {
    const isReturn = back >= 0 && (feed < 0 || back < feed);
    // A carriage return before a line feed ends no line of its own.
    const end = isReturn && back + 1 !== feed ? back : feed;
    if (count === starts.length) {
      const more = new Uint32Array(count * 2);
      more.set(starts);
      starts = more;
    }
    starts[count++] = end + 1;
    if (feed >= 0 && feed <= end) feed = text.indexOf('\n', end + 1);
    if (back >= 0 && back <= end) back = text.indexOf('\r', end + 1);
  }
  return starts.subarray(0, count);
}

/** The 1-based line and column of an offset. An offset past the end is the end. */
export function positionAt(source: Source, offset: number): Position {
  const starts = lineStarts(source);
  const at = Math.max(0, Math.min(offset, source.text.length));
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: at - starts[low]! + 1 };
}

/** The text of a 1-based line without its line end; the empty string for a line that is not there. */
export function lineText(source: Source, line: number): string {
  const starts = lineStarts(source);
  const start = starts[line - 1];
  if (start === undefined) return '';
  const end = starts[line] ?? source.text.length;
  return source.text.slice(start, end).replace(/[\r\n]+$/, '');
}

/** The text a span covers. */
export function spanText(source: Source, span: Span): string {
  return source.text.slice(span.start, span.end);
}

/** The smallest span that covers both; they must lie in the same source. */
export function joinSpans(a: Span, b: Span): Span {
  return { source: a.source, start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
