import type { AddressRange, Direction, Family } from '../packets/fields.ts';
import type { IntervalSet } from '../packets/interval.ts';
import type { Location, Severity } from '../report/report.ts';

/** A policy as judged: entries of all files it extends, in the order they count (extended ones first). */
export interface Policy {
  /** The files as the user gave them, joined by commas. */
  readonly path: string;
  /** The same one by one; not what they extend. */
  readonly files: readonly string[];
  readonly allow: readonly AllowEntry[];
  readonly deny: readonly PolicyEntry[];
  readonly require: readonly PolicyEntry[];
  /** True if some file has an `allow` list: only then is an open port without an entry a finding. */
  readonly closed: boolean;
  /** Severities by finding name that replace the built-in ones. */
  readonly severity: ReadonlyMap<string, Severity>;
  /** `inputs` at the top: what to audit when no path is given; each with the folder of its file before it. */
  readonly inputs: readonly string[];
  readonly remindDays: number;
}

/** Something the policy says of ports × sources × direction × inputs. */
export interface PolicyEntry {
  /** Position on `protocol * 65536 + port`; a protocol without ports takes its whole block. */
  readonly axis: IntervalSet;
  /** How the file writes the ports, joined by commas. */
  readonly portsText: string;
  /** Absent: any source of any family. Else a family without ranges is not covered. */
  readonly from?: Readonly<Record<Family, readonly AddressRange[]>>;
  readonly fromText?: readonly string[];
  readonly direction: Direction;
  /** Globs on the input's path, relative to the folder of the policy file. Absent: every input. */
  readonly inputs?: readonly string[];
  readonly reason: string;
  /** `fw-audit.yaml:12`; a built-in policy is named `no-clear-text:12`. */
  readonly place: string;
  /** The policy file that holds the entry. */
  readonly file: string;
  readonly location: Location;
}

export interface AllowEntry extends PolicyEntry {
  readonly owner?: string;
  readonly ticket?: string;
  /** The last day it counts, `YYYY-MM-DD`. */
  readonly expires?: string;
}

/** Something wrong in a policy file. An `error` means that the policy is not used (exit 2). */
export interface PolicyDiagnostic {
  readonly code: PolicyCode;
  readonly severity: 'error' | 'warning';
  /** What is wrong, with what was read. */
  readonly message: string;
  /** What to write. */
  readonly help?: string;
  readonly location: Location;
}

/** Codes of policy errors. Never reused or renumbered. */
export const policyCodes = {
  FW3001: {
    name: 'policy-not-found',
    explanation: 'A policy named under `extends` is neither a built-in one nor a readable file.',
  },
  FW3002: {
    name: 'invalid-yaml',
    explanation: 'The policy is not valid YAML, so nothing in it counts.',
  },
  FW3003: { name: 'unknown-key', explanation: 'A key that a policy does not know. Probably a typing error.' },
  FW3004: { name: 'missing-key', explanation: 'A key that every policy, or every such entry, must have.' },
  FW3005: {
    name: 'wrong-value',
    explanation: 'A value of the wrong type, or not one of those possible here.',
  },
  FW3006: { name: 'bad-port', explanation: 'Ports are written 443/tcp, 8000-8100/tcp, 53/udp or 53.' },
  FW3007: { name: 'bad-address', explanation: 'Sources are addresses, networks or ranges of one family.' },
  FW3008: { name: 'bad-date', explanation: 'Dates are written YYYY-MM-DD and must exist in the calendar.' },
  FW3009: {
    name: 'no-reason',
    explanation: 'An entry without a reason justifies nothing. `policy init` leaves TODO for you to replace.',
  },
  FW3010: { name: 'extends-cycle', explanation: 'Policies extend each other in a circle.' },
  FW3011: {
    name: 'allow-deny-overlap',
    explanation: 'One entry allows what another one denies. Deny would win, so the allow entry would lie.',
  },
  FW3012: {
    name: 'justification-incomplete',
    explanation: 'The policy demands a field (owner, ticket, expires) that this allow entry lacks.',
  },
  FW3020: {
    name: 'suppression-without-reason',
    explanation:
      'A comment ignores findings without saying why. It counts for nothing until a reason stands after the bracket.',
  },
  FW3021: {
    name: 'suppression-of-unknown-finding',
    explanation: 'A comment ignores a code or name that no finding has.',
  },
  FW3022: {
    name: 'useless-suppression',
    explanation: 'A comment ignores a finding that the rule does not have, or not alone.',
  },
  FW3030: {
    name: 'bad-baseline',
    explanation: 'The file given as --baseline is not one that --write-baseline wrote.',
  },
} as const satisfies Record<string, { readonly name: string; readonly explanation: string }>;

export type PolicyCode = keyof typeof policyCodes;
