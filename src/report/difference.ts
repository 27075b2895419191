/** What `fw-audit diff` prints as JSON, schemaVersion 1; `rulesets/schema/diff.schema.json` says the same to other programs. */
import type { PacketVerdict } from '../analysis/compare.ts';
import type { Direction, Family } from '../packets/fields.ts';
import type { PortRange } from '../ports/port-types.ts';
import type {
  Assignment,
  FromElement,
  ReportDiagnostic,
  ReportInput,
  RuleReference,
  Scope,
  Severity,
  Witness,
} from './report.ts';

export interface Difference {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: 'fw-audit'; readonly version: string };
  readonly before: readonly ReportInput[];
  readonly after: readonly ReportInput[];
  /** Worst first. Together they hold exactly the packets whose verdict changes. */
  readonly changes: readonly Change[];
  /** Directions and families that only one of the two speaks of, so that nothing is said of them. */
  readonly notCompared: readonly NotCompared[];
  readonly diagnostics: readonly ReportDiagnostic[];
  readonly assumptions: readonly string[];
  readonly summary: { readonly opened: number; readonly closed: number; readonly conditions: number };
}

/** Packets of one protocol and a run of ports whose verdict changes in one way. */
export interface Change {
  /** `opened`: what was denied may pass now; `closed`: what passed may be denied now; `conditions`: it hangs on something else now. */
  readonly kind: 'opened' | 'closed' | 'conditions';
  readonly severity: Exclude<Severity, 'none'>;
  readonly direction: Direction;
  readonly family: Family;
  /** As in a report's exposures. */
  readonly protocol: string;
  readonly protocols?: readonly PortRange[];
  readonly ports: PortRange | null;
  readonly from: readonly FromElement[];
  readonly scope: Scope;
  readonly assignment: Assignment | null;
  readonly before: Decided;
  readonly after: Decided;
  /** One of the packets; `rules` say who decides about it. */
  readonly witness: Witness;
}

/** What one side does with the packets of a change. */
export interface Decided {
  readonly verdict: PacketVerdict;
  /** How the witness is denied. */
  readonly action?: 'drop' | 'reject';
  readonly rules: readonly RuleReference[];
  /** What a conditional verdict hangs on. */
  readonly conditions: readonly string[];
}

export interface NotCompared {
  readonly direction: Direction;
  readonly family: Family;
  readonly missing: 'before' | 'after';
}
