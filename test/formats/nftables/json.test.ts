import { describe, expect, it } from 'vitest';
import type { Firewall } from '../../../src/model/firewall.ts';
import { ask, inputOf, packetOf, read, textSource } from './probe.ts';

/** A firewall without what depends on where it was written. */
function bare(firewall: Firewall): unknown {
  const hidden = new Set(['id', 'span', 'label', 'comment', 'fallthroughSpan', 'dialect']);
  const chains = [...firewall.chains].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.parse(
    JSON.stringify({ ...firewall, chains, sets: [...firewall.sets] }, (key, value: unknown) =>
      hidden.has(key) ? undefined : typeof value === 'bigint' ? value.toString(16) : value,
    ),
  );
}

const listing = (rules: string): string => `table inet t {
  set s { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 22, 10.1.0.0-10.1.0.9 . 80-90 } }
  map m { type inet_service : verdict; elements = { 22 : accept, 23 : jump c } }
  chain c { ${rules}; }
}
`;

const json = (...rules: readonly object[][]): string =>
  JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.6', json_schema_version: 1 } },
      { table: { family: 'inet', name: 't', handle: 1 } },
      {
        set: {
          family: 'inet',
          name: 's',
          table: 't',
          type: ['ipv4_addr', 'inet_service'],
          flags: ['interval'],
          elem: [
            { concat: [{ prefix: { addr: '10.0.0.0', len: 8 } }, 22] },
            { concat: [{ range: ['10.1.0.0', '10.1.0.9'] }, { range: [80, 90] }] },
          ],
        },
      },
      {
        map: {
          family: 'inet',
          name: 'm',
          table: 't',
          type: 'inet_service',
          map: 'verdict',
          elem: [
            [22, { accept: null }],
            [{ elem: { val: 23, comment: 'x' } }, { jump: { target: 'c' } }],
          ],
        },
      },
      { chain: { family: 'inet', table: 't', name: 'c', handle: 1 } },
      ...rules.map((expr, i) => ({ rule: { family: 'inet', table: 't', chain: 'c', handle: i + 5, expr } })),
    ],
  });

const payload = (protocol: string, field: string): object => ({ payload: { protocol, field } });
const match = (left: object, right: unknown, op = '=='): object => ({ match: { op, left, right } });
const accept = { accept: null };

describe('JSON says the same as text', () => {
  it.each<[string, object[]]>([
    [
      'tcp dport { 22, 80-90 } accept',
      [match(payload('tcp', 'dport'), { set: [22, { range: [80, 90] }] }), accept],
    ],
    [
      'ip saddr != 10.0.0.0/8 drop',
      [match(payload('ip', 'saddr'), { prefix: { addr: '10.0.0.0', len: 8 } }, '!='), { drop: null }],
    ],
    [
      'ct state established,related accept',
      [match({ ct: { key: 'state' } }, ['established', 'related'], 'in'), accept],
    ],
    [
      'ct state != established,related accept',
      [match({ ct: { key: 'state' } }, { '|': ['established', 'related'] }, '!='), accept],
    ],
    [
      'tcp flags & (syn | ack) == syn accept',
      [match({ '&': [payload('tcp', 'flags'), { '|': ['syn', 'ack'] }] }, 'syn'), accept],
    ],
    ['iifname "eth*" accept', [match({ meta: { key: 'iifname' } }, 'eth*'), accept]],
    [
      'ip saddr . tcp dport @s accept',
      [match({ concat: [payload('ip', 'saddr'), payload('tcp', 'dport')] }, '@s'), accept],
    ],
    ['tcp dport vmap @m', [{ vmap: { key: payload('tcp', 'dport'), data: '@m' } }]],
    ['meta mark set 0x10', [{ mangle: { key: { meta: { key: 'mark' } }, value: 16 } }]],
    [
      'limit rate over 10/minute burst 20 packets drop',
      [{ limit: { rate: 10, burst: 20, per: 'minute', inv: true } }, { drop: null }],
    ],
    [
      'ct count over 3 reject with tcp reset',
      [{ 'ct count': { val: 3, inv: true } }, { reject: { type: 'tcp reset' } }],
    ],
    [
      'fib saddr . iif oif missing drop',
      [match({ fib: { result: 'oif', flags: ['saddr', 'iif'] } }, false), { drop: null }],
    ],
    ['dnat ip to 10.0.0.1:80', [{ dnat: { family: 'ip', addr: '10.0.0.1', port: 80 } }]],
    ['redirect to :8080', [{ redirect: { port: 8080 } }]],
    ['@th,16,16 22 accept', [match({ payload: { base: 'th', offset: 16, len: 16 } }, 22), accept]],
    ['ether saddr 00:11:22:33:44:55 accept', [match(payload('ether', 'saddr'), '00:11:22:33:44:55'), accept]],
    [
      'log prefix "x" counter accept',
      [{ log: { prefix: 'x' } }, { counter: { packets: 1, bytes: 2 } }, accept],
    ],
    [
      'add @s { ip saddr . tcp dport limit rate 5/second } accept',
      [
        {
          set: {
            op: 'add',
            elem: { concat: [payload('ip', 'saddr'), payload('tcp', 'dport')] },
            set: '@s',
            stmt: [{ limit: { rate: 5, burst: 5, per: 'second' } }],
          },
        },
        accept,
      ],
    ],
    ['xt match "recent" accept', [{ xt: { type: 'match', name: 'recent' } }, accept]],
  ])('%s', (text, expr) => {
    const fromText = read(listing(text));
    const fromJson = read(json(expr));
    expect(bare(fromJson.firewall)).toEqual(bare(fromText.firewall));
    expect(fromJson.understood).toBe(fromText.understood);
  });

  it('makes of a whole listing what the text makes', () => {
    const [text, listed] = ['vmap-dispatch', 'json-listing'].map((name) => read(inputOf(name).text));
    const chains = (reading: typeof text): unknown => (bare(reading!.firewall) as { chains: unknown }).chains;
    expect(chains(listed)).toEqual(chains(text));
    expect(listed!.understood).toBe(listed!.rules);
  });

  it('points at the command and shows the rule as nft would print it', () => {
    const input = inputOf('json-listing').text;
    const { firewall } = read(input);
    const rule = firewall.chains.get('nft/inet/filter/admin')!.rules[0]!;
    expect(input.slice(rule.span.start, rule.span.end)).toMatch(/^\{[^]*"rule"[^]*\}$/);
    expect(rule.label).toBe('ip saddr 192.0.2.0/24 accept');
  });

  it('replays commands', () => {
    const command = (operation: string, rule: object): object => ({
      [operation]: { rule: { family: 'inet', table: 't', chain: 'c', ...rule } },
    });
    const text = JSON.stringify({
      nftables: [
        { flush: { ruleset: null } },
        { add: { table: { family: 'inet', name: 't' } } },
        { add: { chain: { family: 'inet', table: 't', name: 'c' } } },
        command('add', { expr: [accept] }),
        command('insert', { expr: [{ drop: null }] }),
      ],
    });
    const { rules } = read(text).firewall.chains.get('nft/inet/t/c')!;
    expect(rules.map(({ action }) => action.kind)).toEqual(['drop', 'accept']);
  });

  it('keeps a statement that it does not know', () => {
    const reading = read(json([{ frobnicate: 1 }, accept]));
    expect(reading.understood).toBe(0);
    expect(reading.firewall.chains.get('nft/inet/t/c')!.rules[0]!.action.kind).toBe('unknown');
    expect(reading.diagnostics.map(({ code }) => code)).toContain('FW1004');
  });
});

