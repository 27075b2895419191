/** The lab itself, against verdicts that follow from the documentation alone. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from './lab.ts';
import type { RulesetKind } from './lab.ts';
import type { ProbePacket } from './probe-packet.ts';
import { stateOf } from './probe-packet.ts';
import { labMissing } from './require-lab.ts';
import { incoming } from './topology.ts';

const syn: ProbePacket = {
  family: 'ipv4',
  protocol: 6,
  source: '198.51.100.9',
  destination: '10.0.0.1',
  sourcePort: 40000,
  destinationPort: 22,
  icmpType: 8,
  icmpCode: 0,
  tcpFlags: ['syn'],
  inInterface: 'eth0',
};
const syn6: ProbePacket = { ...syn, family: 'ipv6', source: '2001:db8::9', destination: 'fd00:0:0:1::1' };

describe.skipIf(labMissing() !== undefined)('the kernel lab', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.open();
  });
  afterEach(() => lab.reset());
  afterAll(() => {
    lab.close();
  });

  const verdicts = async (packets: readonly ProbePacket[]): Promise<readonly string[]> =>
    (await lab.probe(packets)).map(({ verdict }) => verdict);
  const load = async (kind: RulesetKind, text: string): Promise<void> => {
    expect(await lab.load(kind, text)).toMatchObject({ code: 0 });
  };

  it('lets everything in, or through, without a ruleset', async () => {
    const protocols = [2, 6, 17, 33, 47, 50, 89, 103, 132, 136, 253];
    const local = protocols.flatMap((protocol) => [
      { ...syn, protocol },
      { ...syn6, protocol },
    ]);
    expect(new Set(await verdicts(local))).toEqual(new Set(['in']));
    const through = protocols.flatMap((protocol) => [
      { ...syn, protocol, destination: '8.8.8.8' },
      { ...syn6, protocol, destination: '2606:4700::1111' },
    ]);
    expect(new Set(await verdicts(through))).toEqual(new Set(['forward']));
  });

  for (const variant of ['legacy', 'nft'] as const) {
    it(`reads verdicts of iptables-${variant}: ports, interfaces, policy`, async () => {
      await load(
        `iptables-${variant}`,
        '*filter\n:INPUT DROP\n:FORWARD DROP\n-A INPUT -p tcp --dport 22:23 -j ACCEPT\n-A INPUT -i wg0 -j ACCEPT\n-A FORWARD -o br-lan -j ACCEPT\nCOMMIT\n',
      );
      expect(
        await verdicts([
          ...[21, 22, 23, 24].map((destinationPort) => ({ ...syn, destinationPort })),
          { ...syn, protocol: 17 },
          { ...syn, protocol: 17, inInterface: 'wg0' },
          { ...syn, destination: '192.168.50.9' },
          { ...syn, destination: '172.18.0.2' },
          // A ruleset of one family says nothing about the other.
          syn6,
        ]),
      ).toEqual(['none', 'in', 'in', 'none', 'none', 'in', 'forward', 'none', 'in']);
    });

    it(`takes translated packets where ip6tables-${variant} and iptables-${variant} send them`, async () => {
      const rules = (target: string): string =>
        `*nat\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080\n-A PREROUTING -p tcp --dport 81 -j DNAT --to-destination ${target}\nCOMMIT\n` +
        '*filter\n:INPUT DROP\n:FORWARD DROP\n-A INPUT -p tcp --dport 8080 -j ACCEPT\n-A FORWARD -p tcp --dport 5 -j ACCEPT\nCOMMIT\n';
      await load(`iptables-${variant}`, rules('172.18.0.2:5'));
      await load(`ip6tables-${variant}`, rules('[fd00:18::2]:5'));
      const packets = [80, 81, 8080, 5, 22].flatMap((destinationPort) => [
        { ...syn, destinationPort },
        { ...syn6, destinationPort },
      ]);
      expect(await verdicts(packets)).toEqual([
        'in',
        'in',
        'forward',
        'forward',
        'in',
        'in',
        'none',
        'none',
        'none',
        'none',
      ]);
      expect((await lab.probe([{ ...syn, destinationPort: 81 }]))[0]).toEqual({
        verdict: 'forward',
        routedTo: 'forward',
        outInterface: 'docker0',
      });
    });
  }

  it('knows the state that conntrack gives to a packet of no flow', async () => {
    const states = ['NEW', 'INVALID', 'UNTRACKED'] as const;
    const packets: ProbePacket[] = [];
    for (const base of [syn, syn6]) {
      for (const tcpFlags of [
        ['syn'],
        ['ack'],
        ['syn', 'ack'],
        ['rst'],
        ['fin'],
        ['fin', 'ack'],
        [],
        ['fin', 'psh', 'urg'],
        ['psh', 'ack'],
      ] as const)
        packets.push({ ...base, tcpFlags });
      for (const protocol of [2, 17, 33, 47, 50, 89, 103, 132, 136, 253]) packets.push({ ...base, protocol });
      for (let icmpType = 0; icmpType < 256; icmpType++)
        packets.push({ ...base, protocol: base.family === 'ipv4' ? 1 : 58, icmpType });
    }
    for (const state of states) {
      for (const tool of ['iptables-nft', 'ip6tables-nft'] as const)
        await load(
          tool,
          `*filter\n:INPUT DROP\n-A INPUT -m conntrack --ctstate ${state} -j ACCEPT\nCOMMIT\n`,
        );
      const accepted = packets.filter((packet) => stateOf(packet) === state.toLowerCase());
      const found = await verdicts(packets);
      expect(packets.filter((_, i) => found[i] === 'in')).toEqual(accepted);
      await lab.reset();
    }
  });

  it('loses no frame and mixes up no ids in a large batch over all interfaces', async () => {
    await load(
      'nft',
      'table inet t {\n  chain c {\n    type filter hook input priority 0; policy drop;\n    tcp dport 1000-1999 iifname "eth1" accept\n  }\n}\n',
    );
    const packets = Array.from({ length: 30_000 }, (_, i) => ({
      ...syn,
      destinationPort: i % 3000,
      inInterface: incoming[i % incoming.length]!.name,
    }));
    const expected = packets.map(({ destinationPort, inInterface }) =>
      inInterface === 'eth1' && destinationPort >= 1000 && destinationPort < 2000 ? 'in' : 'none',
    );
    expect(await verdicts(packets)).toEqual(expected);
  });

  it('starts each case from nothing', async () => {
    await load('ipset', 'create s hash:ip\nadd s 198.51.100.9\ncreate l list:set\nadd l s\n');
    await load(
      'iptables-legacy',
      '*filter\n:INPUT DROP\n-A INPUT -m set --match-set l src -j ACCEPT\nCOMMIT\n',
    );
    expect(await verdicts([syn, { ...syn, source: '198.51.100.10' }])).toEqual(['in', 'none']);
    await lab.reset();
    await load('ipset', 'create s hash:ip\n');
    expect(await verdicts([syn, { ...syn, source: '198.51.100.10' }])).toEqual(['in', 'in']);
  });

  it('tells why a loader refuses a ruleset', async () => {
    const result = await lab.load(
      'iptables-nft',
      '*filter\n-A INPUT -p tcp --dport nonsense -j ACCEPT\nCOMMIT\n',
    );
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain('nonsense');
  });
});
