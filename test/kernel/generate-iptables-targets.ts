import type { IptablesOptions } from './generate-iptables.ts';
import type { ProtocolChoice, RulePlace } from './generate-iptables-matches.ts';
import { passingTarget, sourceTranslation } from './generate-iptables-rare.ts';
import type { Random } from './random.ts';
import { randomLocalAddress, randomPort, randomPortRange } from './values.ts';

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

/** The `-j` or `-g` part; empty for a rule without target. */
export function iptablesTarget(
  random: Random,
  place: RulePlace,
  callable: readonly string[],
  protocol: ProtocolChoice,
  options: IptablesOptions,
): string {
  const { table } = place;
  const choices: (readonly [number, () => string])[] = [
    [table === 'filter' ? 8 : 3, () => '-j ACCEPT'],
    [1.5, () => '-j RETURN'],
    [0.7, () => ''],
    [0.7, () => `-j LOG${random.chance(0.5) ? ' --log-prefix "drop: -j ACCEPT "' : ''}`],
  ];
  if (callable.length > 0) {
    choices.push([4, () => `-j ${random.pick(callable)}`], [1.5, () => `-g ${random.pick(callable)}`]);
  }
  if (table !== 'nat') choices.push([table === 'filter' ? 4 : 1, () => '-j DROP']);
  if (table === 'filter') choices.push([2, () => reject(random, protocol, options)]);
  if (table === 'mangle') choices.push([6, () => mark(random)]);
  if (table === 'raw') choices.push([3, () => random.pick(['-j NOTRACK', '-j CT --notrack'])]);
  // nat chains are only called from PREROUTING here, so these are legal in user chains as well.
  if (table === 'nat')
    choices.push([
      8,
      () =>
        place.chain === 'POSTROUTING'
          ? sourceTranslation(random, options)
          : translation(random, protocol, options),
    ]);
  if (table !== 'nat') choices.push([0.7, () => passingTarget(random, place, protocol, options)]);
  return random.weighted(choices)();
}

function reject(random: Random, protocol: ProtocolChoice, options: IptablesOptions): string {
  if (protocol.only === 6 && random.chance(0.4)) return '-j REJECT --reject-with tcp-reset';
  if (random.chance(0.5)) return '-j REJECT';
  const kinds =
    options.family === 'ipv4'
      ? [
          'icmp-port-unreachable',
          'icmp-admin-prohibited',
          'icmp-host-prohibited',
          'icmp-net-prohibited',
          'icmp-net-unreachable',
          'icmp-host-unreachable',
          'icmp-proto-unreachable',
        ]
      : [
          'icmp6-port-unreachable',
          'icmp6-adm-prohibited',
          'icmp6-no-route',
          'icmp6-addr-unreachable',
          'icmp6-policy-fail',
          'icmp6-reject-route',
        ];
  return `-j REJECT --reject-with ${random.pick(kinds)}`;
}

function mark(random: Random): string {
  const value = `0x${random.pick([0, 1, 2, 3, 4, 0x10, 0xff, 0x4000, 0x8000, 0xffffffff]).toString(16)}`;
  const mask = `0x${random.pick([1, 3, 0xf, 0xff, 0x4000, 0xffff, 0xffffffff]).toString(16)}`;
  return random.weighted([
    [4, `-j MARK --set-mark ${value}`],
    [1, `-j MARK --set-mark ${value}/${mask}`],
    [2, `-j MARK --set-xmark ${value}/${mask}`],
    [1, `-j MARK --or-mark ${value}`],
    [1, `-j MARK --and-mark ${value}`],
    [1, `-j MARK --xor-mark ${value}`],
  ]);
}

function translation(random: Random, protocol: ProtocolChoice, options: IptablesOptions): string {
  const behind =
    options.family === 'ipv4'
      ? random.pick(['172.18.0.2', '172.18.0.9', '192.168.50.7'])
      : random.pick(['fd00:18::2', 'fd00:18::9', 'fd00:50::7']);
  // Ports may only be named where the protocol has them.
  if (!protocol.hasPorts) {
    return random.weighted([
      [2, '-j REDIRECT'],
      [3, `-j DNAT --to-destination ${behind}`],
      [1, `-j DNAT --to-destination ${randomLocalAddress(random, options.family)}`],
      [1, `-j NETMAP --to ${options.family === 'ipv4' ? '172.18.0.0/24' : 'fd00:18::/64'}`],
    ]);
  }
  const port = String(Math.max(1, randomPort(random)));
  const withPort = options.family === 'ipv4' ? `${behind}:${port}` : `[${behind}]:${port}`;
  const [, to] = randomPortRange(random);
  return random.weighted([
    [5, `-j REDIRECT --to-ports ${port}`],
    [1, '-j REDIRECT'],
    [5, `-j DNAT --to-destination ${withPort}`],
    [1, `-j DNAT --to-destination ${behind}`],
    [0.4, `-j DNAT --to-destination :${String(Math.max(1, to))}`],
  ]);
}
