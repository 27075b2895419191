import { describe, expect, it } from 'vitest';
import { createQuery } from '../../../src/query.ts';
import { ask, packetOf, read, textSource } from './probe.ts';

/** What `nft list ruleset` 1.0.6 prints of rules of iptables-nft 1.8.9, with the match it stands for. */
const lossy: readonly (readonly [string, string])[] = [
  [
    'multiport ! --ports 22,80',
    'meta l4proto tcp tcp sport . tcp dport { 0-65535 . 22, 22 . 0-65535, 0-65535 . 80, 80 . 0-65535 }',
  ],
  ['conntrack ! --ctstate DNAT', 'ct status dnat'],
  ['icmp ! --icmp-type any', 'meta l4proto icmp ip protocol icmp'],
];

async function verdictOf(table: string, chain: string, rule: string, packet: string): Promise<string> {
  const text = `table ip ${table} {
	chain ${chain} {
		type filter hook input priority filter; policy drop;
		${rule} accept
	}
}
`;
  const { query } = await ask(textSource(text, 'ruleset.nft'));
  return query(packetOf(packet.split(' '))).verdict;
}

describe('what nft prints alike for different matches of iptables-nft is not known', () => {
  it.each(lossy)('%s', async (_, rule) => {
    const packet = rule.includes('icmp') ? '1 7' : 'tcp 23';
    expect(await verdictOf('filter', 'INPUT', `${rule} counter packets 0 bytes 0`, packet)).toBe(
      'conditional',
    );
    // Tables of other names are no one's but nft's, and iptables-nft counts with every rule.
    expect(await verdictOf('mine', 'INPUT', `${rule} counter packets 0 bytes 0`, packet)).not.toBe(
      'conditional',
    );
    expect(await verdictOf('filter', 'input', `${rule} counter packets 0 bytes 0`, packet)).not.toBe(
      'conditional',
    );
    expect(await verdictOf('filter', 'INPUT', rule, packet)).not.toBe('conditional');
  });

  it('addrtype of IPv6, to which local addresses are unicast ones, too', async () => {
    const text = (table: string): string =>
      `table ip6 ${table} {
	chain INPUT {
		type filter hook input priority filter; policy drop;
		fib daddr type unicast counter packets 0 bytes 0 accept
	}
}
`;
    const verdicts = ['filter', 'mine'].map(async (table) => {
      const { query } = await ask(textSource(text(table), 'ruleset.nft'));
      return query(packetOf(['tcp', '22', 'from', '2001:db8::9'])).verdict;
    });
    expect(await Promise.all(verdicts)).toEqual(['conditional', 'deny']);
  });

  it('what it prints faithfully is', async () => {
    const counter = 'counter packets 0 bytes 0';
    expect(await verdictOf('filter', 'INPUT', `ip protocol icmp ${counter}`, '1 7')).toBe('allow');
    expect(await verdictOf('filter', 'INPUT', `meta l4proto tcp tcp dport 22 ${counter}`, 'tcp 22')).toBe(
      'allow',
    );
    expect(await verdictOf('filter', 'INPUT', `ct state ! established ${counter}`, 'tcp 22')).toBe('allow');
  });
});

