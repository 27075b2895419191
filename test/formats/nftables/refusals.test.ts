import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/audit.ts';
import { positionAt, type Position } from '../../../src/source/source.ts';
import { ask, packetOf, read, textSource } from './probe.ts';

function refusals(text: string): (Position & { readonly message: string })[] {
  return read(text)
    .diagnostics.filter(({ code }) => code === 'FW1201' || code === 'FW1009' || code === 'FW1010')
    .map(({ message, span }) => ({ ...positionAt(textSource(text), span!.start), message }));
}

const rule = (text: string): string => `table inet t {
  chain c {
    ${text}
  }
}
`;

it.each([
  'meta nfproto { ipv4, ipv6 } ip6 saddr ::1 accept',
  'meta nfproto ipv4 ct original saddr 10.0.0.1 accept',
  'ip saddr 10.0.0.1 icmpv6 type 1 accept',
])('tests of a family that nft takes are taken: %s', (text) => {
  expect(refusals(rule(text))).toEqual([]);
});

it.each([
  'meta l4proto { tcp, udp } redirect to :80',
  'ip saddr . tcp dport { 192.0.2.1 . 80 } redirect to :80',
  'ip6 nexthdr tcp redirect to :80',
  'redirect to :tcp dport map { 80 : 8080 }',
  'dnat ip addr . port to tcp dport map { 80 : 10.0.0.2 . 8080 }',
  'meta l4proto { tcp, udp } ct original proto-dst 80',
  'tcp dport 8080 ct original proto-dst { 80, 443 }',
])('a port is translated or asked for where something before it tells of which protocol: %s', (text) => {
  expect(refusals(rule(text))).toEqual([]);
});

it.each([
  'meta hour "8:0"-"17:00:30" meta day 0-6 accept',
  'meta time "2030-1-1 8:00"-1924991999 accept',
  'ip dscp { cs1, "46", 0x0a } ip ecn ect0 accept',
  'ct mark foo meta skuid root accept',
  'fib daddr type 1-5 ct status 1-5 accept',
  'iifname 1.2.3.4 accept',
  'meta protocol ip6 ip saddr 192.0.2.1 accept',
  'udp dport 53 synproxy',
  'ip saddr 192.0.2.1 rt nexthop 192.0.2.1 accept',
  'ip saddr 192.0.2.9 dnat to 192.0.2.1',
  'log prefix "level x" level "warn" queue num 1-3 bypass,fanout',
  'limit rate 10/day burst 5 packets quota over 5 mbytes used 3 bytes accept',
])('what nft takes for a value is taken: %s', (text) => {
  expect(refusals(rule(text))).toEqual([]);
});

