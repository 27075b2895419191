import { describe, expect, it } from 'vitest';
import { ask, packetOf, read, told } from './probe.ts';

const refused = (text: string): string[] =>
  told(text)
    .filter((line) => line.startsWith('error'))
    .map((line) => line.replace(/; pfctl would load nothing of this file$/, ''));

describe('what pfctl would refuse is an error with its place', () => {
  it.each([
    [`anchor ${'a'.repeat(64)}`, 'error FW1301 1:8 an anchor name has at most 63 bytes'],
    [`rdr-anchor "x/${'a'.repeat(64)}"`, 'error FW1301 1:12 an anchor name has at most 63 bytes'],
    ['pass in to any port 22', 'error FW1301 1:21 port only applies to tcp and udp'],
    ['pass in proto { tcp, icmp } to port 53', 'error FW1301 1:22 port only applies to tcp and udp'],
    ['pass in inet6 proto icmp', 'error FW1301 1:21 proto icmp does not fit address family inet'],
    ['pass inet proto icmp6', 'error FW1301 1:17 proto icmp6 does not fit address family inet'],
    ['pass in proto icmp icmp-type echoreq', 'error FW1301 1:20 icmp-type needs an address family'],
    ['pass in inet icmp-type echoreq', 'error FW1301 1:14 icmp-type only applies to proto icmp'],
    ['pass in inet proto tcp icmp-type echoreq', 'error FW1301 1:24 icmp-type does not fit the protocol'],
    ['pass in inet proto icmp icmp-type nonsense', "error FW1301 1:35 pfctl knows no ICMP type 'nonsense'"],
    ['pass in inet from 2001:db8::1', 'error FW1301 1:1 the address families of the rule never fit together'],
    [
      'pass in from 10.0.0.1 to 2001:db8::1',
      'error FW1301 1:1 the address families of the rule never fit together',
    ],
    ['pass in proto tcp to port 70000', 'error FW1301 1:27 port 70000 is above 65535'],
    ['pass in proto tcp to port != 22:23', "error FW1301 1:30 ':' cannot be used with another port operator"],
    ['pass in from any to urpf-failed', 'error FW1301 1:21 "urpf-failed" is not permitted in a destination'],
    ['pass in proto tcp flags FS/S', 'error FW1301 1:19 flags that can never be set'],
    ['pass in proto udp flags S/SA', 'error FW1301 1:19 flags only apply to tcp'],
    ['block return-rst in proto udp', 'error FW1301 1:7 return-rst can only be applied to tcp'],
    ['block in keep state', 'error FW1301 1:10 keep state is only for pass rules'],
    ['block in allow-opts', 'error FW1301 1:10 allow-opts is only for pass rules'],
    [
      'pass in proto tcp to port 22 fragment',
      'error FW1301 1:30 fragments can be filtered only on IP header',
    ],
    ['pass route-to (em0 192.0.2.1)', 'error FW1301 1:6 route-to needs a direction'],
    ['pass proto tcp to port 80 rdr-to 10.0.0.1', 'error FW1301 1:27 rdr-to requires a direction'],
    ['pass in keep state (overload <x>)', "error FW1301 1:21 'overload' requires"],
    [
      'pass in keep state (source-track global, max-src-nodes 9)',
      "error FW1301 1:42 'max-src-nodes' is incompatible with 'source-track global'",
    ],
    ['set skip on ! em0\npass', 'error FW1301 1:13 skip on ! <interface> is not supported'],
    ['set timeout tcp.closing 6, tcp.opening 6\npass', 'error FW1301 1:26 several values need braces'],
    ['set block-policy perhaps\npass', "error FW1301 1:18 'perhaps' is no value of 'block-policy'"],
    [
      'table <t> { 10.0.0.1 - 10.0.0.9 }\npass',
      'error FW1301 1:13 address ranges are not permitted inside tables',
    ],
    ['table <t> sometimes { }\npass', "error FW1301 1:11 'sometimes' is no table option"],
    ['pass in from 10.0.0.256', "error FW1301 1:14 '10.0.0.256' is no address"],
    ['pass in from 10.0.0.1-10.0.0.9', "error FW1301 1:14 '10.0.0.1-10.0.0.9' is no address"],
    ['table <t> { 10.0.0.1-10.0.0.9 }\npass', 'error FW1301 1:13 address ranges are not permitted inside'],
    ['pass in from 10.0.0.1/24 - 10.0.0.9', "error FW1004 1:26 '-' does not fit here"],
    ['pass in from 10.0.0.1 - 10.0.0.9/24', "error FW1004 1:33 '/' does not fit here"],
    ['pass in proto tcp to port 22-25', "error FW1301 1:27 '22-25' is no port"],
    ['pass in from 010.0.0.1', "error FW1301 1:14 '010.0.0.1' is no address"],
    ['pass in from 10.0.0.0/33', "error FW1301 1:14 '10.0.0.0/33' is no address"],
    ['pass in from 10.0.0.1 - 2001:db8::1', "error FW1301 1:14 '10.0.0.1 - 2001:db8::1' is no address range"],
    ['rdr on em0 proto tcp to port > 80 -> 10.0.0.1', 'error FW1301 1:32 invalid port operator for an rdr'],
    ['rdr on em0 proto tcp to port 80', "error FW1301 1:1 rdr needs '-> address'"],
    ['no rdr on em0 from any to any -> 10.0.0.1', "error FW1301 1:31 'no rdr' needs no '->'"],
    [
      'rdr on em0 inet from any to any -> 10.0.0.1 static-port',
      "error FW1301 1:45 'static-port' is only valid",
    ],
    ['binat on em0 from <t> to any -> 192.0.2.1', 'error FW1301 1:20 invalid use of table <t>'],
    ['binat on em0 from 10.0.0.1 to any -> 2001:db8::1', 'error FW1301 1:1 binat ip versions must match'],
    ['pass\nnat on em0 inet from any to any -> 192.0.2.1', 'error FW1301 2:1 rules must be in order'],
    ['queue q priority 1\naltq on em0 priq queue { q }\npass', 'error FW1301 1:7 queue q has no parent'],
    ['altq on em0 priq(red maybe) queue { q }\npass', 'error FW1301 1:22 unknown priq flag "maybe"'],
    ['anchor in all', 'error FW1301 1:1 an anchor without rules of its own must have a name'],
    ['anchor "_x"', "error FW1301 1:8 anchor names that begin with '_' are reserved"],
    [`pass in on ${'e'.repeat(15)}0`, 'error FW1301 1:12 an interface name has at most 15 bytes'],
    [`pass in from (${'e'.repeat(15)}0)`, 'error FW1301 1:15 an interface name has at most 15 bytes'],
    [`pass in tag ${'t'.repeat(64)}`, 'error FW1301 1:13 a tag has at most 63 bytes'],
    [`pass in ! tagged "${'t'.repeat(60)} four"`, 'error FW1301 1:18 a tag has at most 63 bytes'],
    [`pass in label "${'l'.repeat(64)}"`, 'error FW1301 1:15 a label has at most 63 bytes'],
    [`table <${'t'.repeat(32)}> persist\npass`, 'error FW1301 1:8 a table name has at most 31 bytes'],
    [`pass in from <${'t'.repeat(32)}>`, 'error FW1301 1:15 a table name has at most 31 bytes'],
    [`pass in from route "${'r'.repeat(32)}"`, 'error FW1301 1:20 a route label has at most 31 bytes'],
    [`pass in queue ${'q'.repeat(64)}`, 'error FW1301 1:15 a queue name has at most 63 bytes'],
    [`anchor "${'a/'.repeat(511)}bb"`, 'error FW1301 1:8 an anchor path has at most 1023 bytes'],
    ['anchor ""', 'error FW1301 1:8 an anchor name must not be empty'],
    ['pass in prio 8', 'error FW1301 1:14 prio must be a number from 0 to 7'],
    ['pass in set (prio (3, 9))', 'error FW1301 1:23 prio must be a number from 0 to 7'],
    ['pass in received-on em0 rtable 256', 'error FW1301 1:32 rtable must be a number from 0 to 255'],
    ['pass in on rdomain 256 once', 'error FW1301 1:20 rdomain must be a number from 0 to 255'],
    ['pass in keep state (frobnicate 3)', "error FW1301 1:21 pfctl knows no state option 'frobnicate'"],
    ['pass in keep state (max many)', "error FW1301 1:25 'max' needs a number"],
    [
      'pass in keep state (max-src-conn-rate 0/5)',
      "error FW1301 1:21 'max-src-conn-rate' values must be > 0",
    ],
    ['pass in keep state (tcp.sleeping 3)', "error FW1301 1:21 pfctl knows no state option 'tcp.sleeping'"],
    ['set timeout sleeping 3\npass', "error FW1301 1:13 unknown timeout 'sleeping'"],
    ['set limit { states 3, rules 4 }\npass', "error FW1301 1:23 unknown limit 'rules'"],
    ['set syncookies sometimes\npass', "error FW1301 1:16 expected 'never', 'always' or 'adaptive'"],
    ['set state-defaults frobnicate\npass', "error FW1301 1:20 pfctl knows no state option 'frobnicate'"],
    ['pass in from 10.0.0.1 binat-to 192.0.2.1', 'error FW1301 1:23 binat-to cannot be specified with a'],
    ['pass from any binat-to 192.0.2.1', 'error FW1301 1:15 binat-to requires a specified source'],
    ['pass from <t> binat-to 192.0.2.1', 'error FW1301 1:12 invalid use of table <t> in a binat-to rule'],
    ['pass inet af-to inet6 from 2001:db8::1', 'error FW1301 1:11 af-to requires a direction'],
    ['pass in rdr-to 10.0.0.1 static-port', "error FW1301 1:25 'static-port' is only valid with nat rules"],
    [
      'pass out nat-to 10.0.0.1 port 5 static-port',
      "error FW1301 1:33 'static-port' cannot be used with a port range",
    ],
    [
      'nat on em0 inet all -> 10.0.0.1 map-e-portset 6/8/0x34 static-port',
      "error FW1301 1:33 'map-e-portset' and 'static-port' cannot be used together",
    ],
    ['nat on em0 inet all -> <t> bitmask', 'error FW1301 1:25 tables are not supported by pool type bitmask'],
    ['nat on em0 inet all -> (em1) bitmask', 'error FW1301 1:25 interface (em1) is not supported by pool'],
    ['pass out once divert-to 127.0.0.1 port 9', 'error FW1301 1:15 divert-to cannot be used with outgoing'],
    ['pass out divert-to 127.0.0.1 port 9', 'error FW1301 1:10 divert-to cannot be used with outgoing'],
    ['pass in inet6 divert-to 127.0.0.1 port 9', 'error FW1301 1:15 divert-to address family mismatch'],
    ['pass in from 10.0.0.1 divert-to ::1 port 9', 'error FW1301 1:23 divert-to address family mismatch'],
    ['set skip on lo0 em1\npass', 'error FW1301 1:17 several interfaces need braces'],
    ['set skip on lo0, em1\npass', 'error FW1301 1:16 several interfaces need braces'],
    ['pass in once divert-reply', 'error FW1301 1:14 divert-reply cannot be used with incoming rules'],
    ['pass in once user root', 'error FW1301 1:14 user only applies to tcp and udp'],
    ['pass in from any os "OpenBSD" once', 'error FW1301 1:21 OS fingerprinting only applies to tcp'],
    ['block in once route-to 192.0.2.1', 'error FW1301 1:15 route-to is not supported on block rules'],
    [
      'anchor a {\n  table <t> { 10.0.0.1 }\n  pass in from <t>\n}',
      'error FW1301 2:3 only pass, block, match and anchor may stand in the braces of an anchor',
    ],
    [
      'anchor a {\n  pass in\n}\nanchor a {\n  block in\n}',
      "error FW1301 4:8 inline anchor 'a' already exists",
    ],
    ['pass in on em0 frobnicate', "error FW1004 1:16 'frobnicate' does not fit here"],
    ['pass in on $ext', "error FW1004 1:12 '$ext' does not fit here: expected a macro that is defined"],
    ['pass in label "x', "error FW1004 1:15 'x' does not fit here: expected the closing quote"],
    ['what is this', "error FW1004 1:1 'what' does not fit here: expected a pf statement"],
  ])('%s', (text, expected) => {
    const messages = refused(`${text}\n`);
    expect(messages.map((message) => message.slice(0, expected.length))).toContain(expected);
  });

  it('says how ranges are written', () => {
    const help = (text: string): (string | undefined)[] => read(text).diagnostics.map((one) => one.help);
    expect(help('pass in from 10.0.0.1-10.0.0.9\n')).toEqual([
      'a range is written with blanks: 10.0.0.1 - 10.0.0.9',
    ]);
    expect(help('pass in proto tcp to port 22-25\n')).toEqual(['a range of ports is written 22:25']);
    expect(told('pass in from web-1.example.com\n').join()).toContain("'web-1.example.com' is a host name");
  });

  it('is the first thing that is said about the answer', () => {
    const { firewall } = read('pass in\npass in to any port 22\n');
    expect(firewall.assumptions[0]).toMatch(
      /^pfctl would refuse this file \(line 2\) and load nothing of it/,
    );
  });

  it('tells what only some systems refuse', () => {
    const short = 'anchor "sixteen-bytes-it"\n';
    expect(told(short)).toContain(
      'note FW1303 1:8 systems before OpenBSD 3.6 and FreeBSD 6 refuse anchor names of more than 15 bytes',
    );
    expect(told(short, { dialect: 'freebsd' }).join()).not.toContain('FreeBSD 6');
    expect(told('block in route-to (em0 192.0.2.1)\n').join()).toContain(
      'error FW1301 1:10 route-to is not supported on block rules',
    );
    expect(told('block in route-to (em0 192.0.2.1)\n', { dialect: 'freebsd' }).join()).toContain(
      'warning FW1303 1:10 route-to is not supported on block rules since OpenBSD 4.7 and FreeBSD 15',
    );
    expect(told('pass out divert-reply\n', { dialect: 'freebsd' }).join()).toContain(
      'error FW1301 1:10 divert-reply has no meaning in FreeBSD',
    );
    expect(refused('pass in user root\npass in from any os "OpenBSD"\n')).toEqual([]);
  });

  it('lets FreeBSD divert whatever the address is, to a socket of its own kind', () => {
    const text = 'pass out divert-to 127.0.0.1 port 9\npass in inet6 divert-to 127.0.0.1 port 9\n';
    expect(told(text, { dialect: 'freebsd' })).toEqual([]);
    expect(refused('set skip on lo0\nset skip on { lo0, em1 em2 }\npass\n')).toEqual([]);
  });

  it('takes every option of a state', () => {
    const options =
      'max 100, source-track rule, max-src-nodes 10, max-src-states 3, max-src-conn 9, max-src-conn-rate 15/5, overload <bad> flush global, if-bound, no-sync, tcp.established 60, adaptive.start 10, adaptive.end 20, sloppy, pflow';
    expect(refused(`pass in proto tcp to port 22 keep state (${options})\n`)).toEqual([]);
    expect(
      refused('set state-defaults pflow, no-sync\nset syncookies adaptive (start 25%, end 12%)\npass\n'),
    ).toEqual([]);
  });

  it('takes ports without a protocol in nat rules, not in others', () => {
    expect(refused('nat on em0 inet from 10.0.0.0/8 to any port 500 -> 192.0.2.1 static-port\n')).toEqual([]);
    expect(refused('nat-anchor x from any to any port 500\n')).toEqual([]);
    expect(refused('rdr on em0 inet from any to any port 500 -> 192.0.2.1\n').join()).toContain('port only');
  });

  it('says nothing of files that pfctl takes', () => {
    expect(
      read('set require-order no\npass\nnat on em0 inet from any to any -> 192.0.2.1\n').diagnostics,
    ).toEqual([]);
    expect(refused('pass in from { 10.0.0.1 2001:db8::1 } to { 10.0.0.2 }\n')).toEqual([]);
  });
});

describe('a rule that is not understood', () => {
  it('is kept with what was read of it, and is possible both ways', async () => {
    const query = await ask('block in\npass in proto tcp to port 22 frobnicate\n');
    expect(query.query(packetOf(['tcp', '22'])).verdict).toBe('conditional');
    expect(query.query(packetOf(['tcp', '23'])).verdict).toBe('deny');
    const block = await ask('pass in\nblock in proto tcp to port 22 frobnicate\n');
    expect(block.query(packetOf(['tcp', '22'])).verdict).toBe('conditional');
    expect(block.query(packetOf(['tcp', '23'])).verdict).toBe('allow');
  });

  it('poisons what follows if nothing of it can be read, not what a quick rule has decided', async () => {
    const query = await ask('pass in quick proto tcp to port 22\nblock in\ngibberish\n');
    expect(query.query(packetOf(['tcp', '22'])).verdict).toBe('allow');
    expect(query.query(packetOf(['tcp', '23'])).verdict).toBe('conditional');
  });

  it('counts as not understood, while conditions that no file can settle count as understood', () => {
    const { rules, understood } = read(
      'block\npass in user root\npass in probability 5%\npass in frobnicate\n',
    );
    expect([rules, understood]).toEqual([4, 3]);
  });
});
