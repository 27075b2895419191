import { describe, expect, test } from 'vitest';
import { codesOf, readText, rulesOf } from './read-text.ts';

function table(name: string, ...lines: readonly string[]): string {
  const chains = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];
  const own = { raw: [0, 3], nat: [0, 1, 3, 4], mangle: [0, 1, 2, 3, 4], filter: [1, 2, 3] }[name] ?? [];
  return [`*${name}`, ...own.map((i) => `:${chains[i] ?? ''} ACCEPT [0:0]`), ...lines, 'COMMIT', ''].join(
    '\n',
  );
}

describe('targets', () => {
  test.each([
    ['nat', 'PREROUTING', '-p tcp -j REDIRECT', 'to-host destinationTranslated:=1 destination bound accept'],
    [
      'nat',
      'PREROUTING',
      '-p tcp -j REDIRECT --to-ports 8080',
      'to-host destinationPort:=8080 destinationTranslated:=1 destination bound accept',
    ],
    [
      'nat',
      'PREROUTING',
      '-j DNAT --to-destination 10.0.0.5',
      'destination:=10.0.0.5 destinationTranslated:=1 destination bound accept',
    ],
    [
      'nat',
      'PREROUTING',
      '-p tcp -j DNAT --to-destination 10.0.0.5-10.0.0.7:80-90',
      'destination:=10.0.0.5-10.0.0.7 destinationPort:=80-90 destinationTranslated:=1 destination bound accept',
    ],
    [
      'nat',
      'PREROUTING',
      '-d 1.2.3.0/24 -j NETMAP --to 10.2.3.0/24',
      'destination&0.0.0.255^10.2.3.0 destinationTranslated:=1 destination bound accept',
    ],
    [
      'nat',
      'POSTROUTING',
      '-s 10.2.3.0/24 -j NETMAP --to 1.2.3.0/24',
      'source&0.0.0.255^1.2.3.0 source bound accept',
    ],
    ['nat', 'POSTROUTING', '-j SNAT --to-source 1.2.3.4', 'source:=1.2.3.4 source bound accept'],
    ['nat', 'POSTROUTING', '-j MASQUERADE', 'from-host source bound accept'],
    ['mangle', 'PREROUTING', '-j MARK --set-mark 1', 'mark&0^1 continue'],
    ['mangle', 'PREROUTING', '-j MARK --set-xmark 0x1/0xff', 'mark&4294967040^1 continue'],
    ['mangle', 'PREROUTING', '-j MARK --or-mark 2', 'mark&4294967293^2 continue'],
    ['mangle', 'PREROUTING', '-j MARK --and-mark 2', 'mark&2^0 continue'],
    ['mangle', 'PREROUTING', '-j MARK --xor-mark 2', 'mark&4294967295^2 continue'],
    ['mangle', 'PREROUTING', '-j CONNMARK --restore-mark', 'mark:=? continue'],
    ['mangle', 'PREROUTING', '-j CONNMARK --save-mark', 'continue'],
    ['mangle', 'PREROUTING', '-p tcp -j TPROXY --on-port 3129', 'unknown accept/drop'],
    ['raw', 'PREROUTING', '-j CT --notrack', 'state:=4 continue'],
    ['raw', 'PREROUTING', '-j NOTRACK', 'state:=4 continue'],
    ['filter', 'INPUT', '-j NFQUEUE --queue-num 1', 'unknown accept/drop'],
    ['filter', 'INPUT', '-p tcp -j REJECT --reject-with tcp-reset', 'reject tcp-reset'],
    ['filter', 'INPUT', '-j LOG --log-prefix "x"', 'continue'],
    ['filter', 'INPUT', '-j RETURN', 'return'],
    ['filter', 'INPUT', '', 'continue'],
  ])('%s %s %s', (name, chain, rule, expected) => {
    const reading = readText(table(name, `-A ${chain} ${rule}`));
    expect(codesOf(reading)).toEqual([]);
    const rules = rulesOf(reading, `ipv4/${name}/${chain}`);
    expect(rules.at(-1)?.split(' -> ')[1]).toBe(expected);
  });

  test('a mapping leaves alone what lies in its range', () => {
    const reading = readText(table('nat', '-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.5:80-90'));
    expect(rulesOf(reading, 'ipv4/nat/PREROUTING')).toEqual([
      '(protocol=6 & destination=10.0.0.5 & destinationPort=80-90) -> destination bound accept',
      '(protocol=6 & destinationPort=80-90) -> destination:=10.0.0.5 destinationTranslated:=1 destination bound accept',
      'protocol=6 -> destination:=10.0.0.5 destinationPort:=80-90 destinationTranslated:=1 destination bound accept',
    ]);
    expect(reading.rules).toBe(1);
  });

  test('a shifted range keeps the distance', () => {
    const reading = readText(
      table('nat', '-A PREROUTING -p tcp --dport 1000:1010 -j DNAT --to-destination 10.0.0.5:2000-2010/1000'),
    );
    expect(rulesOf(reading, 'ipv4/nat/PREROUTING')[0]).toBe(
      '(protocol=6 & destinationPort=1000-1010 & destinationPort=1000-1010) -> destination:=10.0.0.5 destinationPort+=1000 destinationTranslated:=1 destination bound accept',
    );
  });

  test.each([
    [
      'PREROUTING',
      'destination&0.0.0.255^10.2.3.0 destinationTranslated:=1 destination bound accept',
      'destination=10.2.3.0-10.2.3.255',
    ],
    [
      'OUTPUT',
      'destination&0.0.0.255^10.2.3.0 destinationTranslated:=1 destination bound accept',
      'destination=10.2.3.0-10.2.3.255',
    ],
    ['POSTROUTING', 'source&0.0.0.255^10.2.3.0 source bound accept', 'source=10.2.3.0-10.2.3.255'],
    ['INPUT', 'source&0.0.0.255^10.2.3.0 source bound accept', 'source=10.2.3.0-10.2.3.255'],
  ])('NETMAP in a chain that only %s leads to', (chain, effect, untouched) => {
    const side = untouched.startsWith('source') ? 'source' : 'destination';
    const lines = ['-A ONE -j NETMAP --to 10.2.3.0/24', '-A TWO -g ONE', `-A ${chain} -j TWO`];
    const reading = readText(table('nat', ':ONE - [0:0]', ':TWO - [0:0]', ...lines));
    expect(codesOf(reading)).toEqual([]);
    expect(rulesOf(reading, 'ipv4/nat/ONE')).toEqual([
      `${untouched} -> ${side} bound accept`,
      `all -> ${effect}`,
    ]);
  });

  test('NETMAP in a chain that both ways lead to maps one of the two addresses', () => {
    const lines = ['-A ONE -j NETMAP --to 10.2.3.0/24', '-A PREROUTING -j ONE', '-A POSTROUTING -j ONE'];
    const reading = readText(table('nat', ':ONE - [0:0]', ...lines));
    expect(rulesOf(reading, 'ipv4/nat/ONE')).toEqual([
      'all -> source:=? destination:=? source bound destinationTranslated:=1 destination bound accept',
    ]);
  });

  test('a rule that may be deleted keeps its parts', () => {
    const add = 'iptables -t nat -A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.5:80-90';
    const reading = readText(`${add}\nif [ -n "$X" ]; then iptables -t nat -F PREROUTING; fi\n`);
    expect(rulesOf(reading, 'ipv4/nat/PREROUTING').map((rule) => rule.split(' -> ')[1])).toEqual([
      'destination bound accept',
      'destination:=10.0.0.5 destinationTranslated:=1 destination bound accept',
      'destination:=10.0.0.5 destinationPort:=80-90 destinationTranslated:=1 destination bound accept',
    ]);
  });

  test('a chain of that name comes before a target', () => {
    const reading = readText(table('filter', ':TARPIT - [0:0]', '-A INPUT -j TARPIT', '-A INPUT -g TARPIT'));
    expect(rulesOf(reading)).toEqual(['all -> jump ipv4/filter/TARPIT', 'all -> goto ipv4/filter/TARPIT']);
  });

  test('DROP in the nat table is refused', () => {
    expect(codesOf(readText(table('nat', '-A PREROUTING -j DROP')))).toContain('FW1101');
    expect(codesOf(readText('*nat\n:PREROUTING DROP [0:0]\nCOMMIT\n'))).toContain('FW1101');
  });
});
