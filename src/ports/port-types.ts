/** An inclusive range of ports (or of protocol numbers and ICMP types). */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export type Transport = 'tcp' | 'udp' | 'sctp' | 'dccp';

/** RFC 6335 section 6: System (well-known), User (registered) and Dynamic (ephemeral) ports. */
export type RangeName = 'well-known' | 'registered' | 'ephemeral';

/** What IANA's registry says of one port and transport; decided in the order of `port-status.ts`. */
export type PortStatus =
  | 'assigned'
  | 'assigned-private-use'
  | 'assigned-other-transport'
  | 'reserved'
  | 'de-assigned'
  | 'unassigned'
  | 'not-listed'
  | 'dynamic';
