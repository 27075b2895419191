/**
 * The dimensions of a packet, as every rule format sees them.
 *
 * Ports are named by position: `sourcePort` is bytes 0-1 of the transport header and `destinationPort` bytes 2-3, whatever the
 * protocol; an ICMP type is the high byte of the first word and its code the low byte. That is how kernels read them, and it makes
 * `th dport` exact. A test of a port must therefore always stand beside a test of the protocol (the lowering's duty).
 */
export const numericFields = {
  /** IP protocol number, the real upper protocol (IPv6 extension headers skipped). */
  protocol: 8,
  /** Bytes 0-1 of the transport header; for ICMP `type << 8 | code`. */
  sourcePort: 16,
  /** Bytes 2-3 of the transport header. */
  destinationPort: 16,
  /** TCP flag byte: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128. */
  tcpFlags: 8,
  /** Connection tracking state, one of `connectionStates` by index. */
  state: 3,
  /** 1 once the destination of the connection has been translated (`ctstate DNAT`, `ct status dnat`). */
  destinationTranslated: 1,
  /** The packet mark; 0 when the packet arrives. */
  mark: 32,
  /** The destination port as the packet arrived, before translation (`--ctorigdstport`). */
  originalDestinationPort: 16,
  /** The source port as the packet arrived (`ct original proto-src`). */
  originalSourcePort: 16,
  /** 1 for a non-first IPv4 fragment or an IPv6 packet with a fragment header of offset > 0. */
  fragment: 1,
} as const;

export type NumericField = keyof typeof numericFields;

/** Order is the encoding of the `state` field. Exactly one holds of each packet (nf_conntrack). */
export const connectionStates = ['new', 'established', 'related', 'invalid', 'untracked'] as const;
export type ConnectionState = (typeof connectionStates)[number];

/** Fields whose values are names. Each space numbers the names that its rules mention, plus "any other". */
export type NameField =
  | 'inInterface'
  | 'outInterface'
  /** Windows: `domain`, `private`, `public`. */
  | 'profile'
  | 'program'
  | 'service'
  | 'package'
  | 'interfaceType'
  /** pf: the tag a packet carries; the empty string is "no tag", which every packet starts with. */
  | 'tag';

/** The original ones are those that the packet arrived with. */
export type AddressField = 'source' | 'destination' | 'originalSource' | 'originalDestination';

export type Family = 'ipv4' | 'ipv6';

export const addressBits = { ipv4: 32, ipv6: 128 } as const satisfies Record<Family, number>;

/** Inclusive range of addresses as unsigned integers (32 or 128 bits). */
export type AddressRange = readonly [from: bigint, to: bigint];

export type Direction = 'in' | 'forward' | 'out';

export const tcpFlagBits = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const;
export type TcpFlag = keyof typeof tcpFlagBits;

/** IP protocol numbers that fw-audit names in its answers (IANA Protocol Numbers). */
export const protocolNumbers = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  ospf: 89,
  ipip: 4,
  pim: 103,
  vrrp: 112,
  sctp: 132,
  udplite: 136,
} as const;

/** Protocols whose transport header starts with two 16-bit ports. */
export const protocolsWithPorts: readonly number[] = [6, 17, 33, 132, 136];

/** Those whose ports a connection's entry holds. DCCP's are there only in kernels built to follow it (CONFIG_NF_CT_PROTO_DCCP). */
export const protocolsTrackedByPort: readonly number[] = [6, 17, 132, 136];
