import { describe, expect, test, vi } from 'vitest';
import { KnownRules } from '../../../src/formats/iptables/known-rules.ts';
import { ruleKeyOf } from '../../../src/formats/iptables/rule-key.ts';
import type { Reading } from '../../../src/formats/format.ts';
import { fc } from '../../property-testing.ts';
import { codesOf, readText, rulesOf } from './read-text.ts';

/** What may stand for each mark in a piece. */
const values: Readonly<Record<string, readonly string[]>> = {
  chain: ['INPUT', 'OUTPUT', 'web', 'db', 'LOG', '"web"'],
  address: [
    ...[
      '10.1.2.3',
      '10.0.0.0/8',
      '192.168.7.9/16',
      '10.1.2.3/32',
      '0.0.0.0/0',
      '224.0.0.0/3',
      '010.0.0.1',
      '10.1',
    ],
    ...[
      '10.0.0.0/255.0.0.0',
      '10.0.0.0/255.0.255.0',
      '1.2.3.4,5.6.7.8',
      'host.example',
      '1.2.3.400',
      '::1',
      '10.0.0.0/33',
    ],
  ],
  port: ['22', '80', '1024:65535', ':99', '0x16', '70000', 'ssh', 'nosuch', '"443"', '9:8', '022'],
  ports: [
    '22',
    '80,443',
    '1:5,9,7',
    '443,80,80',
    '1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16',
    'x',
    '"1,2"',
    '1,,2',
  ],
  comment: ['x', '"a b"', '""', '"a \\" b"', '"-j DROP"', '"!"', 'é', '"x'],
  state: ['NEW', 'RELATED,ESTABLISHED', 'INVALID', 'NEW,DNAT', 'OLD'],
  target: ['ACCEPT', 'DROP', 'RETURN', 'web', 'db', 'LOG', 'REJECT', 'QUEUE', 'nowhere', 'DNAT'],
  answer: ['icmp-port-unreachable', 'tcp-reset', 'icmp-net', 'nonsense'],
  icmp: ['8', '3/4', 'echo-request', 'any', 'x'],
  mac: ['00:11:22:33:44:55', '"aa:bb:cc:dd:ee:ff"', '"!"'],
  interface: ['eth0', 'eth+', 'lo', 'far-too-long-name', 'eth0:1'],
};

const pieces = `
-s <address>|! -s <address>|-d <address>|! -d <address>|--source <address>|-i <interface>|! -o <interface>|-p tcp|-p udp|! -p tcp
-p icmp|-4|-6|-f|-m tcp|-m udp|--dport <port>|--sport <port>|! --dport <port>|--dport=<port>|--dpo <port>|--tcp-flags SYN,ACK SYN
--syn|-m multiport|--dports <ports>|! --sports <ports>|--ports <ports>|-m comment|--comment <comment>|-m conntrack
--ctstate <state>|! --ctstate <state>|--ctproto 6|-m limit|--limit 5/min|-m mac|--mac-source <mac>|-m icmp|--icmp-type <icmp>
-m owner|--uid-owner 0|-m set|--match-set s src|-m addrtype|--dst-type LOCAL|-m nosuch|--nosuch 1|stray|-|-j <target>|-g <target>
-j REJECT|--reject-with <answer>|-j LOG|--log-prefix <comment>`
  .trim()
  .split(/[|\n]/);

/** Pieces that go together, so that most lines have something that nobody objects to. */
const groups = `
-p tcp -m tcp --dport <port>|-p udp -m udp --sport <port> --dport <port>|-p tcp -m multiport --dports <ports>
-m comment --comment <comment>|-m conntrack --ctstate <state>|-p icmp -m icmp --icmp-type <icmp>|-s <address> -d <address>
-j <target>|-j REJECT --reject-with <answer>|-j LOG --log-prefix <comment>`
  .trim()
  .split(/[|\n]/);

const shape = fc
  .tuple(
    fc.constantFrom('', '', '', '[1:2] ', '[0:0]', '[x:y] ', ' '),
    fc.array(fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...groups) }, fc.constantFrom(...pieces)), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.constantFrom(' ', ' ', ' ', '  ', '\t'),
  )
  .map(([start, parts, blank]) => `${start}-A <chain> ${parts.join(' ')}`.replaceAll(' ', blank));

const file = fc
  .tuple(fc.array(shape, { minLength: 1, maxLength: 3 }), fc.infiniteStream(fc.nat()))
  .map(([shapes, numbers]) => {
    const next = (below: number): number => numbers.next().value! % below;
    const lines: string[] = [];
    for (let i = 0; i < 12; i++)
      lines.push(
        shapes[next(shapes.length)]!.replace(/<(\w+)>/g, (_, mark: string) => {
          // The first values are those that nobody objects to.
          const all = values[mark]!;
          return all[next(3) === 0 ? next(all.length) : next(Math.min(3, all.length))]!;
        }),
      );
    return lines;
  });