describe('what nft refuses is refused, with its place', () => {
  it.each([
    ['tcp dport 70000 accept', 15, 'exceeds'],
    ['tcp dport 90-80 accept', 15, 'backwards'],
    ['ip saddr 10.0.0.0/33 accept', 23, 'prefix length'],
    ['ip saddr 10.0.0.256 accept', 14, 'IPv4 address'],
    ['ip saddr ::1 accept', 14, 'IPv4 address'],
    ['tcp flags bogus accept', 15, 'no tcp_flag'],
    ['tcp dport ! 22 accept', 17, '!='],
    ['tcp dport 22, 80 accept', 15, 'braces'],
    ['tcp dport 1 udp dport 2 accept', 17, 'exclude each other'],
    ['jump nowhere', 5, 'no chain'],
    ['ip saddr @nothing accept', 14, 'no set'],
    ['reject with icmp bogus', 5, 'code of icmp'],
    ['ip saddr 10.0.0.1 bogus accept', 23, 'expected'],
    ['iifname set 1', 5, 'cannot be set'],
    ['ip saddr . tcp dport { 10.0.0.1 } accept', 28, '2 parts'],
    ['tproxy to 10.0.0.0/8', 5, 'one address'],
    ['tcp dport 22 accept counter', 25, 'no effect'],
    ['ip ttl 256 accept', 12, 'at most 255'],
    ['ip ttl { 1, 300 } accept', 17, 'at most 255'],
    ['ip saddr tcp dport 22 accept', 14, 'compared with constants'],
    ['meta mark ct mark accept', 15, 'compared with constants'],
    ['tcp dport vmap { }', 20, 'a map in a rule needs an element'],
    ['tcp dport vmap { 1-10 : accept, 5-20 : accept }', 37, 'overlaps "1-10"'],
    ['tcp dport vmap { 22 : accept, ssh : drop }', 35, 'overlaps "22"'],
    ['ct state vmap { new : accept, new : drop }', 35, 'again, with other data'],
    ['tcp dport vmap { 1 : accept, * : drop, * : accept }', 44, 'again, with other data'],
    ['iifname vmap { "eth*" : accept, "eth0" : drop }', 37, 'overlaps "eth*"'],
    ['ip saddr . tcp dport { 192.0.2.0/28 . 1-10, 192.0.2.1 . 10-20 } accept', 49, 'overlaps'],
    ['log prefix "level x" level warning accept', 32, 'expected emerg'],
    ['log group 3 level info', 23, 'not both'],
    ['log group 70000', 15, 'at most 65535'],
    ['queue num 3-1', 15, 'backwards'],
    ['queue flags fanout to 70000', 27, 'at most 65535'],
    ['queue num 1 bypass,fanout', 15, 'range of queues'],
    ['ip dscp 0-64 accept', 15, 'at most 63'],
    ['vlan id 4096 accept', 13, 'at most 4095'],
    ['ip ttl & 300 == 0 accept', 14, 'at most 255'],
    ['ip ttl . tcp dport { 300 . 80 } accept', 26, 'at most 255'],
    ['ct mark 0x1ffffffff accept', 13, 'at most 4294967295'],
    ['ip ttl foo accept', 12, 'is a number'],
    ['ip ttl 9-3 accept', 12, 'backwards'],
    ['ip length ::1 accept', 15, 'is a number'],
    ['ip dscp cs8 accept', 13, 'one of cs0'],
    ['meta hour 24:00 accept', 15, 'time of day'],
    ['meta hour "08:00-17:00" accept', 15, 'time of day'],
    ['meta hour { "08:60", 12:00 } accept', 17, 'time of day'],
    ['meta day Mon-Fri accept', 14, 'a day'],
    ['meta day 7 accept', 14, 'a day'],
    ['meta time "June 6" accept', 15, 'a date'],
    ['tcp dport 80:90 accept', 15, 'no inet_service'],
    ['ip saddr 10.0.0.1 ip6 saddr ::1 accept', 23, 'exclude each other'],
    ['meta nfproto ipv4 ip6 saddr ::1 accept', 23, 'exclude each other'],
    ['icmp type 8 ip6 saddr ::1 accept', 17, 'exclude each other'],
    ['ct original saddr 10.0.0.1 accept', 5, 'needs its family'],
    ['ct original proto-dst 80 accept', 5, 'of which protocol'],
    ['ct protocol tcp ct original proto-dst 80 accept', 21, 'of which protocol'],
    ['redirect to :80', 18, 'of which protocol'],
    ['ip daddr 10.0.0.1 counter dnat ip to 10.0.0.2:80', 51, 'of which protocol'],
    ['th dport 53 redirect to :5353', 30, 'of which protocol'],
    ['tcp dport 22 comment "a" accept', 30, 'behind its comment'],
    ['accept comment "a" comment "b"', 24, 'behind its comment'],
    ['limit rate 10/month accept', 19, 'unit of time'],
    ['limit rate 10/minute burst 5 accept', 34, '"packets"'],
    ['quota 5 accept', 13, '"bytes"'],
    ['ip saddr 10.0.0.0/255.0.0.0 accept', 23, 'no mask'],
    ['ip saddr * accept', 14, 'in a set only'],
    ['tcp dport { } accept', 15, 'needs an element'],
    ['tcp dport < 5-6 accept', 17, 'one value'],
    ['iifname "*" accept', 13, '1 to 15 characters'],
    ['iifname "abcdefghijklmnop" accept', 13, '1 to 15 characters'],
    ['arp operation request accept', 5, 'ARP'],
    ['rt nexthop 192.0.2.1 accept', 5, 'needs its family'],
    ['dup to 192.0.2.1', 5, 'ip, ip6, netdev'],
    ['fwd to "eth1"', 5, 'family netdev'],
    ['dnat to 192.0.2.1', 5, '"dnat ip to"'],
  ])('%s', (text, column, message) => {
    const found = refusals(rule(text));
    expect(found[0]).toMatchObject({ line: 3 });
    expect(found.map((each) => each.message).join('; ')).toContain(message);
    expect(found.map((each) => each.column)).toContain(column);
  });

  it.each([
    ['delete table inet gone\n', 'no table'],
    ['add rule inet gone c accept\n', 'no table'],
    ['table inet t {\n  set s { elements = { 1 } }\n}\n', 'no "type"'],
    ['table inet t {\n  set s { type nonsense; }\n}\n', 'nonsense'],
    ['table inet t {\n  set s { type inet_service; elements = { 1-2 } }\n}\n', 'flags interval'],
    ['table inet t {\n  set s { type ipv4_addr; }\n  chain c { tcp dport @s accept; }\n}\n', 'is looked up'],
    ['table inet t {\n  chain c { type filter hook bogus priority 0; }\n}\n', 'hook "bogus"'],
    ['table inet t {\n  chain c { type filter hook input priority bogus; }\n}\n', 'priority'],
    ['table ip t {\n  chain c { type nat hook prerouting priority srcnat; }\n}\n', 'ip prerouting'],
    ['table netdev t {\n  chain c { type filter hook ingress device lo priority raw; }\n}\n', 'netdev'],
    ['table inet t {\n  chain c { type filter hook input priority 0; policy maybe; }\n}\n', 'policy "maybe"'],
    ['table inet t {\n  flowtable f { devices = { lo }; }\n}\n', 'hook'],
    ['table inet t {\n  chain c {\n    accept\n', '"}"'],
    ['}\n', 'a command'],
    ['table inet t {\n  chain c { ip saddr "unclosed }\n}\n', 'expected'],
  ])('%j', (text, message) => {
    expect(
      refusals(text)
        .map((each) => each.message)
        .join('; '),
    ).toContain(message);
  });

  it('keeps a rule that it cannot read, and reads the next ones', () => {
    const text = rule('tcp dport 22 ip saddr { 1, 2 ] accept\n    tcp dport 23 drop');
    const reading = read(text);
    expect(reading.rules).toBe(2);
    expect(reading.understood).toBe(1);
    const { rules } = reading.firewall.chains.get('nft/inet/t/c')!;
    expect(rules).toHaveLength(2);
    expect(rules[0]).toMatchObject({
      match: { kind: 'and', of: [{ field: 'protocol' }, { field: 'destinationPort' }] },
      action: { kind: 'unknown' },
    });
    expect(rules[1]!.action.kind).toBe('drop');
  });
});

