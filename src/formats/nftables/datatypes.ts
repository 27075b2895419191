import type { Family } from '../../packets/fields.ts';

/**
 * What kind of value a selector yields, which gives words on the other side their meaning (`nft describe`).
 * `bitmask`: without an operator, `a,b` asks whether any of the bits is set (nft(8), "Bitmask type").
 */
export interface DataType {
  readonly name: string;
  readonly form: 'number' | 'address' | 'name' | 'opaque';
  readonly bits: number;
  readonly family?: Family;
  readonly symbols?: ReadonlyMap<string, number>;
  readonly bitmask?: boolean;
}

const symbols = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text.split(' ').map((entry) => {
      const colon = entry.lastIndexOf(':');
      return [entry.slice(0, colon), Number(entry.slice(colon + 1))] as const;
    }),
  );

const number = (name: string, bits: number, words?: string): DataType => ({
  name,
  form: 'number',
  bits,
  ...(words === undefined ? {} : { symbols: symbols(words) }),
});

const opaque = (name: string): DataType => ({ name, form: 'opaque', bits: 0 });

export const booleanSymbols = symbols('exists:1 missing:0 true:1 false:0');

/** All data types by the name that `type` in a set takes; words and numbers as `nft describe` prints them. */
export const dataTypes = {
  ipv4_addr: { name: 'ipv4_addr', form: 'address', bits: 32, family: 'ipv4' },
  ipv6_addr: { name: 'ipv6_addr', form: 'address', bits: 128, family: 'ipv6' },
  inet_service: number('inet_service', 16),
  inet_proto: number('inet_proto', 8),
  mark: number('mark', 32),
  ct_state: {
    ...number('ct_state', 32, 'invalid:1 established:2 related:4 new:8 untracked:64'),
    bitmask: true,
  },
  ct_status: {
    ...number('ct_status', 32, 'expected:1 seen-reply:2 assured:4 confirmed:8 snat:16 dnat:32 dying:512'),
    bitmask: true,
  },
  ct_dir: number('ct_dir', 8, 'original:0 reply:1'),
  tcp_flag: {
    ...number('tcp_flag', 8, 'fin:1 syn:2 rst:4 psh:8 ack:16 urg:32 ecn:64 cwr:128'),
    bitmask: true,
  },
  icmp_type: number(
    'icmp_type',
    8,
    'echo-reply:0 destination-unreachable:3 source-quench:4 redirect:5 echo-request:8 router-advertisement:9 ' +
      'router-solicitation:10 time-exceeded:11 parameter-problem:12 timestamp-request:13 timestamp-reply:14 ' +
      'info-request:15 info-reply:16 address-mask-request:17 address-mask-reply:18',
  ),
  icmp_code: number(
    'icmp_code',
    8,
    'net-unreachable:0 host-unreachable:1 prot-unreachable:2 port-unreachable:3 net-prohibited:9 ' +
      'host-prohibited:10 admin-prohibited:13 frag-needed:4',
  ),
  icmpv6_type: number(
    'icmpv6_type',
    8,
    'destination-unreachable:1 packet-too-big:2 time-exceeded:3 parameter-problem:4 echo-request:128 ' +
      'echo-reply:129 mld-listener-query:130 mld-listener-report:131 mld-listener-done:132 ' +
      'mld-listener-reduction:132 nd-router-solicit:133 nd-router-advert:134 nd-neighbor-solicit:135 ' +
      'nd-neighbor-advert:136 nd-redirect:137 router-renumbering:138 ind-neighbor-solicit:141 ' +
      'ind-neighbor-advert:142 mld2-listener-report:143',
  ),
  icmpv6_code: number(
    'icmpv6_code',
    8,
    'no-route:0 admin-prohibited:1 addr-unreachable:3 port-unreachable:4 policy-fail:5 reject-route:6',
  ),
  igmp_type: number(
    'igmp_type',
    8,
    'membership-query:17 membership-report-v1:18 membership-report-v2:22 membership-report-v3:34 leave-group:23',
  ),
  ether_type: number('ether_type', 16, 'ip:2048 arp:2054 ip6:34525 8021q:33024 8021ad:34984 vlan:33024'),
  nf_proto: number('nf_proto', 8, 'ipv4:2 ipv6:10'),
  fib_addrtype: number(
    'fib_addrtype',
    32,
    'unspec:0 unicast:1 local:2 broadcast:3 anycast:4 multicast:5 blackhole:6 unreachable:7 prohibit:8',
  ),
  integer: number('integer', 32),
  boolean: number('boolean', 1),
  ifname: { name: 'ifname', form: 'name', bits: 128 },
  iface_index: { name: 'iface_index', form: 'name', bits: 32 },
  verdict: opaque('verdict'),
  ether_addr: opaque('ether_addr'),
  string: opaque('string'),
  time: opaque('time'),
  day: opaque('day'),
  hour: opaque('hour'),
  iface_type: opaque('iface_type'),
  pkt_type: opaque('pkt_type'),
  uid: opaque('uid'),
  gid: opaque('gid'),
  realm: opaque('realm'),
  classid: opaque('classid'),
  devgroup: opaque('devgroup'),
  dscp: opaque('dscp'),
  ecn: opaque('ecn'),
  ct_id: opaque('ct_id'),
  ct_label: opaque('ct_label'),
  ct_event: opaque('ct_event'),
  cgroupsv2: opaque('cgroupsv2'),
  dccp_pkttype: opaque('dccp_pkttype'),
  mh_type: opaque('mh_type'),
  arp_op: opaque('arp_op'),
  ifkind: opaque('ifkind'),
  geneve_type: opaque('geneve_type'),
  sctp_chunk: opaque('sctp_chunk'),
  // Of maps to objects.
  counter: opaque('counter'),
  quota: opaque('quota'),
  limit: opaque('limit'),
  synproxy: opaque('synproxy'),
  secmark: opaque('secmark'),
  'ct helper': opaque('ct helper'),
} as const satisfies Record<string, DataType>;

const byName: ReadonlyMap<string, DataType> = new Map(Object.entries(dataTypes));

export function dataTypeNamed(name: string): DataType | undefined {
  return byName.get(name);
}

/** ct states in the order of `connectionStates`: the kernel's bit and the model's index. */
export const stateBits: readonly number[] = [8, 2, 4, 1, 64];
