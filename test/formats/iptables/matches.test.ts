import { describe, expect, test } from 'vitest';
import { codesOf, matchOf, printMatch, readRules, readText, rulesOf } from './read-text.ts';

describe('conditions that are modelled exactly', () => {
  test.each([
    ['-p tcp --dport 22', '(protocol=6 & destinationPort=22)'],
    ['-p tcp --dport 022', '(protocol=6 & destinationPort=18)'],
    ['-p udp --dport 022', '(protocol=17 & destinationPort=22)'],
    ['-p tcp ! --sport :1023', '(protocol=6 & !sourcePort=0-1023)'],
    ['-p tcp --dport 0:65535', 'protocol=6'],
    ['-p tcp --dport ssh', '(protocol=6 & destinationPort=22)'],
    ['-p tcp --syn', '(protocol=6 & tcpFlags&23=2)'],
    ['-p tcp --tcp-flags ALL NONE', '(protocol=6 & tcpFlags&63=0)'],
    ['-p tcp --tcp-flags SYN ACK', 'none'],
    ['-p tcp -m multiport --dports 80,443,8000:8100', '(protocol=6 & destinationPort=80,443,8000-8100)'],
    ['-p tcp -m multiport ! --ports 80', '(protocol=6 & !(sourcePort=80 | destinationPort=80))'],
    ['-p 017', 'protocol=15'],
    ['-p all', 'all'],
    ['! -p tcp', '!protocol=6'],
    ['-p icmp --icmp-type echo-request', '(protocol=1 & sourcePort=2048-2303)'],
    ['-p icmp --icmp-type 3/4', '(protocol=1 & sourcePort=772)'],
    ['-p icmp --icmp-type any', 'protocol=1'],
    ['-s 10.0.0.0/8', 'source=10.0.0.0-10.255.255.255'],
    ['-s 10.1.2.3/8', 'source=10.0.0.0-10.255.255.255'],
    ['-s 10', 'source=10.0.0.0'],
    ['-s 10.1/16', 'source=10.1.0.0-10.1.255.255'],
    ['-s 010.0.0.1', 'source=8.0.0.1'],
    ['-s 10.0.0.5/255.0.0.255', 'source&255.0.0.255=10.0.0.5'],
    ['-s 0.0.0.0/0', 'all'],
    ['! -s 0.0.0.0/0', 'none'],
    ['! -d 1.2.3.4', '!destination=1.2.3.4'],
    ['-i eth0', 'inInterface=eth0'],
    ['-i eth+', 'inInterface=eth*'],
    ['-i +', 'all'],
    ['! -i +', 'none'],
    ['-m state --state NEW,ESTABLISHED', 'state=0-1'],
    ['-m state --state new,est', 'state=0-1'],
    ['-m conntrack ! --ctstate INVALID', '!state=3'],
    ['-m conntrack --ctstate NEW,DNAT', '(state=0 | destinationTranslated=1)'],
    ['-m mark --mark 0x1/0xff', 'mark&255=1'],
    ['-m mark --mark 0x100/0xff', 'none'],
    ['-m iprange --src-range 1.1.1.1-1.1.1.5', 'source=1.1.1.1-1.1.1.5'],
    ['-m iprange --src-range 1.1.1.5-1.1.1.1', 'none'],
    ['-m iprange ! --src-range 1.1.1.5-1.1.1.1', 'all'],
    ['-m addrtype --dst-type MULTICAST', 'destination=224.0.0.0-239.255.255.255'],
    ['-m set --match-set a src,dst', 'set a(source,destination)'],
    ['-m set ! --match-set a dst --return-nomatch', '!except-set a(destination)'],
    ['-m comment --comment x', 'all'],
    ['-m recent --set --name x', 'all'],
    ['-m recent ! --set --name x', 'none'],
    ['-m statistic --mode random --probability 1', 'all'],
    ['-f', 'fragment=1'],
  ])('%s', (options, expected) => {
    expect(matchOf(options)).toBe(expected);
  });

  test('the original destination of a new connection', () => {
    expect(matchOf('-p tcp -m conntrack --ctorigdstport 80')).toBe(
      '(protocol=6 & ((state=0 & originalDestinationPort=80) | (state=1-2 & ?{conntrack --ctorigdstport 80})))',
    );
  });
});

describe('conditions that a file cannot settle', () => {
  test.each([
    ['-m limit --limit 5/min', '~{limit: avg 5/min burst 5}'],
    ['-m recent --rcheck --name x', '~{recent list x: --rcheck --name x}'],
    ['-m mac --mac-source 00:11:22:33:44:55', '?{mac --mac-source 00:11:22:33:44:55}'],
    ['-m owner ! --uid-owner 5', '!?{owner --uid-owner 5}'],
    ['-m statistic --mode nth --every 2 --packet 0', '~{statistic --mode nth --every 2 --packet 0}'],
    ['-m set --match-set a src --packets-gt 5', '(set a(source) & ~{set a --packets-gt 5})'],
  ])('%s', (options, expected) => {
    expect(matchOf(options)).toBe(expected);
    const reading = readRules(`-A INPUT ${options} -j ACCEPT`);
    expect([reading.rules, reading.understood, codesOf(reading)]).toEqual([1, 1, []]);
  });

  test('two places of one limit are two questions', () => {
    const reading = readRules(
      '-A INPUT -m limit --limit 1/s -j ACCEPT',
      '-A INPUT -m limit --limit 1/s -j DROP',
    );
    const [first, second] = reading.firewall.chains.get('ipv4/filter/INPUT')?.rules ?? [];
    expect(first?.match).toEqual(second?.match);
    expect(first?.match).not.toBe(second?.match);
  });

  test('the host addresses make LOCAL exact', () => {
    const text =
      '*filter\n:INPUT DROP\n:FORWARD DROP\n:OUTPUT DROP\n-A INPUT -m addrtype --dst-type LOCAL -j ACCEPT\nCOMMIT\n';
    const reading = readText(text, {
      localAddresses: [{ family: 'ipv4', range: [0xc0000201n, 0xc0000201n] }],
    });
    const [rule] = reading.firewall.chains.get('ipv4/filter/INPUT')?.rules ?? [];
    expect(rule === undefined ? '' : printMatch(rule.match)).toBe(
      'destination=127.0.0.0-127.255.255.255,192.0.2.1',
    );
  });
});

