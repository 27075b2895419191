import type { FoundListener } from './host-listener.ts';

/** What one line of a list says. */
export type Row =
  | { readonly kind: 'listeners'; readonly listeners: readonly FoundListener[] }
  /** Understood and of no interest: a connection, a continuation, a heading. */
  | { readonly kind: 'nothing' }
  /** The process of the row above (`netstat -b`). */
  | { readonly kind: 'owner'; readonly process: string }
  /** The name of a process (`tasklist`). */
  | { readonly kind: 'process'; readonly pid: number; readonly name: string }
  /** A row of this form that cannot be read. */
  | { readonly kind: 'unreadable'; readonly expected: string };

/** Reads the lines below a heading; undefined for a line that is no row of the form. */
export type RowReader = (line: string) => Row | undefined;

/** One command's way of listing sockets. */
export interface Form {
  /** As typed: `ss -tulpn`. */
  readonly command: string;
  /** The reader for what follows, if the line is the form's heading. */
  readonly heading: (line: string) => RowReader | undefined;
  /** The reader to use if rows come without a heading (`ss -H`, a cut-out, another language). */
  readonly bare?: RowReader;
}

export const nothing: Row = { kind: 'nothing' };

export function words(line: string): string[] {
  return line.split(/\s+/).filter((word) => word !== '');
}

/** The fields of one CSV line (RFC 4180 without line ends in fields). */
export function csvFields(line: string): string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] === '"') {
      let field = '';
      let next = at + 1;
      for (;;) {
        const quote = line.indexOf('"', next);
        if (quote < 0) return [...fields, field + line.slice(next)];
        field += line.slice(next, quote);
        next = quote + 1;
        if (line[next] !== '"') break;
        field += '"';
        next++;
      }
      fields.push(field);
      const comma = line.indexOf(',', next);
      if (comma < 0) return fields;
      at = comma + 1;
    } else {
      const comma = line.indexOf(',', at);
      if (comma < 0) return [...fields, line.slice(at).trim()];
      fields.push(line.slice(at, comma).trim());
      at = comma + 1;
    }
  }
  return fields;
}