/** Checked with nft 1.0.6 and its kernel. */
describe('elements of a set that are in the way of each other', () => {
  const declared = (text: string): string => `table inet t {
  ${text}
}
`;

  it.each([
    ['set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 10.1.0.0/16 } }', 68, 'auto-merge'],
    ['set s { type ipv6_addr; flags interval; elements = { 2001:db8::/32, 2001:db8::1 } }', 71, 'auto-merge'],
    [
      'set s { type inet_service . ipv4_addr; flags interval; auto-merge; elements = { 1-9 . 192.0.2.1, 9-11 . 192.0.2.1 } }',
      100,
      'overlaps "1-9 . 192.0.2.1"',
    ],
    ['map m { type ipv4_addr : mark; elements = { 192.0.2.1 : 1, 192.0.2.1 : 2 } }', 62, 'with other data'],
  ])('are refused: %s', (text, column, message) => {
    expect(refusals(declared(text))).toEqual([
      { line: 2, column, message: expect.stringContaining(message) as string },
    ]);
  });

  it.each([
    'set s { type ipv4_addr; flags interval; auto-merge; elements = { 10.0.0.0/8, 10.1.0.0/16 } }',
    'set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 10.0.0.0-10.255.255.255 } }',
    'set s { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.1 } }',
    // The kernel looks at where the new element begins and ends.
    'set s { type ipv4_addr . inet_service; flags interval; elements = { 192.0.2.1 . 1-10, 192.0.2.0/24 . 5 } }',
    'map m { type ipv4_addr : mark; elements = { 192.0.2.1 : 1, 192.0.2.1 : 0x1 } }',
  ])('are not those that say the same, or may be merged: %s', (text) => {
    expect(refusals(declared(text))).toEqual([]);
  });
});

