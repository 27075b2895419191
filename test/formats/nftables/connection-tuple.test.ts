import { describe, expect, it } from 'vitest';
import { ask, packetOf, textSource } from './probe.ts';

/** What becomes of packets that each line describes. */
async function verdicts(text: string, ...packets: readonly string[]): Promise<readonly string[]> {
  const { query } = await ask(textSource(text));
  return packets.map((packet) => query(packetOf(packet.split(' '))).verdict);
}

const last = (rule: string): string =>
  `chain last { type filter hook postrouting priority 150; policy drop; ${rule} accept; }`;

describe('both directions of a connection behind source NAT', () => {
  const snat = 'chain out { type nat hook postrouting priority 100; tcp dport 80 snat to 192.0.2.1:4000; }';
  const from = 'forward tcp 80 from 10.1.2.3 to 8.8.8.8';

  it.each([
    ['ct original ip saddr 10.1.2.3', 'allow'],
    ['ct original ip saddr 192.0.2.1', 'deny'],
    ['ct reply ip daddr 192.0.2.1', 'allow'],
    ['ct reply ip daddr 10.1.2.3', 'deny'],
    ['ip saddr 192.0.2.1', 'allow'],
    ['meta l4proto tcp ct original proto-src 40000', 'allow'],
    ['meta l4proto tcp ct reply proto-dst 4000', 'allow'],
    ['meta l4proto tcp ct reply proto-dst 40000', 'deny'],
    ['ct original ip saddr . ct reply ip daddr { 10.1.2.0/24 . 192.0.2.0/24 }', 'allow'],
  ])('%s', async (test, verdict) => {
    expect(await verdicts(`table ip t { ${snat} ${last(test)} }`, from)).toEqual([verdict]);
  });
});

describe('masquerade', () => {
  const masquerade = 'chain out { type nat hook postrouting priority 100; masquerade; }';
  const rules = (test: string): string => `table inet t { ${masquerade} ${last(test)} }`;

  it('gives the one address of the interface that the packet leaves by', async () => {
    const packet = 'forward tcp 80 from 10.1.2.3 in eth1 out-if eth0';
    expect(await verdicts(rules('ip saddr 203.0.113.10'), packet)).toEqual(['allow']);
    expect(await verdicts(rules('ct reply ip daddr 203.0.113.10'), packet)).toEqual(['allow']);
    expect(await verdicts(rules('ct original ip saddr 10.1.2.3'), packet)).toEqual(['allow']);
    expect(await verdicts(rules('ip saddr 10.1.2.3'), packet)).toEqual(['deny']);
  });

  it('of an interface whose address is not known, or that has several, may give any', async () => {
    expect(
      await verdicts(rules('ip saddr 203.0.113.10'), 'forward tcp 80 from 10.1.2.3 in eth0 out-if eth1'),
    ).toEqual(['conditional']);
    expect(
      await verdicts(rules('ip6 saddr 2001:db8::1'), 'forward tcp 80 from 2001:db8:1::9 in eth1 out-if eth0'),
    ).toEqual(['conditional']);
  });
});

describe('the "ports" of connections without any', () => {
  it('are the id, type and code of ICMP, which no address of the port tells', async () => {
    const rules = (test: string): string =>
      `table ip t { chain in { type filter hook input priority 0; policy drop; ${test} accept; }; }`;
    expect(
      await verdicts(rules('meta l4proto { tcp, icmp } ct original proto-dst 8'), 'icmp 8', 'tcp 8', 'tcp 9'),
    ).toEqual(['conditional', 'allow', 'deny']);
    expect(await verdicts(rules('icmp id 8'), 'icmp 8')).toEqual(['conditional']);
  });
});

describe('a related packet', () => {
  it('meets nat chains unless it is an ICMP error, which is translated as its connection is', async () => {
    const rules =
      'table ip t { chain used { ct state new counter; }; chain pre { type nat hook prerouting priority -100; policy drop; }; }';
    expect(await verdicts(rules, 'icmp 3 state related', 'tcp 20 state related', 'tcp 20')).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
  });
});
