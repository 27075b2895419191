import type { Span } from '../source/source.ts';
import type { DiagnosticCode } from './codes.ts';

/** `error`: a part of the input was not read as its author meant it (exit 3); `warning`: read, but look; `note`: for information. */
export type DiagnosticSeverity = 'error' | 'warning' | 'note';

/**
 * Something the user should know about an input. Everything a user can cause is a diagnostic; exceptions are for bugs.
 * The message says what was read and what was expected; `help` says what to do.
 */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: DiagnosticSeverity;
  readonly message: string;
  /** Where; absent for a diagnostic about a whole input or run. */
  readonly span?: Span;
  readonly help?: string;
}