describe('statements have their places', () => {
  const chain = (hook: string, text: string): string => `table ip t {
  chain called {
    ${text}
  }
  chain c {
    type ${hook} priority 0;
    jump called
  }
}
`;

  it.each([
    ['filter hook input', 'masquerade', 'a chain of type nat'],
    ['nat hook prerouting', 'masquerade', 'hook postrouting'],
    ['nat hook output', 'snat to 192.0.2.1', 'hook postrouting or input'],
    ['nat hook input', 'redirect', 'hook prerouting or output'],
    ['nat hook postrouting', 'dnat to 192.0.2.1', 'hook prerouting or output'],
    ['route hook output', 'dnat to 192.0.2.1', 'a chain of type nat'],
    ['filter hook output', 'tcp dport 80 synproxy', 'hook input or forward'],
    ['filter hook postrouting', 'reject', 'hook ingress or prerouting or input'],
    ['filter hook input', 'tcp dport 80 tproxy to :50', 'hook prerouting'],
  ])('%s has no place for %s', (hook, text, message) => {
    expect(refusals(chain(hook, text)).map((each) => each.message)).toEqual([
      expect.stringContaining(message) as string,
    ]);
  });

  it.each([
    ['nat hook input', 'snat to 192.0.2.1'],
    ['nat hook output', 'redirect'],
    ['nat hook postrouting', 'masquerade'],
    ['nat hook prerouting', 'tcp dport 80 tproxy to :50'],
    ['nat hook prerouting', 'reject'],
    ['nat hook input', 'tcp dport 80 synproxy'],
    ['route hook output', 'reject'],
  ])('%s has one for %s', (hook, text) => {
    expect(refusals(chain(hook, text))).toEqual([]);
  });
});

describe('hostile input', () => {
  it('takes many files that cannot be read for one great unknown', async () => {
    const includes = Array.from({ length: 200 }, (_, i) => `include "./file${String(i)}.nft"\n`).join('');
    const started = performance.now();
    const { exposures } = await audit([
      textSource(
        `${includes}table inet t {\n chain c {\n type filter hook input priority 0;\n ${includes} }\n}\n`,
      ),
    ]);
    expect(exposures.length).toBeGreaterThan(0);
    expect(new Set(exposures.map(({ certainty }) => certainty))).toEqual(new Set(['possible']));
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it.each([
    ['{'.repeat(5000)],
    [`table inet t { chain c { ${'jump { '.repeat(200)}`],
    [`table inet t { chain c { tcp dport ${'('.repeat(2000)}`],
    [`define x = $x\ntable inet t { chain c { tcp dport $x accept; } }`],
    ['table inet __proto__ { chain constructor { jump toString; } }'],
    ['\u0000\u0001\u2028"'],
    [`${'a'.repeat(1_000_000)}`],
    [`table inet t { set s { type ipv4_addr; elements = { ${'1.2.3.4,'.repeat(20_000)} } } }`],
    [
      '{"nftables": [ null, 1, "x", [], {}, {"add": null}, {"rule": 5}, {"set": {"name": 1, "elem": [[]]}} ]}',
    ],
    ['{"nftables": "none"}'],
    ['{"nftables": ['],
  ])('is read without harm: %#', (text) => {
    const started = performance.now();
    expect(read(text).rules).toBeGreaterThanOrEqual(0);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

it.each([
  ['jump base', 3],
  ['goto base', 3],
  ['tcp dport vmap { 22 : jump base }', 25],
])('a rule cannot call a chain that a hook calls: %s', (call, column) => {
  const called = `table inet t {
chain base { type filter hook input priority 0; }
chain c {
  ${call}
}
}
`;
  expect(refusals(called)).toEqual([
    { line: 4, column, message: expect.stringContaining('"base" is called by a hook') as string },
  ]);
  expect(refusals(called.replace('type filter hook input priority 0;', ''))).toEqual([]);
});

describe('an error inside braces costs the statement it stands in, nothing more', () => {
  const text = `table inet t {
  set s { type ipv4_addr; elements = { 192.0.2.9 bogus, 192.0.2.8 }; }
  set ports { type inet_service; elements = { 22 }; }
  chain c {
    type filter hook input priority 0; policy drop;
    tcp dport { 80 81 } accept
    tcp dport vmap { 443 : accept, 444 - : drop }
    jump { tcp dport 5 bogus bogus; drop; }
    tcp dport @ports accept
  }
  chain d { type filter hook input priority 5; policy accept; ip saddr @s drop; }
}
`;

  it('reads the rest of the file', () => {
    const reading = read(text);
    expect(refusals(text).map(({ line }) => line)).toEqual([2, 6, 7, 8]);
    expect([...reading.firewall.chains.keys()]).toEqual(
      expect.arrayContaining(['nft/inet/t/c', 'nft/inet/t/d']),
    );
    expect(reading.rules).toBe(5);
    expect(reading.firewall.sets.size).toBe(2);
  });

  it('and takes no set for empty whose elements could not be read', async () => {
    const script = `flush ruleset\ntable ip t {
  set s { type ipv4_addr; elements = { 192.0.2.9 bogus } }
  chain c { type filter hook input priority 0; ip saddr @s drop; }
}
`;
    const { query } = await ask(textSource(script));
    expect(query(packetOf(['tcp', '22', 'from', '192.0.2.9'])).verdict).toBe('conditional');
  });
});