const head = ['*filter', ':INPUT DROP [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT ACCEPT [0:0]'];
const chains = [':web - [0:0]', ':db - [0:0]', ':LOG - [0:0]'];

/** A rule that tells the family, and as many as are read before any line is learned from. */
const first = '-A FORWARD -s 1.1.1.1 -j DROP';
const many = new Array<string>(64).fill(first);

function read(lines: readonly string[], before: readonly string[]): Reading {
  return readText([...head, ...chains, ...before, ...lines, 'COMMIT', ''].join('\n'));
}

function lengthOf(before: readonly string[]): number {
  return [...head, ...chains, ...before, ''].join('\n').length;
}

/** All that a reading says of the line that begins there, as if it began at 0. */
function saidOf({ firewall, diagnostics }: Reading, start: number, length: number): readonly string[] {
  const isInside = (at: number): boolean => at >= start && at <= start + length;
  const rules = [...firewall.chains.values()].flatMap(({ id, rules: all }) =>
    all
      .filter(({ span }) => isInside(span.start))
      .map((rule) => `${id} ${rule.span.start - start} ${rule.span.end - start} ${ruleKeyOf(rule)}`),
  );
  const said = diagnostics
    .filter(({ span }) => span !== undefined && isInside(span.start))
    .map(({ span, ...rest }) => JSON.stringify([span!.start - start, span!.end - start, rest]));
  return [...rules, ...said];
}

describe('rules that are made as rules before them', () => {
  test('are what they are alone, and what is said of them is the same', () => {
    const known = vi.spyOn(KnownRules.prototype, 'read');
    fc.assert(
      fc.property(file, (lines) => {
        const together = read(lines, many);
        const alone = lines.map((line) => read([line], [first]));
        let start = lengthOf(many);
        for (const [i, line] of lines.entries()) {
          const expected = saidOf(alone[i]!, lengthOf([first]), line.length);
          expect(saidOf(together, start, line.length), line).toEqual(expected);
          start += line.length + 1;
        }
        // The rule that tells the family is in all of them once.
        for (const count of ['rules', 'understood'] as const)
          expect(together[count]).toBe(alone.reduce((sum, one) => sum + one[count] - 1, many.length));
      }),
      { numRuns: 150 },
    );
    expect(known.mock.results.filter(({ value }) => value !== undefined).length).toBeGreaterThan(150);
    known.mockRestore();
  });

  test('a chain that is declared on the way takes the place of a target', () => {
    const lines = ['-A INPUT -s 10.0.0.1 -j ACCEPT', '-A INPUT -s 10.0.0.2 -j ACCEPT'];
    const reading = readText(
      [...head, ...many, ...lines, ':ACCEPT - [0:0]', ...lines, 'COMMIT', ''].join('\n'),
    );
    expect(rulesOf(reading).map((rule) => rule.replace(/.*-> /, ''))).toEqual([
      ...['accept', 'accept'],
      ...['jump ipv4/filter/ACCEPT', 'jump ipv4/filter/ACCEPT'],
    ]);
  });

  test('what is refused in one built-in chain is refused there though another takes it', () => {
    const reading = readText(
      [
        ...head,
        ...many,
        '-A INPUT -i a -j ACCEPT',
        '-A INPUT -i a -j ACCEPT',
        '-A OUTPUT -i a -j ACCEPT',
        'COMMIT',
        '',
      ].join('\n'),
    );
    expect(codesOf(reading)).toEqual(['FW1101']);
  });

  test('addresses of IPv6 too', () => {
    const reading = readText(
      [
        ...['# Generated by ip6tables-save v1.8.9', ...head],
        ...many.map((line) => line.replace('1.1.1.1', '::1')),
        ...['2001:db8::/32', '2001:db8:1::/48', 'fe80::1', 'nonsense:'].map(
          (text) => `-A INPUT -s ${text} -j DROP`,
        ),
        ...['COMMIT', ''],
      ].join('\n'),
    );
    expect(rulesOf(reading, 'ipv6/filter/INPUT').map((rule) => rule.replace(/ ->.*/, '')))
      .toMatchInlineSnapshot(`
      [
        "source=0x20010db8000000000000000000000000-0x20010db8ffffffffffffffffffffffff",
        "source=0x20010db8000100000000000000000000-0x20010db80001ffffffffffffffffffff",
        "source=0xfe800000000000000000000000000001",
        "(?{source is nonsense:} & ~{iptables refuses this line})",
      ]
    `);
    expect(codesOf(reading)).toEqual(['FW1101']);
  });
});