describe('what nft 1.0.6 does not write into its JSON is not known', () => {
  const rules = (...objects: readonly object[]): string =>
    JSON.stringify({ nftables: [{ metainfo: { version: '1.0.6' } }, ...objects] });
  const drop = (family: string, chain: object): readonly object[] => [
    { chain: { family, table: 't', name: 'c', ...chain, prio: 0, policy: 'accept' } },
    { rule: { family, table: 't', chain: 'c', expr: [{ drop: null }] } },
  ];
  const verdictOf = async (text: string): Promise<string> => {
    const { query } = await ask(textSource(text, 'rules.json'));
    return query(packetOf(['tcp', '22'])).verdict;
  };
  const ingress = { type: 'filter', hook: 'ingress' };
  const input = { type: 'filter', hook: 'input' };

  it('the device of a chain', async () => {
    const table = { table: { family: 'netdev', name: 't' } };
    expect(await verdictOf(rules(table, ...drop('netdev', ingress)))).toBe('conditional');
    expect(await verdictOf(rules(table, ...drop('netdev', { ...ingress, dev: 'eth0' })))).toBe('deny');
    expect(await verdictOf(rules(table, ...drop('netdev', { ...ingress, dev: ['eth1'] })))).toBe('allow');
  });

  it('whether a table is dormant', async () => {
    const table = (flags?: string): object => ({
      table: { family: 'inet', name: 't', ...(flags === undefined ? {} : { flags }) },
    });
    expect(await verdictOf(rules(table(), ...drop('inet', input)))).toBe('deny');
    expect(await verdictOf(rules(table('dormant'), ...drop('inet', input)))).toBe('allow');
    expect(await verdictOf(rules(table('owner'), ...drop('inet', input)))).toBe('deny');
    expect(await verdictOf(rules(table('ipv6_addr'), ...drop('inet', input)))).toBe('conditional');
  });
});

it('an ethertype whose bytes nft -j -nn has swapped is not known for sure', async () => {
  const text = (right: number): string =>
    json([{ match: { op: '==', left: { meta: { key: 'protocol' } }, right } }, accept]).replace(
      '"name":"c"',
      '"name":"c","type":"filter","hook":"input","prio":0,"policy":"drop"',
    );
  const verdicts = async (right: number): Promise<string[]> => {
    const { query } = await ask(textSource(text(right), 'rules.json'));
    return ['tcp 22', 'tcp 22 from 2001:db8::9'].map((packet) => query(packetOf(packet.split(' '))).verdict);
  };
  expect(await verdicts(2048)).toEqual(['allow', 'deny']);
  expect(await verdicts(8)).toEqual(['conditional', 'deny']);
  expect(await verdicts(56710)).toEqual(['deny', 'conditional']);
});

it('a value of the type that nft calls invalid is a value', async () => {
  const base = 'type filter hook input priority 0; policy drop';
  const set = '{ 0x16 [invalid type], 0x50 [invalid type] }';
  const text = `table inet t { chain c { ${base}; meta l4proto tcp ct original proto-dst ${set} accept; }; }`;
  const left = { ct: { key: 'proto-dst', dir: 'original' } };
  const right = { set: ['0x16 [invalid type]', '0x50 [invalid type]'] };
  const tcp = { match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'tcp' } };
  const printed = json([tcp, { match: { op: '==', left, right } }, accept]).replace(
    '"name":"c"',
    '"name":"c","type":"filter","hook":"input","prio":0,"policy":"drop"',
  );
  for (const source of [textSource(text), textSource(printed, 'rules.json')]) {
    const { query } = await ask(source);
    const verdicts = ['22', '80', '23'].map((port) => query(packetOf(['tcp', port])).verdict);
    expect(verdicts).toEqual(['allow', 'allow', 'deny']);
  }
});
