import { describe, expect, it } from 'vitest';
import { ask, packetOf, read, textSource } from './probe.ts';

async function verdicts(family: string, rule: string, packets: readonly string[]): Promise<string[]> {
  const text = `table ${family} t {
  chain c {
    type filter hook input priority 0; policy drop;
    ${rule} accept
  }
}
`;
  const { query } = await ask(textSource(text));
  return packets.map((packet) => query(packetOf(packet.split(' '))).verdict);
}

/** What `nft --debug=netlink` shows that nft adds to a rule, and what it leaves out. */
describe('ICMP headers add a test of the family only where neither family nor protocol is known', () => {
  const packet = packetOf('58 7 from 192.0.2.9'.split(' '));
  it.each([
    ['inet', 'icmpv6 code 0', 'deny'],
    ['inet', 'meta l4proto ipv6-icmp icmpv6 code 0', 'allow'],
    ['inet', 'ip saddr 192.0.2.0/24 icmpv6 code 0', 'allow'],
    ['ip', 'icmpv6 code 0', 'allow'],
  ])('in %s: %s', async (family, rule, verdict) => {
    const { query } = await ask(
      textSource(
        `table ${family} t { chain c { type filter hook input priority 0; policy drop; ${rule} accept; }; }`,
      ),
    );
    expect(query({ ...packet, icmpType: 128, icmpCode: 0 }).verdict).toBe(verdict);
  });
});

it('ether type is asked of Ethernet devices only', async () => {
  expect(await verdicts('inet', 'ether type ip', ['tcp 22', 'tcp 22 from 2001:db8::9'])).toEqual([
    'conditional',
    'deny',
  ]);
});

it('numgen and hashes of one number are that number', async () => {
  expect(await verdicts('inet', 'numgen inc mod 1 0', ['tcp 22'])).toEqual(['allow']);
  expect(await verdicts('inet', 'numgen random mod 1 1', ['tcp 22'])).toEqual(['deny']);
  expect(await verdicts('inet', 'jhash ip saddr mod 1 offset 7 7', ['tcp 22'])).toEqual(['allow']);
  expect(await verdicts('inet', 'numgen inc mod 2 0', ['tcp 22'])).toEqual(['conditional']);
});

describe('names of more than a word are read', () => {
  it.each([
    ['inet', 'ct event set new,related,destroy'],
    ['inet', 'srh sid[1] dead::beef'],
    ['inet', 'rt0 addr[0] dead::beef'],
    ['arp', 'arp saddr ip 192.0.2.1 arp daddr ether fe:ed:00:c0:ff:ee'],
  ])('in %s: %s', (family, rule) => {
    const reading = read(`table ${family} t {\n  chain c {\n    ${rule}\n  }\n}\n`);
    expect(reading.diagnostics.filter(({ code }) => code !== 'FW1204')).toEqual([]);
    expect(reading.understood).toBe(reading.rules);
  });
});
