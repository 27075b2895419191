/**
 * The report: one frozen value from which every reporter prints. `--format json` is this value itself (schemaVersion 1), so names
 * and meanings are a contract; `rulesets/schema/report.schema.json` says the same to other programs.
 */
import type { DiagnosticSeverity } from '../diagnostics/diagnostic.ts';
import type { ConnectionState, Direction, Family } from '../packets/fields.ts';
import type { Scope } from '../packets/address-scope.ts';
import type { PortRange, PortStatus, RangeName } from '../ports/port-types.ts';

export interface Report {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: 'fw-audit'; readonly version: string };
  readonly registry: { readonly source: string; readonly asOf: string };
  /** `lint`: only rules without effect were asked for; that there are no exposures says nothing. Absent: an audit. */
  readonly asked?: 'lint';
  readonly inputs: readonly ReportInput[];
  readonly exposures: readonly Exposure[];
  readonly findings: readonly Finding[];
  readonly diagnostics: readonly ReportDiagnostic[];
  readonly assumptions: readonly string[];
  readonly summary: Summary;
}

export interface ReportInput {
  readonly path: string;
  readonly format: string;
  readonly dialect: string;
  readonly families: readonly Family[];
  readonly rules: number;
  readonly understood: number;
  /** Inputs of one host (`--host`) share a number. */
  readonly host: number;
}

/** One row of the answer: a maximal run of ports of one protocol that the same packets may reach. */
export interface Exposure {
  /** Index into `inputs`: the input that holds the deciding rules (of several under `--host`, the first). */
  readonly input: number;
  readonly direction: Direction;
  readonly family: Family;
  /** `tcp`, `icmpv6`, a number as text for a protocol without a well-known name, `any` for every protocol that has no row of its own. */
  readonly protocol: string;
  /** With protocol `any`: the protocol numbers, as ranges. */
  readonly protocols?: readonly PortRange[];
  /** Null for protocols without ports. */
  readonly ports: PortRange | null;
  readonly certainty: 'certain' | 'possible';
  readonly conditions: readonly Condition[];
  readonly from: readonly FromElement[];
  readonly scope: Scope;
  /** Null where `ports` is. */
  readonly range: RangeName | null;
  readonly assignment: Assignment | null;
  readonly uses: readonly KnownUse[];
  readonly listings: readonly Listing[];
  readonly scrutiny: Scrutiny;
  readonly policy: PolicyVerdict | null;
  readonly rules: readonly RuleReference[];
  /** Present if some of these packets get in because no rule decides them: by a chain's policy, or the format's own default. */
  readonly byDefault?: true;
  readonly witness: Witness;
  /** What a translation does with these packets: `172.17.0.2:80`, with the rule that does it. `target`: where it is one address. */
  readonly translation?: {
    readonly to: string;
    readonly target?: { readonly address: string; readonly ports: PortRange };
    readonly rule: RuleReference;
  };
  /** With `--listeners`: who holds these ports on the host. Empty: nobody. */
  readonly listeners?: readonly Listener[];
}

export type { Scope };

export interface Condition {
  /** What it hangs on: `limit: avg 5/min`, `mark 0x1/0xff`, `set admins is not in the input`. */
  readonly text: string;
  readonly rule?: RuleReference;
}

/** Packets whose every field lies in the named sets; an omitted key means any. Elements of one row are disjoint and leave nothing out. */
export interface FromElement {
  readonly sources?: readonly string[];
  readonly destinations?: readonly string[];
  /** A name, `prefix*`, or `!name` for any but. */
  readonly inInterfaces?: readonly string[];
  readonly outInterfaces?: readonly string[];
  readonly sourcePorts?: readonly PortRange[];
  /** ICMP rows: the types let in; `code` omitted means every code. */
  readonly icmpTypes?: readonly { readonly type: PortRange; readonly code?: PortRange }[];
  readonly profiles?: readonly string[];
  readonly programs?: readonly string[];
  readonly services?: readonly string[];
  readonly packages?: readonly string[];
  readonly interfaceTypes?: readonly string[];
}

export interface Assignment {
  /** `mixed` for a row of several statuses, with `counts`. */
  readonly status: PortStatus | 'mixed';
  readonly service?: string;
  readonly description?: string;
  readonly counts?: Readonly<Partial<Record<PortStatus, number>>>;
}

export interface Citation {
  readonly title: string;
  readonly url?: string;
}

export interface KnownUse {
  readonly ports: PortRange;
  readonly use: string;
  readonly kind: 'unofficial' | 'conflicting' | 'iana-noted';
  readonly cite: readonly Citation[];
}

/** A malware or scanner list names this port. That says nothing about any one host. */
export interface Listing {
  readonly ports: PortRange;
  readonly label: string;
  readonly list: string;
  readonly transport: string;
  readonly date: string | null;
  readonly primarySource: string | null;
  readonly confidence: 'listed-only' | 'documented';
}

export interface Scrutiny {
  readonly flag: boolean;
  readonly level: 'none' | 'note' | 'low' | 'medium' | 'high';
  readonly reasons: readonly string[];
  /** In a row of several ports: which ones raised the flag. */
  readonly ports?: readonly PortRange[];
}

export interface PolicyVerdict {
  readonly verdict: 'justified' | 'expired' | 'forbidden' | 'unlisted';
  /** The entry's place in the policy file, `fw-audit.yaml:12`. */
  readonly entry?: string;
  readonly reason?: string;
  readonly owner?: string;
  readonly ticket?: string;
  readonly expires?: string;
}

export interface RuleReference {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** One concrete packet of the row. */
export interface Witness {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly protocol?: number;
  readonly inInterface?: string;
  readonly outInterface?: string;
  readonly state?: ConnectionState;
  readonly profile?: string;
  readonly program?: string;
  readonly service?: string;
  readonly package?: string;
  readonly interfaceType?: string;
}

export interface Listener {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
  readonly process?: string;
  readonly pid?: number;
  readonly user?: string;
}

export type Severity = 'none' | 'note' | 'low' | 'medium' | 'high';

export interface Location {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export interface Finding {
  readonly code: string;
  readonly name: string;
  readonly severity: Severity;
  readonly message: string;
  /** What to do about it. */
  readonly help?: string;
  /** Index into `exposures`. */
  readonly exposure?: number;
  readonly location?: Location | undefined;
  /** Survives line moves: made of what the finding says, not of where. */
  readonly fingerprint: string;
  readonly suppressed?: { readonly by: 'comment' | 'baseline'; readonly reason: string };
}

export interface ReportDiagnostic {
  readonly code: string;
  readonly severity: DiagnosticSeverity;
  readonly message: string;
  readonly help?: string;
  readonly location?: Location;
}

export interface Summary {
  /** Ports that are certainly open, counted once a protocol over families and directions. */
  readonly openPorts: number;
  readonly possiblePorts: number;
  readonly openToInternet: number;
  readonly openToPrivate: number;
  readonly deserveALook: number;
  readonly rules: number;
  readonly understood: number;
  readonly findings: Readonly<Record<Exclude<Severity, 'none'>, number>>;
}
