/** Names of `set timeout` (pf_timeouts of pfctl_parser.c), of all systems together. */
export const timeoutNames: ReadonlySet<string> = new Set(
  `tcp.first tcp.opening tcp.established tcp.closing tcp.finwait tcp.closed tcp.tsdiff sctp.first sctp.opening sctp.established
sctp.closing sctp.closed udp.first udp.single udp.multiple icmp.first icmp.error other.first other.single other.multiple
grev1.first grev1.initiating grev1.established esp.first esp.initiating esp.established frag interval adaptive.start adaptive.end
src.track`.split(/\s+/),
);

/** Names of `set limit` (pf_limits), of all systems together. */
export const limitNames: ReadonlySet<string> = new Set(
  'states app-states src-nodes frags tables table-entries pktdelay-pkts anchors eth-anchors'.split(' '),
);
