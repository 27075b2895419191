/** Constructs that few rulesets hold and a file settles all the same. */
import type { IptablesOptions } from './generate-iptables.ts';
import type { ProtocolChoice, RulePlace } from './generate-iptables-matches.ts';
import { addressText, addressValue } from './addresses.ts';
import type { Random } from './random.ts';
import { randomAddress, randomPort, randomPortRange } from './values.ts';

/** A match to stand beside the others of a rule. */
export function rareMatch(
  random: Random,
  place: RulePlace,
  options: IptablesOptions,
  protocol: ProtocolChoice,
): string {
  const not = random.chance(0.2) ? '! ' : '';
  const choices: (readonly [number, () => string])[] = [
    // A packet that is asked about is whole.
    [options.family === 'ipv4' ? 2 : 0, () => `${not}-f`],
    [
      1,
      () =>
        `-m recent --set --name ${random.pick(['seen', 'DEFAULT'])} ${random.pick(['--rsource', '--rdest'])}`,
    ],
    [1, () => `-m statistic --mode random ${not}--probability ${random.pick(['0', '1'])}`],
    [1, () => '-m statistic --mode nth --every 1 --packet 0'],
    [2, () => `-m addrtype ${not}${random.pick(['--dst-type', '--src-type'])} MULTICAST`],
    [1, () => '-m addrtype --src-type LOCAL ! --dst-type LOCAL'],
    [1, () => '-m addrtype --dst-type LOCAL,MULTICAST'],
    // IPv6 tells unicast by the address alone.
    [
      options.family === 'ipv6' ? 2 : 0,
      () => `-m addrtype ${not}--dst-type ${random.pick(['UNICAST', 'LOCAL,UNICAST', 'UNSPEC'])}`,
    ],
    [2, () => `-m iprange ${not}--src-range ${range(random, options)} --dst-range ${range(random, options)}`],
    [1, () => '-m comment --comment one -m comment --comment "two words"'],
  ];
  // Before the connection lookup there are no ports of a connection.
  // Whether connections of DCCP have ports hangs on the kernel.
  if (protocol.hasPorts && protocol.only !== 33 && (place.table === 'filter' || place.table === 'security')) {
    choices.push([3, () => `-m conntrack ${not}--${connectionPort(random)} ${portOrRange(random)}`]);
    choices.push([
      1,
      () =>
        `-m conntrack --ctorigdstport ${portOrRange(random)} ${not}--ctorigsrcport ${portOrRange(random)}`,
    ]);
  }
  return random.weighted(choices)();
}

function connectionPort(random: Random): string {
  return random.pick(['ctorigdstport', 'ctorigsrcport', 'ctrepldstport']);
}

function portOrRange(random: Random): string {
  if (random.chance(0.5)) return String(randomPort(random));
  const [from, to] = randomPortRange(random);
  return `${String(from)}:${String(to)}`;
}

function range(random: Random, { family }: IptablesOptions): string {
  const from = addressValue(randomAddress(random, family));
  return `${addressText(family, from)}-${addressText(family, from + BigInt(random.integer(0, 5000)))}`;
}

/** A target that lets the packet go on to the next rule. */
export function passingTarget(
  random: Random,
  { table, chain, builtIn }: RulePlace,
  protocol: ProtocolChoice,
  { family }: IptablesOptions,
): string {
  const choices: (readonly [number, string])[] = [
    [2, '-j NFLOG --nflog-group 3 --nflog-prefix "-j DROP"'],
    [1, '-j AUDIT --type drop'],
    [1, '-j CONNMARK --save-mark'],
    [1, '-j CONNMARK --set-xmark 0x1/0x3'],
  ];
  if (table === 'raw')
    choices.push(
      [2, '-j CT --zone 7'],
      [1, '-j CT --zone-orig 3'],
      [1, '-j CT --ctevents new'],
      [1, '-j TRACE'],
    );
  if (table === 'mangle') {
    choices.push([1, '-j DSCP --set-dscp-class EF'], [1, '-j TOS --set-tos 0x10/0x3f']);
    choices.push([1, family === 'ipv4' ? '-j TTL --ttl-set 64' : '-j HL --hl-set 64']);
    if (protocol.only === 6 && family === 'ipv4') choices.push([1, '-j ECN --ecn-tcp-remove']);
    if (builtIn && chain === 'POSTROUTING') choices.push([1, '-j CLASSIFY --set-class 1:10']);
  }
  return random.weighted(choices);
}

/** Source translation: a hook that comes behind every filter, so it changes no verdict. */
export function sourceTranslation(random: Random, { family }: IptablesOptions): string {
  const [one, other] =
    family === 'ipv4' ? ['192.0.2.77', '192.0.2.80'] : ['2001:db8:9::77', '2001:db8:9::80'];
  return random.weighted([
    [3, '-j MASQUERADE'],
    [3, `-j SNAT --to-source ${one!}`],
    [1, `-j SNAT --to-source ${one!}-${other!} --persistent`],
  ]);
}
