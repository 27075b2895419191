import { describe, expect, it } from 'vitest';
import { reservedWords } from '../../../grammars/nftables/reserved-words.ts';
import { read } from './probe.ts';

const messages = (text: string): readonly string[] =>
  read(text)
    .diagnostics.filter(({ code }) => code === 'FW1201')
    .map(({ message }) => message);

describe('issue: a keyword of nft is no name, and a file with one is not loaded', () => {
  it.each(['fwd', 'log', 'limit', 'drop', 'all', 'policy', 'queue', 'synproxy'])('%s', (word) => {
    expect(reservedWords.has(word)).toBe(true);
    const named = (what: string): string =>
      `read "${word}", a keyword of nft, expected the name of a ${what}`;
    expect(messages(`table inet t { chain ${word} { } }`)).toEqual([named('chain')]);
    expect(messages(`table inet t { set ${word} { type ipv4_addr; } }`)).toEqual([named('set')]);
    expect(messages(`table inet t { map ${word} { type ipv4_addr : verdict; } }`)).toEqual([named('map')]);
    expect(messages(`table inet t { counter ${word} { } }`)).toEqual([named('counter')]);
    expect(messages(`add table inet ${word}`)).toEqual([named('table')]);
    expect(messages(`add table inet t\nadd chain inet t ${word}`)).toEqual([named('chain')]);
  });

  it.each(['input', 'deny', 'allow', 'trusted', 'rate', 'tables', 'blocklist', 'vxlan', 'LOG'])(
    '%s is a name',
    (word) => {
      expect(messages(`table inet ${word} { chain ${word} { } set ${word} { type ipv4_addr; } }`)).toEqual(
        [],
      );
    },
  );

  it('what other programs call their chains nft lists as it is', () => {
    const listing = `table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
		tcp dport 22 counter packets 0 bytes 0 jump log
	}
	chain log {
		counter packets 0 bytes 0 accept
	}
}
`;
    expect(messages(listing)).toEqual([]);
    expect(messages(listing.replace('filter {', 'mine {'))).toHaveLength(1);
    const json = JSON.stringify({
      nftables: [
        { metainfo: { version: '1.0.6' } },
        { table: { family: 'inet', name: 't' } },
        { chain: { family: 'inet', table: 't', name: 'log' } },
      ],
    });
    expect(messages(json)).toEqual([]);
  });
});

describe('issue: keys of a type that the set does not hold', () => {
  const text = (rule: string): string => `table ip t {
	set s { type ipv4_addr; size 10; flags dynamic; }
	set p { type inet_service; size 10; flags dynamic; }
	set c { type ipv4_addr . inet_service; size 10; flags dynamic; }
	set o { typeof ip saddr; size 10; flags dynamic; }
	map m { type ipv4_addr : inet_service; size 10; flags dynamic; }
	chain pre { type filter hook prerouting priority mangle; ${rule}; }
}
`;

  it.each([
    'add @s { tcp dport }',
    'update @p { ip saddr }',
    'add @c { ip saddr }',
    'add @s { ip saddr . tcp dport }',
    'add @c { tcp dport . ip saddr }',
    'delete @s { tcp dport }',
    'add @m { tcp dport : tcp dport }',
    'add @o { tcp dport }',
  ])('%s', (rule) => {
    expect(messages(text(rule))).toEqual([expect.stringContaining('is added to it')]);
  });

  it.each([
    'add @s { ip saddr }',
    'add @s { 192.0.2.1 }',
    'update @p { tcp dport limit rate 5/second }',
    'add @p { th dport }',
    'add @c { ip saddr . tcp dport }',
    'add @m { ip saddr : tcp dport }',
    'add @o { ip daddr }',
  ])('%s is taken', (rule) => {
    expect(messages(text(rule))).toEqual([]);
  });

  it.each([
    ['tproxy to :5000', 1],
    ['tproxy to 127.0.0.1:5000', 1],
    ['ip saddr 192.0.2.1 tproxy to 127.0.0.1', 1],
    ['th dport 53 tproxy to :5000', 1],
    ['tcp dport 80 tproxy to :5000', 0],
    ['meta l4proto { tcp, udp } tproxy to :5000', 0],
    ['ip protocol tcp tproxy to 127.0.0.1:5000', 0],
  ] as const)('a transparent proxy is for TCP or UDP: %s', (rule, refused) => {
    expect(messages(text(rule))).toHaveLength(refused);
  });
});
