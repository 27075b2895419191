/** Protocol words of netsh, PowerShell and the management console (MS-FASP 2.2.37 names numbers only). */
const protocolWords = new Map<string, number>([
  ['hopopt', 0],
  ['icmp', 1],
  ['icmpv4', 1],
  ['igmp', 2],
  ['tcp', 6],
  ['udp', 17],
  ['ipv6', 41],
  ['ipv6-route', 43],
  ['ipv6route', 43],
  ['ipv6-frag', 44],
  ['ipv6frag', 44],
  ['gre', 47],
  ['icmpv6', 58],
  ['ipv6-nonxt', 59],
  ['ipv6nonxt', 59],
  ['ipv6-opts', 60],
  ['ipv6opts', 60],
  ['vrrp', 112],
  ['pgm', 113],
  ['l2tp', 115],
]);

/** A protocol as an export writes it. 256 is the registry's and WMI's number for "any". */
export function parseProtocol(text: string): number | 'any' | undefined {
  const word = text.trim().toLowerCase();
  const known = protocolWords.get(word);
  if (known !== undefined) return known;
  if (word === 'any' || word === '*' || word === '256') return 'any';
  if (!/^\d{1,3}$/.test(word)) return undefined;
  const number = Number(word);
  return number <= 255 ? number : undefined;
}

const names = new Map([
  [1, 'ICMPv4'],
  [2, 'IGMP'],
  [6, 'TCP'],
  [17, 'UDP'],
  [58, 'ICMPv6'],
]);

export function protocolName(protocol: number | 'any' | 'unknown'): string {
  if (protocol === 'any') return 'any protocol';
  if (protocol === 'unknown') return 'protocol not shown';
  return names.get(protocol) ?? `protocol ${protocol}`;
}
