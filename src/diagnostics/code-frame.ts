import { lineText, positionAt, type Source, type Span } from '../source/source.ts';
import { textWidth } from './text-width.ts';
import { visibleText } from './visible-text.ts';

export interface CodeFrameOptions {
  /** Columns the frame may take; a longer line is cut around the place. */
  readonly columns?: number;
  /** Escape everything beyond ASCII. */
  readonly ascii?: boolean;
}

/**
 * The line of a span with carets below it:
 *
 *      12 | -A INPUT -m foo -j ACCEPT
 *         |          ^^^^^^
 *
 * A span over several lines is marked to the end of its first. Deceptive characters are escaped, and the carets stand below the
 * escapes as shown.
 */
export function codeFrame(source: Source, span: Span, options: CodeFrameOptions = {}): string {
  const { line, column } = positionAt(source, span.start);
  const length = Math.max(
    1,
    Math.min(span.end, source.text.length) - Math.min(span.start, source.text.length),
  );
  return lineFrame(lineText(source, line), line, column, length, options);
}

/** The same for a line that is already at hand; `column` is 1-based, `length` in UTF-16 code units. */
export function lineFrame(
  text: string,
  line: number,
  column: number,
  length: number,
  { columns = 100, ascii = false }: CodeFrameOptions = {},
): string {
  const number = String(line).padStart(5);
  const gutter = ' '.repeat(number.length);
  const room = Math.max(20, columns - number.length - 3);
  const start = Math.min(column - 1, text.length);
  const end = Math.max(start, Math.min(start + length, text.length));
  const window = cut(text, start, end, room, ascii ? '...' : '…');
  const show = (part: string): string => visibleText(part, { ascii });
  const before = window.head + show(text.slice(window.from, start));
  const marked = show(text.slice(start, Math.min(end, window.to)));
  const after = show(text.slice(Math.min(end, window.to), window.to)) + window.tail;
  const carets = '^'.repeat(Math.max(1, textWidth(marked)));
  return `${number} | ${before}${marked}${after}\n${gutter} | ${' '.repeat(textWidth(before))}${carets}`;
}

interface Window {
  readonly from: number;
  readonly to: number;
  readonly head: string;
  readonly tail: string;
}

/** The part of a line to show: all of it if it fits, else a stretch that begins a little before the place. */
function cut(text: string, start: number, end: number, room: number, ellipsis: string): Window {
  if (text.length <= room) return { from: 0, to: text.length, head: '', tail: '' };
  const space = room - 2 * ellipsis.length;
  const wanted = Math.min(end - start, space);
  const lead = Math.min(start, Math.max(0, Math.min(space - wanted, Math.floor(space / 3))));
  const from = wholeCharacter(text, start - lead <= ellipsis.length ? 0 : start - lead);
  const to = wholeCharacter(text, Math.min(text.length, from + space));
  return { from, to, head: from > 0 ? ellipsis : '', tail: to < text.length ? ellipsis : '' };
}

/** Steps back from the middle of a surrogate pair. */
function wholeCharacter(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return at > 0 && code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
