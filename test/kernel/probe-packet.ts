import type { ConnectionState, Family, TcpFlag } from '../../src/packets/fields.ts';

/** One packet that the lab can send: the fields of a `query --batch` line, all of them known. */
export interface ProbePacket {
  readonly family: Family;
  /** IP protocol number. */
  readonly protocol: number;
  readonly source: string;
  readonly destination: string;
  /** Protocols with ports; for others than ICMP the first two words of the payload, whatever they mean. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  readonly tcpFlags: readonly TcpFlag[];
  readonly inInterface: string;
}

export const portProtocols: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

export function isIcmp(packet: ProbePacket): boolean {
  return packet.protocol === (packet.family === 'ipv4' ? 1 : 58);
}

/** The two bytes where ICMP of either family has its type and code; for the other family's, these are the frame's first port. */
export function icmpOf(packet: ProbePacket): { readonly type: number; readonly code: number } {
  return isIcmp(packet)
    ? { type: packet.icmpType, code: packet.icmpCode }
    : { type: packet.sourcePort >> 8, code: packet.sourcePort & 255 };
}

/**
 * The state that conntrack gives this packet when it belongs to no flow (nf_conntrack_proto_tcp.c, nf_conntrack_proto_icmp.c,
 * nf_conntrack_proto_icmpv6.c): a SYN and a lone ACK begin a flow, ICMP requests do, neighbour discovery is never tracked.
 */
export function stateOf(packet: ProbePacket): ConnectionState {
  if (packet.protocol === 6) {
    const flags = [...packet.tcpFlags]
      .filter((flag) => !ignoredByConntrack.has(flag))
      .sort()
      .join();
    return flags === 'syn' || flags === 'ack' ? 'new' : 'invalid';
  }
  // The other family's ICMP is no ICMP.
  if (packet.protocol === (packet.family === 'ipv4' ? 58 : 1)) return 'invalid';
  if (!isIcmp(packet)) return 'new';
  if (packet.family === 'ipv4') return icmpRequests.has(packet.icmpType) ? 'new' : 'invalid';
  if (icmpv6Untracked.has(packet.icmpType)) return 'untracked';
  return icmpv6Requests.has(packet.icmpType) ? 'new' : 'invalid';
}

const ignoredByConntrack: ReadonlySet<TcpFlag> = new Set(['psh', 'urg', 'ece', 'cwr']);
const icmpRequests: ReadonlySet<number> = new Set([8, 13, 15, 17]);
const icmpv6Requests: ReadonlySet<number> = new Set([128, 139]);
const icmpv6Untracked: ReadonlySet<number> = new Set([130, 131, 132, 133, 134, 135, 136, 143, 151, 152]);

const names: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'icmpv6'],
  [132, 'sctp'],
]);

export function protocolName(protocol: number): string {
  return names.get(protocol) ?? String(protocol);
}

/** The packet as a `query --batch` line would give it. */
export function queryLine(
  packet: ProbePacket,
  direction: 'in' | 'forward',
  outInterface: string | undefined,
): Record<string, unknown> {
  return {
    direction,
    protocol: protocolName(packet.protocol),
    source: packet.source,
    destination: packet.destination,
    ...(isIcmp(packet) ? {} : { sourcePort: packet.sourcePort, destinationPort: packet.destinationPort }),
    ...(packet.protocol === 1 || packet.protocol === 58
      ? { icmpType: icmpOf(packet).type, icmpCode: icmpOf(packet).code }
      : {}),
    ...(packet.protocol === 6 ? { tcpFlags: packet.tcpFlags } : {}),
    inInterface: packet.inInterface,
    ...(direction === 'forward' && outInterface !== undefined ? { outInterface } : {}),
    state: stateOf(packet),
  };
}
