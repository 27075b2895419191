/** What random rulesets are made of. Few different values, so that rules overlap, hide each other and share edges. */
import type { Family } from '../../src/packets/fields.ts';
import { addressText, addressValue } from './addresses.ts';
import type { Random } from './random.ts';
import { localAddresses } from './topology.ts';

export const ports: readonly number[] = [
  0, 1, 7, 21, 22, 23, 25, 53, 67, 80, 81, 110, 123, 137, 161, 443, 445, 514, 1023, 1024, 2049, 2688, 3092,
  3306, 5353, 5432, 6000, 6443, 8000, 8080, 8443, 9100, 10250, 27017, 32767, 32768, 40000, 49151, 49152,
  51820, 60999, 65534, 65535,
];

export const inInterfaces: readonly string[] = ['eth0', 'eth1', 'wg0', 'lo', 'eth2', 'eth'];
export const outInterfaces: readonly string[] = ['docker0', 'br-lan', 'eth0', 'lo'];

const bases: Readonly<Record<Family, readonly string[]>> = {
  ipv4: [
    '10.0.0.0',
    '10.1.2.0',
    '10.1.2.128',
    '172.16.0.0',
    '172.18.0.0',
    '192.168.1.0',
    '192.168.50.0',
    '192.0.2.0',
    '198.51.100.7',
    '203.0.113.200',
    '8.8.8.8',
    '100.64.0.0',
  ],
  ipv6: [
    '2001:db8::',
    '2001:db8:1::',
    '2001:db8:1:2::',
    '2001:db8:ffff::1',
    'fd00::',
    'fd00:18::',
    'fd00:50::',
    'fd12:3456:789a::',
    '2400:cb00:2048:1::6810',
    '2606:4700::',
  ],
};

const lengths: Readonly<Record<Family, readonly number[]>> = {
  ipv4: [1, 8, 12, 15, 16, 20, 23, 24, 25, 28, 30, 31, 32, 32, 32],
  ipv6: [3, 8, 16, 32, 33, 47, 48, 56, 63, 64, 65, 96, 120, 127, 128, 128],
};

/** An address near one of the bases: as it is, a little further, or with some bits turned. */
export function randomAddress(random: Random, family: Family): string {
  const bits = family === 'ipv4' ? 32 : 128;
  let value = addressValue(random.pick(bases[family]));
  if (random.chance(0.5)) value += BigInt(random.integer(0, 255));
  if (random.chance(0.3)) value ^= 1n << BigInt(random.integer(0, bits - 9));
  return addressText(family, value);
}

export function randomPrefixLength(random: Random, family: Family): number {
  return random.pick(lengths[family]);
}

export function randomLocalAddress(random: Random, family: Family): string {
  return random.pick(localAddresses)[family];
}

export function randomPort(random: Random): number {
  return random.chance(0.85) ? random.pick(ports) : random.integer(0, 65535);
}

export function randomPortRange(random: Random): readonly [number, number] {
  const a = randomPort(random);
  const b = random.chance(0.5) ? Math.min(65535, a + random.integer(1, 300)) : randomPort(random);
  return a < b ? [a, b] : [b, a];
}
