import { portNotes } from '../generated/port-notes.ts';
import type { Direction } from '../packets/fields.ts';
import type { Assignment, KnownUse, Listing, Scope, Scrutiny } from '../report/report.ts';
import type { PortNotes } from './port-notes.ts';
import { notesFor } from './port-notes.ts';
import type { PortRange, RangeName, Transport } from './port-types.ts';
import type { Registry } from './registry.ts';
import { allStatuses, builtInRegistry, rangeOf } from './registry.ts';
import type { PortKind } from './scrutiny.ts';
import { scrutinise, wide } from './scrutiny.ts';

/** A row of an answer: ports of one protocol, which way they are open, and to whom. */
export interface PortRow {
  /** `tcp`, `udp`, `sctp`, `dccp`, `udplite`, or the protocol number of one of these. */
  readonly protocol: string;
  readonly ports: PortRange;
  readonly scope: Scope;
  readonly direction: Direction;
}

export interface PortDescription {
  /** The range of the first port; rows of the report never cross a bound. */
  readonly range: RangeName;
  readonly assignment: Assignment;
  readonly uses: readonly KnownUse[];
  readonly listings: readonly Listing[];
  readonly scrutiny: Scrutiny;
}

const hasUse = 1;
const hasRisk = 2;
const isObscure = 4;
const hasListing = 8;

/** The protocols that have ports, by the names and numbers that exports use. UDP-Lite shares UDP's ports (RFC 3828 section 6). */
const transportsByName = new Map<string, Transport>([
  ['tcp', 'tcp'],
  ['6', 'tcp'],
  ['udp', 'udp'],
  ['17', 'udp'],
  ['udplite', 'udp'],
  ['136', 'udp'],
  ['sctp', 'sctp'],
  ['132', 'sctp'],
  ['dccp', 'dccp'],
  ['33', 'dccp'],
]);

/** The transport whose registry a protocol's ports are looked up in; undefined for one that IANA registers no ports for. */
export function transportOf(protocol: string): Transport | undefined {
  return transportsByName.get(protocol.toLowerCase());
}

/** A row of more ports than this lists no malware names: any range would match some. */
const mostListedPorts = 16;

/** A row of at most so many ports is looked at for one common service. */
const mostServicePorts = 256;
/** … and of more than this it is looked first whether there is a record at all. */
const someServicePorts = 16;

const cachedRows = 20_000;

/** A registry together with the curated notes: what is known of ports. Immutable to callers; remembers rows it was asked before. */
export class PortKnowledge {
  readonly registry: Registry;
  readonly notes: PortNotes;
  readonly #noted = new Map<Transport, Uint8Array>();
  readonly #rows = new Map<string, PortDescription>();

  constructor(registry: Registry, notes: PortNotes = portNotes) {
    this.registry = registry;
    this.notes = notes;
  }

  /** What the report says about a row. */
  describe(row: PortRow): PortDescription {
    const { protocol, ports, scope, direction } = row;
    const key = `${protocol} ${ports.from} ${ports.to} ${scope} ${direction}`;
    let description = this.#rows.get(key);
    if (description === undefined) {
      description = this.#describe(row);
      if (this.#rows.size >= cachedRows) this.#rows.clear();
      this.#rows.set(key, description);
    }
    return description;
  }

  /** Runs of one status and one answer to "is a use known?" that cover the ports, ascending. */
  kinds({ from, to }: PortRange, transport: Transport): readonly PortKind[] {
    const codes = this.registry.statusCodes(transport);
    const noted = this.#notedPorts(transport);
    const kinds: PortKind[] = [];
    let start = from;
    for (let port = from + 1; port <= to + 1; port++) {
      const knownUse = noted[start]! & hasUse;
      if (port <= to && codes[port] === codes[start] && (noted[port]! & hasUse) === knownUse) continue;
      kinds.push({
        from: start,
        to: port - 1,
        status: allStatuses[codes[start]!]!,
        knownUse: knownUse !== 0,
      });
      start = port;
    }
    return kinds;
  }

  #describe({ protocol, ports, scope, direction }: PortRow): PortDescription {
    const { from, to } = ports;
    const range = rangeOf(from);
    const transport = transportOf(protocol);
    if (transport === undefined) {
      const scrutiny = scrutinise({
        direction,
        scope,
        ports,
        kinds: [{ ...ports, status: 'not-listed', knownUse: false }],
        risks: [],
        obscure: [],
      });
      return { range, assignment: { status: 'not-listed' }, uses: [], listings: [], scrutiny };
    }
    const { uses, risks, obscure, listings } = this.notes;
    const noted = this.#notedIn(ports, transport);
    // A wide incoming row is flagged as a whole, so where in it each kind lies does not matter.
    const whole = to - from >= wide && direction !== 'out';
    const kinds = whole ? this.#kindsAnywhere(ports, transport) : this.kinds(ports, transport);
    const assignmentOf = (): Assignment => this.#assignment(ports, transport);
    let assignment: Assignment | undefined;
    return {
      range,
      // Tables show it of the rows that they show.
      get assignment() {
        return (assignment ??= assignmentOf());
      },
      uses:
        (noted & hasUse) === 0
          ? []
          : notesFor(uses, from, to, transport).map(({ ports, use, kind, cite }) => ({
              ports,
              use,
              kind,
              cite,
            })),
      listings:
        (noted & hasListing) === 0 || range === 'ephemeral' || to - from >= mostListedPorts
          ? []
          : notesFor(listings, from, to, transport).map((entry) => listingOf(entry, transport)),
      scrutiny: scrutinise({
        direction,
        scope,
        ports,
        kinds,
        risks: (noted & hasRisk) === 0 ? [] : notesFor(risks, from, to, transport),
        obscure:
          (noted & isObscure) === 0 ? [] : notesFor(obscure, from, to, transport).map((entry) => entry.ports),
      }),
    };
  }

