import { commonCodes } from './codes/common.ts';
import { iptablesCodes } from './codes/iptables.ts';
import { listenerCodes } from './codes/listeners.ts';
import { nftablesCodes } from './codes/nftables.ts';
import { pfCodes } from './codes/pf.ts';
import { windowsCodes } from './codes/windows.ts';

/** What a stable FW code means; `fw-audit explain FW1004` prints it. */
export interface CodeEntry {
  /** kebab-case name. */
  readonly name: string;
  /** One or two sentences: what happened and what it means for the answer. */
  readonly explanation: string;
}

/**
 * Every diagnostic code. FW10xx all inputs, FW11xx iptables and ipset, FW12xx nftables, FW13xx pf, FW14xx Windows,
 * FW15xx lists of listeners.
 * Findings (FW20xx) and policy errors (FW30xx) have tables of their own. A code is never reused or renumbered.
 */
export const diagnosticCodes = {
  ...commonCodes,
  ...iptablesCodes,
  ...nftablesCodes,
  ...pfCodes,
  ...windowsCodes,
  ...listenerCodes,
} as const satisfies Record<string, CodeEntry>;

export type DiagnosticCode = keyof typeof diagnosticCodes;
