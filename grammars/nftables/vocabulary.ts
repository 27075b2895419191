/**
 * Which fields each header has, after nft(8) "Payload expressions" and `src/proto.c`.
 * The grammar needs it to tell `ip protocol` (a field) from `meta protocol ip` (a value).
 */
const fields = (text: string): ReadonlySet<string> => new Set(text.split(' '));

export const headerFields: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['ether', fields('daddr saddr type')],
  ['vlan', fields('id cfi dei pcp type')],
  [
    'arp',
    new Set([
      ...fields('htype ptype hlen plen operation saddr daddr'),
      // As JSON has them (proto.c, proto_arp).
      ...['saddr ip', 'saddr ether', 'daddr ip', 'daddr ether'],
    ]),
  ],
  [
    'ip',
    fields('version hdrlength dscp ecn length id frag-off ttl protocol checksum saddr daddr option tos'),
  ],
  ['ip6', fields('version dscp ecn flowlabel length nexthdr hoplimit saddr daddr priority')],
  ['icmp', fields('type code checksum id sequence gateway mtu')],
  [
    'icmpv6',
    fields('type code checksum parameter-problem packet-too-big mtu id sequence max-delay taddr daddr'),
  ],
  ['igmp', fields('type checksum mrt group')],
  ['tcp', fields('sport dport sequence ackseq doff reserved flags window checksum urgptr option')],
  ['udp', fields('sport dport length checksum')],
  ['udplite', fields('sport dport csumcov checksum')],
  ['sctp', fields('sport dport vtag checksum chunk')],
  ['dccp', fields('sport dport type option')],
  ['th', fields('sport dport')],
  ['ah', fields('nexthdr hdrlength reserved spi sequence')],
  ['esp', fields('spi sequence')],
  ['comp', fields('nexthdr flags cpi')],
  ['gre', fields('version flags protocol')],
  ['geneve', fields('vni type')],
  ['vxlan', fields('vni type flags')],
  ['gretap', fields('')],
  ['hbh', fields('nexthdr hdrlength')],
  ['rt0', fields('addr nexthdr hdrlength type seg-left')],
  ['rt2', fields('addr')],
  ['rt4', fields('last-entry flags tag sid')],
  ['srh', fields('last-entry flags tag sid nexthdr hdrlength')],
  ['frag', fields('nexthdr reserved frag-off reserved2 more-fragments id')],
  ['dst', fields('nexthdr hdrlength')],
  ['mh', fields('nexthdr hdrlength type reserved checksum')],
]);

/** `rt` is an IPv6 header (`rt type`) and the routing of the packet (`rt nexthop`). */
export const routingHeaderFields = fields('nexthdr hdrlength type seg-left');

/** Headers that carry other packets: a header may follow their name (`vxlan ip saddr`). */
export const tunnelHeaders = fields('vxlan geneve gre gretap');

/** IPv6 extension headers. */
export const extensionHeaders = fields('hbh rt rt0 rt2 rt4 srh frag dst mh');

export const families = fields('ip ip6 inet arp bridge netdev');

export const rawBases = fields('th nh ll ih');

export const tcpOptionFields = fields('kind length size count left right tsval tsecr subtype');
export const ipOptionFields = fields('type length value ptr addr');
export const sctpChunkFields = fields(
  'type flags length init-tag a-rwnd num-outbound-streams num-inbound-streams initial-tsn tsn stream ssn ppid ' +
    'cum-tsn-ack num-gap-ack-blocks num-dup-tsns lowest-tsn seqno new-cum-tsn',
);

/** What nft writes behind the values of `ct original proto-dst { 22, 80 }`, which are right all the same (datatype.c, datatype_print). */
export const invalidType = '[invalid type]';
