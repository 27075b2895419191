import { parse } from 'csv-parse/sync';
import { compileTable } from './compile-table.ts';
import type { PortFact, PortTable, RegistryStatus } from './port-table.ts';
import { lastRegisteredPort } from './port-table.ts';
import type { Transport } from './port-types.ts';
import { builtInRegistry } from './registry.ts';

/** A table, or a sentence that says why the text is no usable copy of the registry. */
export type CsvReading =
  | { readonly kind: 'table'; readonly table: PortTable; readonly rows: number }
  | { readonly kind: 'refused'; readonly why: string };

/** The columns of IANA's service-names-port-numbers.csv that carry what we need. */
const columns = {
  name: 'Service Name',
  port: 'Port Number',
  transport: 'Transport Protocol',
  description: 'Description',
  registered: 'Registration Date',
  modified: 'Modification Date',
  unauthorized: 'Unauthorized Use Reported',
  notes: 'Assignment Notes',
} as const;

/** Without this column the file is still the registry (it came later than the others). */
const optionalColumns: readonly string[] = [columns.unauthorized];

/**
 * Reads IANA's CSV (RFC 4180, fields of several lines, rows for ranges, rows without a transport).
 *
 * A port that no row names is `not-listed`: IANA writes "Unassigned" out. Rows without a transport speak of TCP and UDP. The CSV
 * carries no date of its own, so `asOf` is the newest date of any row. A file that does not reach port 49151, or lacks ports that
 * will always be assigned, is refused: it was cut off or is something else.
 */
export function readRegistryCsv(text: string, source: string): CsvReading {
  let records: string[][];
  try {
    records = parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', why: `it is not well-formed CSV (cut off, or not the registry): ${why}` };
  }
  const header = records[0] ?? [];
  const at = new Map(header.map((name, i) => [name.trim(), i]));
  const missing = Object.values(columns).filter((name) => !at.has(name) && !optionalColumns.includes(name));
  if (missing.length > 0) {
    return { kind: 'refused', why: `its first line lacks the registry's columns ${missing.join(', ')}` };
  }
  const facts: PortFact[] = [];
  let newest = '';
  for (const [i, record] of records.entries()) {
    if (i === 0) continue;
    const field = (name: string): string => (record[at.get(name) ?? -1] ?? '').replace(/\s+/g, ' ').trim();
    for (const column of [columns.registered, columns.modified]) {
      const date = field(column);
      if (/^\d{4}-\d\d-\d\d$/.test(date) && date > newest) newest = date;
    }
    const port = field(columns.port);
    if (port === '') continue; // a service name without a port
    const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(port);
    const [from, to] = [Number(range?.[1]), Number(range?.[2] ?? range?.[1])];
    if (range === null || from > to || to > 65535) {
      return { kind: 'refused', why: `row ${i + 1} has the port "${port.slice(0, 40)}"` };
    }
    const on = field(columns.transport).toLowerCase();
    const transports = transportsOf.get(on);
    if (transports === undefined) continue; // a transport that has come since; nothing we report on
    facts.push(
      factOf(field(columns.name), field(columns.description), noteOf(field), { from, to, transports }),
    );
  }
  const problem = implausible(facts, newest);
  if (problem !== undefined) return { kind: 'refused', why: problem };
  return {
    kind: 'table',
    table: compileTable(source, newest, mergeNames(facts), 'not-listed'),
    rows: records.length - 1,
  };
}

const transportsOf = new Map<string, readonly Transport[]>([
  ['', ['tcp', 'udp']],
  ['tcp', ['tcp']],
  ['udp', ['udp']],
  ['sctp', ['sctp']],
  ['dccp', ['dccp']],
]);