describe('targets of iptables-nft, of which JSON has the names alone', () => {
  const xt = (type: string, name: string): object => ({ xt: { type, name } });
  const chain = (table: string, name: string, hook: string, prio: number, policy = 'accept'): object => ({
    chain: { family: 'ip', table, name, type: table === 'nat' ? 'nat' : 'filter', hook, prio, policy },
  });
  const rule = (table: string, chainName: string, ...expr: readonly object[]): object => ({
    rule: { family: 'ip', table, chain: chainName, expr },
  });
  const port = (right: number): object => ({
    match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right },
  });
  const accept = { accept: null };
  const host = (...prerouting: readonly object[]): string =>
    JSON.stringify({
      nftables: [
        { metainfo: { version: '1.0.6' } },
        ...['raw', 'nat', 'mangle', 'filter'].map((name) => ({ table: { family: 'ip', name } })),
        chain('raw', 'PREROUTING', 'prerouting', -300),
        chain('mangle', 'PREROUTING', 'prerouting', -150),
        chain('nat', 'PREROUTING', 'prerouting', -100),
        chain('filter', 'INPUT', 'input', 0, 'drop'),
        chain('filter', 'FORWARD', 'forward', 0, 'drop'),
        ...prerouting,
        rule('filter', 'INPUT', port(22), accept),
        rule('filter', 'FORWARD', port(80), accept),
      ],
    });
  const verdict = async (
    text: string,
    direction: 'in' | 'forward',
    destinationPort: number,
  ): Promise<string> => {
    const { query } = await ask(textSource(text, 'rules.json'));
    const packet = { direction, protocol: 'tcp' as const, source: '198.51.100.7', destination: '192.0.2.1' };
    return query({ ...packet, destinationPort, inInterface: 'eth0', outInterface: 'docker0' }).verdict;
  };

  it('a port that DNAT publishes may be open', async () => {
    const text = host(rule('nat', 'PREROUTING', port(8080), xt('target', 'DNAT')));
    expect(await verdict(text, 'forward', 8080)).toBe('conditional');
    expect(await verdict(text, 'forward', 8081)).toBe('deny');
    expect(await verdict(text, 'forward', 80)).toBe('allow');
  });

  it('and so may one that NETMAP or REDIRECT leads elsewhere', async () => {
    const redirect = host(rule('nat', 'PREROUTING', port(8080), xt('target', 'REDIRECT')));
    expect(await verdict(redirect, 'in', 8080)).toBe('conditional');
    expect(await verdict(redirect, 'in', 8081)).toBe('deny');
    const destination = { payload: { protocol: 'ip', field: 'daddr' } };
    const netmap = host(
      rule('nat', 'PREROUTING', port(8080), xt('target', 'NETMAP')),
      rule('filter', 'INPUT', { match: { op: '==', left: destination, right: '203.0.113.10' } }, accept),
    );
    expect(await verdict(netmap, 'in', 8080)).toBe('conditional');
    expect(await verdict(netmap, 'in', 8081)).toBe('deny');
  });

  it('a mark may be any', async () => {
    const mark = { meta: { key: 'mark' } };
    const text = host(
      rule('mangle', 'PREROUTING', { mangle: { key: mark, value: 1 } }),
      rule('mangle', 'PREROUTING', port(8080), xt('target', 'HMARK')),
      rule('filter', 'INPUT', { match: { op: '==', left: mark, right: 5 } }, accept),
    );
    expect(await verdict(text, 'in', 8080)).toBe('conditional');
    expect(await verdict(text, 'in', 8081)).toBe('deny');
  });

  it('LOG goes on, REJECT ends', async () => {
    const text = host(
      rule('filter', 'INPUT', xt('target', 'LOG')),
      rule('filter', 'INPUT', port(22), xt('target', 'REJECT')),
    );
    expect(await verdict(text, 'in', 22)).toBe('deny');
    const { query } = await ask(textSource(host(rule('filter', 'INPUT', xt('target', 'LOG'))), 'rules.json'));
    expect(query(packetOf(['tcp', '22'])).verdict).toBe('allow');
  });

  it('a comment holds for all packets, and what the name tells is understood', () => {
    const readIn = (...expr: readonly object[]): ReturnType<typeof read> =>
      read(host(rule('filter', 'INPUT', ...expr)));
    for (const target of ['LOG', 'NFLOG', 'REJECT', 'TCPMSS']) {
      const { diagnostics, rules, understood } = readIn(xt('match', 'comment'), xt('target', target));
      expect([target, diagnostics, rules - understood]).toEqual([target, [], 0]);
    }
    for (const target of ['DNAT', 'MARK', 'CONNMARK', 'NFQUEUE', 'SET']) {
      const { diagnostics, rules, understood } = readIn(xt('target', target));
      expect([target, diagnostics.map(({ code }) => code), rules - understood]).toEqual([
        target,
        ['FW1207'],
        1,
      ]);
    }
  });

  it('a commented rule is as certain as one without a comment', async () => {
    const text = `table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
		tcp dport 22 xt match "comment" counter packets 0 bytes 0 accept
		xt match "comment" xt target "LOG"
		tcp dport 80 accept
	}
}
`;
    const { query } = await ask(textSource(text, 'ruleset.nft'));
    const verdicts = [22, 80, 23].map((each) => query(packetOf(['tcp', String(each)])).verdict);
    expect(verdicts).toEqual(['allow', 'allow', 'deny']);
  });

  it('what NETMAP or DNAT leads to an unknown address may go through the host', async () => {
    for (const target of ['NETMAP', 'DNAT']) {
      const text = host(
        rule('nat', 'PREROUTING', port(22), xt('target', target)),
        rule('filter', 'INPUT', accept),
        rule('filter', 'FORWARD', accept),
      );
      // No address of the host is known.
      const { query } = await createQuery([textSource(text, 'rules.json')], {});
      const verdicts = (['in', 'forward'] as const).map(
        (direction) =>
          query({ direction, protocol: 'tcp', source: '198.51.100.7', destinationPort: 22 }).verdict,
      );
      expect([target, verdicts]).toEqual([target, ['conditional', 'conditional']]);
      expect([target, await verdict(text, 'in', 22)]).toEqual([target, 'conditional']);
    }
  });
});
