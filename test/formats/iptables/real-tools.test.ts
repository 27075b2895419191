import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labMissing } from '../../kernel/require-lab.ts';
import { codesOf, printAction, printMatch, readText } from './read-text.ts';
import type { Reading } from '../../../src/formats/format.ts';

const namespace = `fwaudit-forms-${process.pid}`;

function run(command: readonly string[], input = ''): string {
  return execFileSync('ip', ['netns', 'exec', namespace, ...command], {
    input,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

const rules = `*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp --dport 53 -j CT --notrack
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -p tcp --dport 8000:8100 -j MARK --set-mark 0x10
-A PREROUTING -i eth0 -j MARK --set-xmark 0x1/0xff
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080
-A PREROUTING -d 192.0.2.7 -p tcp --dport 2222 -j DNAT --to-destination 10.0.0.5:22
-A POSTROUTING -s 10.0.0.0/24 -j SNAT --to-source 192.0.2.7
-A POSTROUTING -o ppp0 -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:web - [0:0]
:name-wider-than-its-column - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment "tcp dpt:1 -j DROP" -j ACCEPT
-A INPUT -m conntrack ! --ctstate INVALID --ctproto 6 --ctorigdstport 80 -j name-wider-than-its-column
-A INPUT -p tcp --dport 23
-A INPUT ! -s 10.0.0.0/8 ! -i eth+ -p tcp -m multiport ! --dports 80,443,8000:8100 -g web
-A INPUT -p tcp ! --tcp-flags FIN,SYN SYN -m limit --limit 5/min -j LOG --log-prefix "-j x: "
-A INPUT ! -p tcp -d 10.0.0.5/255.0.0.255 -j REJECT --reject-with icmp-host-prohibited
-A INPUT -p icmp ! --icmp-type 8 -j ACCEPT
-A INPUT -p icmp --icmp-type 3/4 -j ACCEPT
-A INPUT -m mark ! --mark 0x10/0xf0 -j DROP
-A INPUT -m iprange --src-range 198.51.100.1-198.51.100.9 -j ACCEPT
-A INPUT -m addrtype --src-type LOCAL ! --dst-type MULTICAST -j DROP
-A INPUT -m state --state NEW -p udp --sport 1024: --dport :1023 -j ACCEPT
-A web -p tcp --syn -j ACCEPT
-A web -j RETURN
COMMIT
`;

const rules6 = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 2001:db8::/32 -p tcp --dport 22 -j ACCEPT
-A INPUT -p ipv6-icmp --icmpv6-type 128 -j ACCEPT
-A INPUT -p ipv6-icmp ! --icmpv6-type 1/3 -j DROP
-A INPUT -s ::1/ffff::ffff -j REJECT --reject-with icmp6-adm-prohibited
COMMIT
`;

const tables = ['raw', 'mangle', 'nat', 'filter'];

/** Every chain with its policy and rules in short. */
function outline(reading: Reading): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    [...reading.firewall.chains.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((chain) => [
        chain.id,
        [
          printAction(chain.fallthrough),
          ...chain.rules.map((rule) => `${parts(rule.match)} -> ${printAction(rule.action)}`),
        ],
      ]),
  );
}

/** The tools print options in an order of their own. */
function parts(match: Parameters<typeof printMatch>[0]): string {
  return match.kind === 'and' ? match.of.map(printMatch).sort().join(' & ') : printMatch(match);
}

describe.skipIf(labMissing() !== undefined)('one rule set in every form that the tools print', () => {
  beforeAll(() => {
    execFileSync('ip', ['netns', 'add', namespace]);
  });
  afterAll(() => {
    execFileSync('ip', ['netns', 'delete', namespace]);
  });

  test.each(['iptables-legacy', 'iptables-nft'])('%s', (tool) => {
    run([`${tool}-restore`], rules);
    const saved = readText(run([`${tool}-save`]));
    const listed = readText(tables.map((table) => run([tool, '-t', table, '-S'])).join(''));
    const shown = readText(tables.map((table) => run([tool, '-t', table, '-L', '-n', '-v'])).join('\n'));
    const numbered = readText(
      tables.map((table) => run([tool, '-t', table, '-L', '-n', '-v', '-x', '--line-numbers'])).join('\n'),
    );
    expect(saved.rules).toBe(rules.match(/^-A/gm)?.length);
    for (const reading of [saved, listed, shown, numbered]) {
      expect(codesOf(reading)).toEqual([]);
      expect(reading.understood).toBe(saved.rules);
      expect(outline(reading)).toEqual(outline(saved));
    }
    expect(outline(readText(rules))).toEqual(outline(saved));
    run([`${tool}-restore`], tables.map((table) => `*${table}\nCOMMIT\n`).join(''));
  });

  test.each(['ip6tables-legacy', 'ip6tables-nft'])('%s', (tool) => {
    run([`${tool}-restore`], rules6);
    const saved = readText(run([`${tool}-save`, '-t', 'filter']));
    for (const text of [run([tool, '-S']), run([tool, '-L', '-n', '-v'])]) {
      const reading = readText(text);
      expect(codesOf(reading)).toEqual([]);
      expect(outline(reading)).toEqual(outline(saved));
    }
    expect(saved.families).toEqual(['ipv6']);
    expect(outline(readText(rules6))).toEqual(outline(saved));
    run([`${tool}-restore`], '*filter\nCOMMIT\n');
  });
});