describe('what nobody knows is kept and said', () => {
  test('an unknown match', () => {
    const reading = readRules('-A INPUT -p tcp -m ndpi --tls --level 5 -j ACCEPT');
    expect(rulesOf(reading)).toEqual(['(protocol=6 & ~{-m ndpi --tls --level 5}) -> accept']);
    expect([reading.rules, reading.understood, codesOf(reading)]).toEqual([1, 0, ['FW1004']]);
  });

  test('an unknown target with options, and a chain that is not there', () => {
    const reading = readRules('-A INPUT -j FROB --level 5', '-A INPUT -j nowhere');
    expect(rulesOf(reading)).toEqual([
      'all -> unknown accept/drop/continue',
      'all -> unknown accept/drop/continue',
    ]);
    expect(codesOf(reading)).toEqual(['FW1004', 'FW1009']);
  });

  test('a host name is never looked up', () => {
    const reading = readRules('-A INPUT -s gate.example.org -j ACCEPT');
    expect(rulesOf(reading)).toEqual(['?{source is gate.example.org} -> accept']);
    expect([reading.understood, codesOf(reading)]).toEqual([1, ['FW1110']]);
  });
});

/* Each of these is refused by iptables-restore 1.8.9, legacy and nft. */
describe('lines the tool refuses', () => {
  test.each([
    '-A INPUT --dport 22 -j ACCEPT',
    '-A INPUT -m tcp --dport 22 -j ACCEPT',
    '-A INPUT -p tcp --dport 70000 -j ACCEPT',
    '-A INPUT -p tcp --dport 20:10 -j ACCEPT',
    '-A INPUT -p tcp --dport 22,80 -j ACCEPT',
    '-A INPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 -j ACCEPT',
    '-A INPUT -s 10.0.0.0/33 -j ACCEPT',
    '-A INPUT -s 300.0.0.1 -j ACCEPT',
    '-A INPUT ! -s 10.0.0.1,10.0.0.2 -j ACCEPT',
    '-A INPUT -p nosuchprotocol -j ACCEPT',
    '-A INPUT -o eth0 -j ACCEPT',
    '-A OUTPUT -i eth0 -j ACCEPT',
    '-A INPUT -i averyveryverylonginterface -j ACCEPT',
    '-A INPUT -p tcp --tcp-flags SYN,FOO SYN -j ACCEPT',
    '-A INPUT -p icmp --icmp-type nosuchtype -j ACCEPT',
    '-A INPUT -m state --state MAYBE -j ACCEPT',
    '-A INPUT -j DNAT --to-destination 1.2.3.4',
    '-A INPUT -p udp -j REJECT --reject-with tcp-reset',
    '-A INPUT -j DROP -j ACCEPT',
  ])('%s', (line) => {
    const reading = readRules(line);
    expect(codesOf(reading)).toContain('FW1101');
    expect([reading.rules, reading.understood]).toEqual([1, 0]);
    const [diagnostic] = reading.diagnostics;
    expect(diagnostic?.span?.start).toBeGreaterThan(0);
  });
});

describe('two inverted ports', () => {
  const read = (header: string, options: string) =>
    readText(
      `${header}\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n-A INPUT ${options} -j ACCEPT\nCOMMIT\n`,
    );
  const both = '-p tcp -m tcp ! --sport 20 ! --dport 22';

  test.each(['8', '9', '10'])('iptables-nft 1.8.%s refuses packets with both only', (release) => {
    const reading = read(`# Generated by iptables-nft-save v1.8.${release} (nf_tables) on Mon`, both);
    expect(rulesOf(reading)).toEqual(['(protocol=6 & !(sourcePort=20 & destinationPort=22)) -> accept']);
    expect(reading.diagnostics).toMatchObject([{ code: 'FW1117', severity: 'warning' }]);
  });

  test.each([
    ['# Generated by iptables-save v1.8.9 on Mon', []],
    ['# Generated by iptables-save v1.8.11 (nf_tables) on Mon', []],
    ['# Generated by iptables-save v1.8.7 (nf_tables) on Mon', []],
    ['# something else', ['FW1117']],
  ])('%s: as written', (header, codes) => {
    const reading = read(header, both);
    expect(rulesOf(reading)).toEqual(['(protocol=6 & !sourcePort=20 & !destinationPort=22) -> accept']);
    expect(codesOf(reading)).toEqual(codes);
  });

  test.each([
    '-p tcp -m tcp ! --sport 20:21 ! --dport 22',
    '-p tcp -m tcp ! --sport 20 --dport 22',
    '-p tcp -m tcp ! --sport 0 ! --dport 22',
    '-p sctp -m sctp ! --sport 20 ! --dport 22',
  ])('%s is never combined', (options) => {
    expect(codesOf(read('# Generated by iptables-nft-save v1.8.9 (nf_tables) on Mon', options))).toEqual([]);
  });
});
