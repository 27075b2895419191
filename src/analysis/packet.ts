import type { ConnectionState, Family, NameField } from '../packets/fields.ts';

/** One concrete packet as it arrives, every field known. */
export interface Packet {
  readonly family: Family;
  readonly protocol: number;
  readonly source: bigint;
  readonly destination: bigint;
  /** Bytes 0-1 of the transport header; for ICMP `type << 8 | code`. */
  readonly sourcePort: number;
  /** Bytes 2-3 of the transport header. */
  readonly destinationPort: number;
  readonly tcpFlags: number;
  readonly state: ConnectionState;
  readonly names: Readonly<Partial<Record<NameField, string>>>;
}

/** TCP flags of the first packet of a connection: SYN alone. */
export const synOnly = 2;
