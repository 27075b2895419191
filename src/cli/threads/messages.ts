import type { AuditOptions } from '../../audit.ts';
import type { HostResults, Look } from '../../host-results.ts';
import type { PortTable } from '../../ports/port-table.ts';
import type { RowCut } from '../../report/lazy-row.ts';
import type { PackedRow, RowPart } from '../../report/packed-row.ts';
import type { Source } from '../../source/source.ts';

/** What a thread is told at its start. Plain data, like all that goes between threads (HTML, "structured clone"). */
export interface Task {
  readonly look: Look['name'];
  readonly options: Omit<AuditOptions, 'progress' | 'include' | 'relativePath' | 'policy' | 'knowledge'>;
  /** A registry other than the built-in one. */
  readonly portTable?: PortTable;
}

export type Order =
  | { readonly kind: 'host'; readonly host: number; readonly source: Source }
  /** Of a host that this thread has looked at. */
  | { readonly kind: 'parts'; readonly host: number; readonly asked: readonly AskedPart[] };

export interface AskedPart {
  readonly row: number;
  readonly part: RowPart;
  /** Of these of its packets only. */
  readonly cut?: RowCut;
}

export type Answer =
  | { readonly kind: 'host'; readonly results: PackedResults }
  /** As they were asked for. */
  | { readonly kind: 'parts'; readonly found: readonly unknown[] }
  /** The host's packet sets are so large that the ceiling of nodes may make a difference, see `lookInThreads`. */
  | { readonly kind: 'large' }
  | { readonly kind: 'failed'; readonly error: SentError };

/** Told before each step that may take long. */
export interface Step {
  readonly kind: 'step';
  readonly path: string;
}

export type PackedResults = Omit<HostResults, 'exposures' | 'sources' | 'nodes'> & {
  readonly rows: readonly PackedRow[];
  /** Parts that are likely to be asked for. */
  readonly parts: readonly (AskedPart & { readonly value: unknown })[];
};

/** A clone of an exception keeps no name but those of JavaScript's own. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '' };
  return { name: error.name, message: error.message, stack: error.stack ?? '' };
}

export function errorFrom({ name, message, stack }: SentError): Error {
  return Object.assign(new Error(message), { name, stack });
}
