import type { Family } from '../../src/packets/fields.ts';
import type { NftProtocol } from './generate-nftables-matches.ts';
import type { NftPlace } from './generate-nftables.ts';
import type { Random } from './random.ts';
import { randomAddress, randomLocalAddress, randomPort } from './values.ts';

/** What a rule may ask of the connection, as far as a new connection's first packet settles it. */
export function connectionMatch(
  random: Random,
  place: NftPlace,
  family: Family,
  protocol: NftProtocol,
): string {
  const later = place.hook === 'input' || place.hook === 'forward' || place.hook === 'postrouting';
  const seesFamily = place.table.family !== (family === 'ipv4' ? 'ip6' : 'ip');
  return random.weighted([
    [
      6,
      random.pick([
        'ct state new',
        'ct state established,related',
        'ct state new,established',
        'ct state { new, untracked }',
        'ct state != { established, related }',
        'ct state invalid',
        'ct state != invalid',
        'ct state != new,established',
        'ct state ! established,related',
        'ct state & (established | related) == 0',
        'ct state untracked',
        'ct state new,untracked',
      ]),
    ],
    [later ? 1 : 0, 'ct status dnat'],
    [later ? 0.5 : 0, 'ct status != dnat'],
    [seesFamily ? 2 : 0, tupleAddress(random, family)],
    [1.5, tuplePort(random, protocol)],
    [0.5, random.pick(['ct direction original', 'ct direction reply', 'ct direction != reply'])],
    [0.3, random.pick(['ct protocol tcp', 'ct protocol != udp', 'ct original protocol { tcp, udp }'])],
  ]);
}

function tupleAddress(random: Random, family: Family): string {
  const header = family === 'ipv4' ? 'ip' : 'ip6';
  const address = random.chance(0.4) ? randomLocalAddress(random, family) : translated(random, family);
  const other = randomAddress(random, family);
  return `ct ${random.pick(['original', 'reply'])} ${header} ${random.pick(['saddr', 'daddr'])} ${random.weighted(
    [
      [3, `${random.chance(0.2) ? '!= ' : ''}${address}`],
      [1, `${random.chance(0.2) ? '!= ' : ''}{ ${address}${other === address ? '' : `, ${other}`} }`],
      [1, `${address}/${random.pick(family === 'ipv4' ? ['24', '16'] : ['64', '32'])}`],
    ],
  )}`;
}

function tuplePort(random: Random, { transport }: NftProtocol): string {
  const protocol = transport ?? random.pick(['tcp', 'udp', '{ tcp, udp }']);
  const port = random.chance(0.3) ? '8080' : String(randomPort(random));
  const key = random.pick(['original proto-dst', 'original proto-src', 'reply proto-src', 'reply proto-dst']);
  return `meta l4proto ${protocol} ct ${key} ${random.chance(0.2) ? '!= ' : ''}${port}`;
}

/** Addresses that translations of either side give, and that packets may come with. */
function translated(random: Random, family: Family): string {
  return random.pick(
    family === 'ipv4'
      ? ['192.0.2.1', '198.51.100.7', '10.1.2.0', '172.18.0.2', '192.168.50.7', '172.18.0.1', '192.168.40.1']
      : [
          '2001:db8::1',
          '2001:db8:ffff::1',
          '2001:db8::',
          'fd00:18::2',
          'fd00:50::7',
          'fd00:18::1',
          'fd00:40::1',
        ],
  );
}
