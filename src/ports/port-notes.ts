import type { PortRange, Transport } from './port-types.ts';

/** Who says so. */
export interface NoteSource {
  readonly title: string;
  readonly url?: string;
}

interface NoteEntry {
  readonly ports: PortRange;
  readonly transports: readonly Transport[];
  /** The day the entry was written, `2026-11-23`. */
  readonly added: string;
}

/** A real-world use of a port beside (or against) the registry. */
export interface UseEntry extends NoteEntry {
  readonly use: string;
  readonly kind: 'unofficial' | 'conflicting' | 'iana-noted';
  readonly cite: readonly NoteSource[];
}

export type RiskClass =
  | 'clear-text'
  | 'remote-admin'
  | 'file-sharing'
  | 'database'
  | 'management-api'
  | 'debugger'
  | 'udp-reflection'
  | 'industrial';

export interface RiskEntry extends NoteEntry {
  readonly class: RiskClass;
  readonly why: string;
  /** The level where the internet reaches the port; elsewhere as many steps less than the class has. */
  readonly cap?: 'note' | 'low' | 'medium';
  readonly cite: readonly NoteSource[];
}

/** A registration that tells nothing: no reference, no known product. */
export interface ObscureEntry extends NoteEntry {
  readonly why: string;
  readonly cite: readonly NoteSource[];
}

/** A malware or scanner list names the port; that says nothing about any one host. */
export interface ListingEntry extends NoteEntry {
  readonly label: string;
  readonly list: string;
  readonly date: string | null;
  readonly primarySource: string | null;
  readonly confidence: 'listed-only' | 'documented';
}

/** An operating system's default range for the source ports of outgoing connections. */
export interface EphemeralEntry {
  readonly ports: PortRange;
  readonly os: string;
  readonly setting: string;
  readonly cite: readonly NoteSource[];
  readonly added: string;
}

/** The compiled form of rulesets/ports/*.yaml. */
export interface PortNotes {
  readonly uses: readonly UseEntry[];
  readonly risks: readonly RiskEntry[];
  readonly obscure: readonly ObscureEntry[];
  readonly listings: readonly ListingEntry[];
  readonly ephemeral: readonly EphemeralEntry[];
}

/** The entries that touch `[from, to]` on the transport, in the file's order. */
export function notesFor<Entry extends NoteEntry>(
  entries: readonly Entry[],
  from: number,
  to: number,
  transport: Transport,
): Entry[] {
  return entries.filter(
    ({ ports, transports }) => ports.from <= to && ports.to >= from && transports.includes(transport),
  );
}
