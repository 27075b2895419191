import type { Interval } from './interval.ts';
import { protocolNumbers, type ConnectionState, type Family } from './fields.ts';

/** ICMP types that begin a flow (nf_conntrack_proto_icmp.c and nf_conntrack_proto_icmpv6.c, `valid_new`). */
const requests: Readonly<Record<Family, readonly Interval[]>> = {
  ipv4: [
    [8, 8],
    [13, 13],
    [15, 15],
    [17, 17],
  ],
  ipv6: [
    [128, 128],
    [139, 139],
  ],
};

/** Multicast listener and neighbour discovery, which are never tracked (nf_conntrack_proto_icmpv6.c, `noct_valid_new`). */
const untracked: Readonly<Record<Family, readonly Interval[]>> = {
  ipv4: [],
  ipv6: [
    [130, 136],
    [143, 143],
    [151, 152],
  ],
};

export interface FirstStates {
  /** The protocol whose types tell the state. */
  readonly protocol: number;
  /** Types that begin a flow, and types that are left alone; all others are invalid where no flow explains them. */
  readonly newTypes: readonly Interval[];
  readonly untrackedTypes: readonly Interval[];
  /** The ICMP of the other family, which conntrack takes for no ICMP at all: always invalid. */
  readonly invalidProtocol: number;
}

/**
 * What conntrack makes of packets that belong to no connection. Everything but ICMP is new: a TCP packet is asked about by its SYN. Of
 * ICMP only requests are; errors and replies are invalid unless something was sent before, and discovery is untracked.
 */
export const firstStates: Readonly<Record<Family, FirstStates>> = {
  ipv4: {
    protocol: protocolNumbers.icmp,
    newTypes: requests.ipv4,
    untrackedTypes: untracked.ipv4,
    invalidProtocol: protocolNumbers.icmpv6,
  },
  ipv6: {
    protocol: protocolNumbers.icmpv6,
    newTypes: requests.ipv6,
    untrackedTypes: untracked.ipv6,
    invalidProtocol: protocolNumbers.icmp,
  },
};

/** The state of one packet that belongs to no connection. */
export function firstState(family: Family, protocol: number, icmpType: number): ConnectionState {
  const { protocol: icmp, newTypes, untrackedTypes, invalidProtocol } = firstStates[family];
  const within = (types: readonly Interval[]): boolean =>
    types.some(([from, to]) => from <= icmpType && icmpType <= to);
  if (protocol === invalidProtocol) return 'invalid';
  if (protocol !== icmp || within(newTypes)) return 'new';
  return within(untrackedTypes) ? 'untracked' : 'invalid';
}