  /** Like `kinds`, but one entry for each kind that occurs, each said to be anywhere in the ports. */
  #kindsAnywhere({ from, to }: PortRange, transport: Transport): readonly PortKind[] {
    const codes = this.registry.statusCodes(transport);
    const noted = this.#notedPorts(transport);
    const found = new Uint8Array(2 * allStatuses.length);
    for (let port = from; port <= to; port++) found[2 * codes[port]! + (noted[port]! & hasUse)] = 1;
    const kinds: PortKind[] = [];
    found.forEach((occurs, code) => {
      if (occurs === 1) kinds.push({ from, to, status: allStatuses[code >> 1]!, knownUse: (code & 1) === 1 });
    });
    return kinds;
  }

  #assignment(ports: PortRange, transport: Transport): Assignment {
    const counts =
      ports.from === ports.to ? {} : this.registry.countByStatus(ports.from, ports.to, transport);
    if (Object.keys(counts).length > 1) return { status: 'mixed', counts };
    const first = allStatuses[this.registry.statusCodes(transport)[ports.from]!]!;
    const { service, description } = this.registry.statusOf(ports.from, transport);
    if (ports.to - ports.from >= mostServicePorts) return { status: first };
    // Finding out which ports have records at all pays where there are many to look at.
    const skips = ports.to - ports.from >= someServicePorts && !this.registry.hasRecord(ports.from);
    for (let port = ports.from + 1; port <= ports.to; port++) {
      if (skips && !this.registry.hasRecord(port)) continue;
      const other = this.registry.statusOf(port, transport);
      if (other.service !== service || other.description !== description) return { status: first };
    }
    return {
      status: first,
      ...(service !== undefined && { service }),
      ...(description !== undefined && { description }),
    };
  }

  /** Per port which kinds of notes name it, as bits. */
  #notedPorts(transport: Transport): Uint8Array {
    let noted = this.#noted.get(transport);
    if (noted === undefined) {
      noted = new Uint8Array(65536);
      const { uses, risks, obscure, listings } = this.notes;
      const kinds = [
        [hasUse, uses],
        [hasRisk, risks],
        [isObscure, obscure],
        [hasListing, listings],
      ] as const;
      for (const [bit, entries] of kinds) {
        for (const { ports, transports } of entries) {
          if (!transports.includes(transport)) continue;
          for (let port = ports.from; port <= ports.to; port++) noted[port]! |= bit;
        }
      }
      this.#noted.set(transport, noted);
    }
    return noted;
  }

  #notedIn({ from, to }: PortRange, transport: Transport): number {
    if (to - from >= wide) return -1; // somewhere in a wide row there is always something to look up
    const noted = this.#notedPorts(transport);
    let bits = 0;
    for (let port = from; port <= to; port++) bits |= noted[port]!;
    return bits;
  }
}

/** A listing as reports print it: of one transport. */
export function listingOf(entry: PortNotes['listings'][number], transport: Transport): Listing {
  const { ports, label, list, date, primarySource, confidence } = entry;
  return { ports, label, list, transport, date, primarySource, confidence };
}

let builtIn: PortKnowledge | undefined;

/** The built-in registry and notes. */
export function builtInKnowledge(): PortKnowledge {
  return (builtIn ??= new PortKnowledge(builtInRegistry()));
}

/** What the report says about a row of ports, by the built-in knowledge unless another is given. */
export function describePorts(row: PortRow, knowledge: PortKnowledge = builtInKnowledge()): PortDescription {
  return knowledge.describe(row);
}
