import type { Family } from '../../src/packets/fields.ts';
import type { NftPlace } from './generate-nftables.ts';
import { mixedVerdictMap, translationMap } from './generate-nftables-maps.ts';
import { disjointPorts } from './generate-nftables-sets.ts';
import type { NftProtocol } from './generate-nftables-matches.ts';
import type { Random } from './random.ts';
import { randomPort, randomPortRange } from './values.ts';

/** What a rule does in the end; side effects that decide nothing come before it now and then. */
export function nftStatement(random: Random, place: NftPlace, family: Family, protocol: NftProtocol): string {
  const choices: (readonly [number, () => string])[] = [
    [6, () => 'accept'],
    [place.nat ? 1 : 4, () => 'drop'],
    [1, () => 'return'],
    [0.5, () => 'continue'],
    [0.5, () => 'counter'],
    [place.nat ? 0.5 : 2, () => `meta mark set ${markValue(random, place, protocol)}`],
    [place.callable.length > 0 ? 3 : 0, () => `jump ${random.pick(place.callable)}`],
    [place.callable.length > 0 ? 1.5 : 0, () => `goto ${random.pick(place.callable)}`],
    [place.hook === 'input' || place.hook === 'forward' ? 1 : 0, () => reject(random, protocol)],
    [place.beforeConntrack ? 2 : 0, () => 'notrack'],
    [place.nat ? 12 : 0, () => translation(random, place, family, protocol)],
    [!place.nat && protocol.transport !== undefined ? 1.5 : 0, () => verdictMap(random, place, protocol)],
    [place.nat ? 0 : 1.5, () => mixedMap(random, place, family, protocol)],
  ];
  const before = random.chance(0.15)
    ? random.pick(['counter ', 'log prefix "x accept" ', 'counter packets 5 bytes 10 '])
    : '';
  const chosen = random.weighted(choices)();
  return (
    (chosen.startsWith('counter') ? '' : before) +
    chosen +
    (random.chance(0.05) ? ' comment "drop; accept # x"' : '')
  );
}

function reject(random: Random, protocol: NftProtocol): string {
  if (protocol.transport === 'tcp' && random.chance(0.5)) return 'reject with tcp reset';
  return 'reject';
}

function markValue(random: Random, place: NftPlace, protocol: NftProtocol): string {
  const value = `0x${random.pick([0, 1, 2, 3, 4, 0x10, 0xff, 0x4000]).toString(16)}`;
  const map = place.table.sets.find(({ content }) => content === 'marks');
  return random.weighted([
    [4, value],
    [1, `meta mark or ${value}`],
    [1, `meta mark and ${value}`],
    [1, `meta mark xor ${value}`],
    [1, `meta mark & 0xffffff00 | ${value}`],
    [
      map !== undefined && protocol.transport !== undefined ? 4 : 0,
      `${protocol.transport ?? ''} dport map @${map?.name ?? ''}`,
    ],
    [
      protocol.transport !== undefined ? 1 : 0,
      `${protocol.transport ?? ''} dport map { 22 : 1, 80-90 : 2, 8080 : 3 }`,
    ],
  ]);
}

function verdictMap(random: Random, place: NftPlace, protocol: NftProtocol): string {
  const named = place.table.sets.find(({ content }) => content === 'verdicts');
  const callable = place.callable[place.callable.length - 1];
  // A named map's chains must not lead back here; regular chains therefore use their own.
  if (named !== undefined && place.hook !== 'regular' && place.callable.length > 0 && random.chance(0.6))
    return `${protocol.transport ?? ''} dport vmap @${named.name}`;
  const verdict = (): string =>
    random.pick([
      'accept',
      'drop',
      'return',
      'continue',
      ...(callable === undefined ? [] : [`jump ${callable}`, `goto ${callable}`]),
    ]);
  const elements = disjointPorts(random, 4).map((port) => `${port} : ${verdict()}`);
  if (random.chance(0.2)) elements.push(`* : ${verdict()}`);
  return `${protocol.transport ?? ''} dport vmap { ${elements.join(', ')} }`;
}

function mixedMap(random: Random, place: NftPlace, family: Family, protocol: NftProtocol): string {
  const callable = place.callable[place.callable.length - 1];
  const tableFamily = place.table.family === 'inet' ? family : place.table.family === 'ip' ? 'ipv4' : 'ipv6';
  return mixedVerdictMap(
    random,
    tableFamily,
    protocol,
    [
      'accept',
      'drop',
      'return',
      'continue',
      ...(callable === undefined ? [] : [`jump ${callable}`, `goto ${callable}`]),
    ],
    !place.beforeConntrack,
  );
}

function translation(random: Random, place: NftPlace, family: Family, protocol: NftProtocol): string {
  if (place.hook === 'input' || place.hook === 'postrouting')
    return sourceTranslation(random, place, family, protocol);
  const inet = place.table.family === 'inet' ? (family === 'ipv4' ? 'ip ' : 'ip6 ') : '';
  const tableFamily = place.table.family === 'inet' ? family : place.table.family === 'ip' ? 'ipv4' : 'ipv6';
  const behind = random.pick(
    tableFamily === 'ipv4' ? ['172.18.0.2', '192.168.50.7'] : ['fd00:18::2', 'fd00:50::7'],
  );
  const port = String(Math.max(1, randomPort(random)));
  const targets = place.table.sets.find(({ content }) => content === 'targets');
  if (protocol.transport === undefined)
    return random.weighted([
      [2, `dnat ${inet}to ${behind}`],
      [1, 'redirect'],
    ]);
  const [from, to] = randomPortRange(random);
  const { transport } = protocol;
  if (random.chance(0.25)) return translationMap(random, tableFamily, inet, transport);
  return random.weighted([
    [4, `redirect to :${port}`],
    [1, 'redirect'],
    [4, tableFamily === 'ipv4' ? `dnat ${inet}to ${behind}:${port}` : `dnat ${inet}to [${behind}]:${port}`],
    [1, `dnat ${inet}to ${behind}`],
    [targets === undefined ? 0 : 2, `dnat ${inet}to ${protocol.transport} dport map @${targets?.name ?? ''}`],
    [
      from < to ? 0.5 : 0,
      `redirect to ${protocol.transport} dport map { ${String(from)} : 22, ${String(to)} : 8080 }`,
    ],
  ]);
}

/** Some targets are what sources are already: such a translation changes nothing, but is one. */
function sourceTranslation(random: Random, place: NftPlace, family: Family, protocol: NftProtocol): string {
  const tableFamily = place.table.family === 'inet' ? family : place.table.family === 'ip' ? 'ipv4' : 'ipv6';
  const inet = place.table.family === 'inet' ? (family === 'ipv4' ? 'ip ' : 'ip6 ') : '';
  const address = random.pick(
    tableFamily === 'ipv4'
      ? ['192.0.2.1', '198.51.100.7', '10.1.2.0', '203.0.113.200']
      : ['2001:db8::1', '2001:db8:ffff::1', '2001:db8::'],
  );
  const port = String(Math.max(1, randomPort(random)));
  const withPort = tableFamily === 'ipv4' ? `${address}:${port}` : `[${address}]:${port}`;
  return random.weighted([
    [4, `snat ${inet}to ${address}`],
    [protocol.transport === undefined ? 0 : 2, `snat ${inet}to ${withPort}`],
    [place.hook === 'postrouting' ? 3 : 0, 'masquerade'],
  ]);
}
