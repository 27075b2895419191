import { portTable } from '../generated/port-table.ts';
import type { PortTable, RegistryStatus } from './port-table.ts';
import { lastRegisteredPort, statusLetters, transportBits, transports } from './port-table.ts';
import type { PortRange, PortStatus, RangeName, Transport } from './port-types.ts';

/** What is known of one port and transport. */
export interface PortInfo {
  readonly status: PortStatus;
  /** The service name to print, of an assigned port. */
  readonly service?: string;
  /** Further registered names of the same port. */
  readonly aliases?: readonly string[];
  readonly description?: string;
  /** IANA's remark, such as `Removed 2002-04-30.` */
  readonly note?: string;
  /** With `assigned-other-transport`: the transports that have the assignment. */
  readonly assignedOn?: readonly Transport[];
}

export interface StatusRun extends PortRange {
  readonly status: PortStatus;
}

/** A registered service name and where it is registered. */
export interface ServiceEntry {
  readonly port: number;
  readonly transports: readonly Transport[];
  readonly names: readonly string[];
  readonly description: string;
}

export const allStatuses: readonly PortStatus[] = [
  'assigned',
  'assigned-private-use',
  'assigned-other-transport',
  'reserved',
  'de-assigned',
  'unassigned',
  'not-listed',
  'dynamic',
];

const assigned = allStatuses.indexOf('assigned');
const otherTransport = allStatuses.indexOf('assigned-other-transport');
const dynamic = allStatuses.indexOf('dynamic');

/** RFC 6335 section 6: 0-1023 system, 1024-49151 user, 49152-65535 dynamic. */
export function rangeOf(port: number): RangeName {
  if (port <= 1023) return 'well-known';
  return port <= lastRegisteredPort ? 'registered' : 'ephemeral';
}

export const rangeBounds: Readonly<Record<RangeName, PortRange>> = {
  'well-known': { from: 0, to: 1023 },
  registered: { from: 1024, to: lastRegisteredPort },
  ephemeral: { from: lastRegisteredPort + 1, to: 65535 },
};

/**
 * IANA's registry: the built-in one (`builtInRegistry()`) or one made of a table that the user updated. Immutable to callers;
 * decodes on first use.
 */
export class Registry {
  readonly source: string;
  readonly asOf: string;
  /** What it was made of. */
  readonly table: PortTable;
  readonly #raw = new Map<Transport, Uint8Array>();
  readonly #codes = new Map<Transport, Uint8Array>();
  #starts: Uint32Array | undefined;
  #lookups = 0;
  readonly #portsOfName = new Map<string, readonly ServiceEntry[]>();

  constructor(table: PortTable) {
    this.source = table.source;
    this.asOf = table.asOf;
    this.table = table;
  }

  /** The status, names and remarks of a port; `port` is 0-65535. */
  statusOf(port: number, transport: Transport): PortInfo {
    const status = allStatuses[this.statusCodes(transport)[port]!]!;
    const assignedOn =
      status === 'assigned-other-transport'
        ? transports.filter((other) => this.statusCodes(other)[port] === assigned)
        : undefined;
    const record = this.#record(port, transport);
    const [service, ...aliases] = record?.names ?? [];
    return {
      status,
      ...(service !== undefined && { service }),
      ...(aliases.length > 0 && { aliases }),
      ...(record !== undefined && record.description !== '' && { description: record.description }),
      ...(record !== undefined && record.note !== '' && { note: record.note }),
      ...(assignedOn !== undefined && { assignedOn }),
    };
  }

  /** The registry's own word, before the other transports and the dynamic range are considered. Above 49151: `not-listed`. */
  registryStatus(port: number, transport: Transport): RegistryStatus {
    let codes = this.#raw.get(transport);
    if (codes === undefined) this.#raw.set(transport, (codes = decode(this.table.statuses[transport], true)));
    const code = codes[port]!;
    return code === dynamic ? 'not-listed' : (allStatuses[code] as RegistryStatus);
  }

  /** Maximal runs of one status that cover `[from, to]`, ascending. */
  statusRuns(from: number, to: number, transport: Transport): readonly StatusRun[] {
    const codes = this.statusCodes(transport);
    const runs: StatusRun[] = [];
    let start = from;
    for (let port = from + 1; port <= to + 1; port++) {
      if (port <= to && codes[port] === codes[start]) continue;
      runs.push({ from: start, to: port - 1, status: allStatuses[codes[start]!]! });
      start = port;
    }
    return runs;
  }

  /** How many ports of `[from, to]` have each status; statuses that do not occur are absent. */
  countByStatus(from: number, to: number, transport: Transport): Partial<Record<PortStatus, number>> {
    const codes = this.statusCodes(transport);
    const counts = new Uint32Array(allStatuses.length);
    for (let port = from; port <= to; port++) counts[codes[port]!]!++;
    const found: Partial<Record<PortStatus, number>> = {};
    allStatuses.forEach((status, i) => {
      if (counts[i]! > 0) found[status] = counts[i]!;
    });
    return found;
  }

  /** Per port an index into `allStatuses`; 65,536 long. For scans over many ports. */
  statusCodes(transport: Transport): Uint8Array {
    let codes = this.#codes.get(transport);
    if (codes === undefined)
      this.#codes.set(transport, (codes = decode(this.table.statuses[transport], false)));
    return codes;
  }