function noteOf(field: (name: string) => string): string {
  const unauthorized = field(columns.unauthorized);
  const parts = [
    field(columns.notes),
    unauthorized === '' ? '' : `Unauthorized use reported: ${unauthorized}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

type Place = Pick<PortFact, 'from' | 'to' | 'transports'>;

function factOf(name: string, description: string, note: string, place: Place): PortFact {
  const status = name === '' ? statusOfUnnamed(description, note) : 'assigned';
  const bare = /^(un)?(reserved|assigned)$/i.test(description);
  const remark =
    status === 'assigned' || status === 'assigned-private-use' || bare ? note : `${description} ${note}`;
  return {
    ...place,
    status,
    names: name === '' ? [] : [name],
    // "IANA assigned this well-formed service name as a replacement for" is about the name, not about the service.
    description: description.replace(/ ?IANA assigned this well-formed service name.*$/, ''),
    note: remark.trim(),
  };
}

/** RFC 6335 section 6 knows three statuses; the registry says the rest in words, in the description or in the notes. */
function statusOfUnnamed(description: string, note: string): RegistryStatus {
  if (/^any private /i.test(description)) return 'assigned-private-use';
  if (/^(de-?registered|removed|deprecated|de-?comm?iss?ioned)/i.test(description)) return 'de-assigned';
  if (/^reserved/i.test(description)) {
    return /de-?assigned|de-?registered|\bremoved\b|released by/i.test(note) ? 'de-assigned' : 'reserved';
  }
  return 'unassigned';
}

/** Several named rows of one port and transport are one fact with several names, in the registry's order; a name outweighs silence. */
function* mergeNames(facts: readonly PortFact[]): Iterable<PortFact> {
  const named = new Map<string, PortFact>();
  for (const fact of facts) {
    if (fact.names.length === 0) {
      yield fact;
      continue;
    }
    for (const transport of fact.transports) {
      const key = `${fact.from}-${fact.to}/${transport}`;
      const before = named.get(key);
      const merged: PortFact =
        before === undefined
          ? { ...fact, transports: [transport] }
          : {
              ...before,
              names: [...new Set([...before.names, ...fact.names])],
              description: before.description === '' ? fact.description : before.description,
              note: before.note === '' ? fact.note : before.note,
            };
      named.set(key, merged);
    }
  }
  // Ranges first, so that a row for one port inside a range stands.
  const ordered = [...named.values()].sort((a, b) => b.to - b.from - (a.to - a.from));
  for (const fact of ordered) {
    if (fact.names.length === 1) yield fact;
    else yield { ...fact, names: preferredFirst(fact) };
  }
}

/** The registry's order says nothing of which name people know; keep the one the built-in data prints. */
function preferredFirst({ names, from, transports }: PortFact): readonly string[] {
  const known = builtInRegistry().statusOf(Math.min(from, lastRegisteredPort), transports[0]!).service;
  return known !== undefined && names.includes(known)
    ? [known, ...names.filter((name) => name !== known)]
    : names;
}

/** Why these rows cannot be the whole registry, or undefined. */
function implausible(facts: readonly PortFact[], newest: string): string | undefined {
  if (newest === '') return 'no row has a date';
  const seen = new Uint8Array(lastRegisteredPort + 1);
  for (const { from, to } of facts) seen.fill(1, from, Math.min(to, lastRegisteredPort) + 1);
  let last = lastRegisteredPort;
  while (last >= 0 && seen[last] === 0) last--;
  if (last < lastRegisteredPort) {
    return `it ends at port ${Math.max(last, 0)}, and the registry goes on to ${lastRegisteredPort}: it was cut off`;
  }
  const listed = seen.reduce((sum, one) => sum + one, 0);
  if (listed < 0.99 * seen.length) {
    return `it says nothing of ${seen.length - listed} ports, and the registry lists nearly all`;
  }
  for (const [name, port] of [
    ['ssh', 22],
    ['domain', 53],
    ['http', 80],
    ['https', 443],
  ] as const) {
    const found = facts.some(
      ({ names, from, transports }) => from === port && names.includes(name) && transports.includes('tcp'),
    );
    if (!found) return `it does not assign ${port}/tcp to ${name}`;
  }
  return undefined;
}
