import { parse, type CsvError, type Info } from 'csv-parse/sync';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { lineStarts, type Source } from '../../source/source.ts';
import { delimiterOf, type Delimiter } from './delimiter.ts';
import type { ExportedObject, PropertyValue } from './exported-object.ts';

/** One table of a CSV or tab-separated file: its header, and each row with its place. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

export interface CsvRow {
  readonly cells: readonly string[];
  readonly start: number;
  readonly end: number;
}

interface RecordWithInfo {
  readonly record: readonly string[];
  readonly info: Info;
}

/** Reads a table that starts at `start`. Rows that are too short or long are kept; broken quotes end the table with a diagnostic. */
export function readCsvTable(
  source: Source,
  start: number,
  end: number,
  delimiter: Delimiter,
  quoted: boolean,
  diagnostics: Diagnostic[],
): CsvTable {
  const text = source.text.slice(start, end);
  const starts = lineStarts(source);
  const firstLine = lineIndex(starts, start);
  let records: readonly RecordWithInfo[] = [];
  // csv-parse makes an error for each row of another length, and drops it: without traces ten times as fast.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    records = parse(text, {
      delimiter,
      quote: quoted ? '"' : null,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      record_delimiter: ['\r\n', '\n', '\r'],
    }) as unknown as readonly RecordWithInfo[];
  } catch (error) {
    const lines = (error as CsvError & { lines?: number }).lines ?? 1;
    const at = starts[Math.min(firstLine + lines - 1, starts.length - 1)] ?? start;
    diagnostics.push({
      code: 'FW1408',
      severity: 'error',
      message: `the table cannot be read: ${error instanceof Error ? error.message : 'broken quotes'}`,
      span: { source: source.id, start: at, end: at },
      help: 'Export again; nothing of this table was read.',
    });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const [header, ...body] = records;
  let line = firstLine + (header?.info.lines ?? 0);
  const rows: CsvRow[] = [];
  for (const { record, info } of body) {
    const next = firstLine + info.lines;
    const rowStart = starts[Math.min(line, starts.length - 1)]!;
    const rowEnd = next < starts.length ? starts[next]! : end;
    rows.push({ cells: record, start: rowStart, end: trimEnd(source.text, rowStart, Math.min(rowEnd, end)) });
    line = next;
  }
  return { header: header?.record ?? [], rows };
}

function lineIndex(starts: Uint32Array, offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function trimEnd(text: string, start: number, end: number): number {
  let i = end;
  while (i > start && (text.charCodeAt(i - 1) === 10 || text.charCodeAt(i - 1) === 13)) i--;
  return i;
}

/** Objects of `Export-Csv`, one table after the other where several outputs were put into one file (each with its `#TYPE` line). */
export function readCsvObjects(source: Source, diagnostics: Diagnostic[]): readonly ExportedObject[] {
  const objects: ExportedObject[] = [];
  const { text } = source;
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (start < text.length) {
    const headerEnd = endOfLine(text, start);
    if (text.startsWith('#TYPE', start)) {
      start = nextLine(text, headerEnd);
      continue;
    }
    if (text.slice(start, headerEnd).trim() === '') {
      start = nextLine(text, headerEnd);
      if (headerEnd >= text.length) break;
      continue;
    }
    const following = text.indexOf('\n#TYPE', start);
    const end = following < 0 ? text.length : following + 1;
    const table = readCsvTable(
      source,
      start,
      end,
      delimiterOf(text.slice(start, headerEnd)),
      true,
      diagnostics,
    );
    const names = table.header.map((name) => name.trim().toLowerCase());
    for (const row of table.rows) {
      const properties = new Map<string, PropertyValue>();
      names.forEach((name, i) => {
        const cell = row.cells[i];
        if (cell !== undefined && !properties.has(name))
          properties.set(name, { values: [cell], at: row.start });
      });
      objects.push({
        span: { source: source.id, start: row.start, end: row.end },
        properties,
        needsLabel: true,
      });
    }
    start = end;
  }
  return objects;
}

function endOfLine(text: string, from: number): number {
  let i = from;
  while (i < text.length && text.charCodeAt(i) !== 10 && text.charCodeAt(i) !== 13) i++;
  return i;
}

function nextLine(text: string, at: number): number {
  let i = at;
  while (i < text.length && (text.charCodeAt(i) === 10 || text.charCodeAt(i) === 13)) i++;
  return i === at ? text.length : i;
}