  /** Whether the registry has a name or a remark for the port, on any transport. For scans over many ports. */
  hasRecord(port: number): boolean {
    if (port > lastRegisteredPort) return false;
    this.#starts ??= indexRecords(this.table.records);
    const start = this.#starts[port]!;
    return start > 0 || this.table.records.startsWith(`${port}\t`);
  }

  /** The entries registered under exactly this name (case-sensitive), ascending by port. */
  entriesNamed(name: string): readonly ServiceEntry[] {
    let entries = this.#portsOfName.get(name);
    if (entries === undefined) {
      entries = name === '' || name.includes('|') || name.includes('\t') ? [] : this.#find(`|${name}|`);
      this.#portsOfName.set(name, entries);
    }
    return entries;
  }

  /** The entries whose name, description or remark holds the word, in any case, ascending by port. */
  search(word: string): readonly ServiceEntry[] {
    const wanted = word.toLowerCase();
    const found: ServiceEntry[] = [];
    for (const line of this.table.records.split('\n')) {
      const [port, mask, names, description, note] = line.split('\t');
      if (mask === undefined) continue;
      if (!`${names}\t${description}\t${note}`.toLowerCase().includes(wanted)) continue;
      found.push(serviceEntry(port!, mask, names!, description!));
    }
    return found;
  }

  #find(needle: string): ServiceEntry[] {
    const { records } = this.table;
    const found: ServiceEntry[] = [];
    for (let at = records.indexOf(needle); at >= 0;) {
      const start = records.lastIndexOf('\n', at) + 1;
      const end = records.indexOf('\n', at);
      const [port, mask, names, description] = records.slice(start, end).split('\t');
      found.push(serviceEntry(port!, mask!, names!, description!));
      at = records.indexOf(needle, end);
    }
    return found;
  }

  #record(
    port: number,
    transport: Transport,
  ): { names: string[]; description: string; note: string } | undefined {
    const { records } = this.table;
    const begin = `${port}\t`;
    for (let start = this.#firstRecord(port); records.startsWith(begin, start);) {
      const end = records.indexOf('\n', start);
      const [, mask, names, description, note] = records.slice(start, end).split('\t');
      if ((Number.parseInt(mask!, 16) & transportBits[transport]) !== 0) {
        return { names: splitNames(names!), description: description!, note: note! };
      }
      start = end + 1;
    }
    return undefined;
  }

  /**
   * Where the first record of the port begins, or anywhere else if it has none. The first look-ups search line starts in the text,
   * so that a small report never reads all of it; a report that asks often gets an index.
   */
  #firstRecord(port: number): number {
    const { records } = this.table;
    if (this.#starts !== undefined) return this.#starts[port] ?? 0;
    if (++this.#lookups > lookupsBeforeIndex) return (this.#starts = indexRecords(records))[port] ?? 0;
    let low = 0;
    let high = records.length;
    while (low < high) {
      const start = records.lastIndexOf('\n', ((low + high) >> 1) - 1) + 1;
      if (Number.parseInt(records.slice(start, start + 5), 10) >= port) high = start;
      else low = records.indexOf('\n', start) + 1;
    }
    return low;
  }
}

const lookupsBeforeIndex = 100;

function indexRecords(records: string): Uint32Array {
  const starts = new Uint32Array(lastRegisteredPort + 1);
  let previous = -1;
  for (let start = 0; start < records.length; start = records.indexOf('\n', start) + 1) {
    let port = 0;
    for (let i = start; records.charCodeAt(i) !== 9; i++) port = port * 10 + records.charCodeAt(i) - 48;
    if (port !== previous) starts[port] = start;
    previous = port;
  }
  return starts;
}

let builtIn: Registry | undefined;

/** The registry that ships with fw-audit. */
export function builtInRegistry(): Registry {
  return (builtIn ??= new Registry(portTable));
}

function serviceEntry(port: string, mask: string, names: string, description: string): ServiceEntry {
  const bits = Number.parseInt(mask, 16);
  return {
    port: Number(port),
    transports: transports.filter((transport) => (bits & transportBits[transport]) !== 0),
    names: splitNames(names),
    description,
  };
}

function splitNames(names: string): string[] {
  return names === '' ? [] : names.slice(1, -1).split('|');
}

/** One code a port. `raw`: the registry's own word; else what another transport's assignment makes of it. Fills runs, not ports. */
function decode(runs: string, raw: boolean): Uint8Array {
  const codes = new Uint8Array(65536).fill(dynamic);
  const codeOf = new Uint8Array(128);
  for (const [status, letter] of Object.entries(statusLetters)) {
    const code = allStatuses.indexOf(status as PortStatus);
    codeOf[letter.charCodeAt(0)] = code;
    codeOf[letter.toUpperCase().charCodeAt(0)] = raw ? code : otherTransport;
  }
  let port = 0;
  for (let i = 0; i < runs.length;) {
    const code = codeOf[runs.charCodeAt(i++)]!;
    let count = 0;
    for (let digit = runs.charCodeAt(i) - 48; digit >= 0 && digit <= 9; digit = runs.charCodeAt(++i) - 48) {
      count = count * 10 + digit;
    }
    codes.fill(code, port, port + count);
    port += count;
  }
  return codes;
}
