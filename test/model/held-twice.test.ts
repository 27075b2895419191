import { expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';

const filter = (port: number, more = ''): string =>
  `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport ${port} -j ACCEPT\n${more}COMMIT\n`;

async function assumptionsOf(...texts: readonly string[]): Promise<readonly string[]> {
  const sources = texts.map((text, id) => ({ id, path: `${id}.rules`, text, encoding: 'utf-8' as const }));
  const report = await audit(sources, { host: true });
  return report.assumptions.filter((one) => one.startsWith('Several inputs'));
}

test('two exports of one host that hold the same chains are both asked, and the report says so', async () => {
  expect(await assumptionsOf(filter(22), filter(80))).toEqual([
    'Several inputs hold filter INPUT, filter FORWARD of IPv4: a packet must pass all of them (where one replaces another, give that one alone)',
  ]);
});

test('exports of other families or tables go together without a word', async () => {
  const six = filter(22, '-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT\n');
  const nat =
    '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080\nCOMMIT\n';
  expect(await assumptionsOf(filter(22), six)).toEqual([]);
  expect(await assumptionsOf(filter(22), nat)).toEqual([]);
});
