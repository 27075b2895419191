import type { Family } from '../../packets/fields.ts';

const v6Signs =
  /-p(?:rotocol)?[ \t]+(?:ipv6-icmp|icmpv6|58)\b|icmp6-|--icmpv6-type|-m (?:hl|frag|rt|hbh|dst|eui64|icmp6|ipv6header|mh|srh)\b|(?:-s|-d|--source|--destination|--src|--dst|-range|--to-(?:source|destination)|--on-ip|--to)[ \t]+\[?(?:[0-9a-fA-F]{0,4}:){2}/;
const v4Signs =
  /(?:-s|-d|--source|--destination|--src|--dst|-range|--to-(?:source|destination)|--on-ip|--to)[ \t]+\d{1,3}(?:\.\d{1,3}){3}|--icmp-type|--reject-with icmp-|-m (?:icmp|ttl)\b/;

/** The family that the words of one line speak of: `-p ipv6-icmp` and `::1/128` are IPv6, `10.0.0.0/8` is IPv4. */
export function familyOfLine(line: string): Family | undefined {
  if (v6Signs.test(line)) return 'ipv6';
  return v4Signs.test(line) ? 'ipv4' : undefined;
}
