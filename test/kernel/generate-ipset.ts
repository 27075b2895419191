/** Random `ipset restore` texts of every set type that the kernel can be asked about. */
import type { Family } from '../../src/packets/fields.ts';
import { addressText, addressValue } from './addresses.ts';
import type { Random } from './random.ts';
import {
  inInterfaces,
  randomAddress,
  randomLocalAddress,
  randomPort,
  randomPortRange,
  randomPrefixLength,
} from './values.ts';

export interface GeneratedSet {
  readonly name: string;
  readonly type: string;
  readonly dimensions: number;
  readonly text: string;
}

const types = [
  'hash:ip',
  'hash:net',
  'hash:ip,port',
  'hash:net,port',
  'hash:ip,port,ip',
  'hash:ip,port,net',
  'hash:net,iface',
  'bitmap:ip',
  'bitmap:port',
  'list:set',
] as const;
type SetType = (typeof types)[number];

export function generateSets(random: Random, family: Family): readonly GeneratedSet[] {
  const sets: GeneratedSet[] = [];
  const count = random.integer(1, 5);
  for (let i = 0; i < count; i++) {
    const type = random.pick(types);
    if (type === 'list:set') {
      const plain = sets.filter((set) => set.type !== 'list:set');
      if (plain.length === 0) continue;
      const members = random.sample(plain, random.integer(0, 3));
      sets.push({
        name: `set${String(i)}`,
        type,
        dimensions: Math.max(1, ...members.map((member) => member.dimensions)),
        text: `create set${String(i)} list:set size 8\n${members.map((member) => `add set${String(i)} ${member.name}\n`).join('')}`,
      });
    } else if (type !== 'bitmap:ip' || family === 'ipv4') {
      sets.push(plainSet(random, `set${String(i)}`, type, family));
    }
  }
  return sets;
}

function plainSet(
  random: Random,
  name: string,
  type: Exclude<SetType, 'list:set'>,
  family: Family,
): GeneratedSet {
  const inet = family === 'ipv4' ? 'inet' : 'inet6';
  const seen = new Set<string>();
  const lines = [`create ${name} ${type} ${header(random, type, inet)}`];
  for (let i = random.integer(0, 8); i > 0; i--) {
    const element = elementText(random, type, family);
    if (seen.has(element)) continue;
    seen.add(element);
    lines.push(`add -exist ${name} ${element}${mayExcept(type) && random.chance(0.25) ? ' nomatch' : ''}`);
  }
  return { name, type, dimensions: type.split(',').length, text: `${lines.join('\n')}\n` };
}

function header(random: Random, type: SetType, inet: string): string {
  if (type === 'bitmap:ip') return 'range 10.1.0.0-10.1.255.255';
  if (type === 'bitmap:port') return 'range 0-65535';
  if (type === 'hash:ip' && random.chance(0.2))
    return `family ${inet} netmask ${inet === 'inet' ? '28' : '64'}`;
  return `family ${inet} hashsize 64 maxelem 65536`;
}

function mayExcept(type: SetType): boolean {
  return type.includes('net');
}

function elementText(random: Random, type: Exclude<SetType, 'list:set'>, family: Family): string {
  switch (type) {
    case 'hash:ip':
      return address(random, family);
    case 'bitmap:ip': {
      const from = addressValue('10.1.0.0') + BigInt(random.integer(0, 65000));
      return random.chance(0.5)
        ? addressText('ipv4', from)
        : `${addressText('ipv4', from)}-${addressText('ipv4', from + BigInt(random.integer(1, 500)))}`;
    }
    case 'bitmap:port': {
      const [from, to] = randomPortRange(random);
      return random.chance(0.6) ? String(from) : `${String(from)}-${String(Math.min(to, from + 3000))}`;
    }
    case 'hash:net':
      return net(random, family);
    case 'hash:net,iface':
      return `${net(random, family)},${random.pick(inInterfaces)}`;
    case 'hash:ip,port':
      return `${address(random, family)},${port(random, family)}`;
    case 'hash:net,port':
      return `${net(random, family)},${port(random, family)}`;
    case 'hash:ip,port,ip':
      return `${address(random, family)},${port(random, family)},${address(random, family)}`;
    case 'hash:ip,port,net':
      return `${address(random, family)},${port(random, family)},${net(random, family)}`;
  }
}

function address(random: Random, family: Family): string {
  return random.chance(0.4) ? randomLocalAddress(random, family) : randomAddress(random, family);
}

function net(random: Random, family: Family): string {
  return `${address(random, family)}/${String(randomPrefixLength(random, family))}`;
}

function port(random: Random, family: Family): string {
  const number = randomPort(random);
  return random.weighted([
    [4, `tcp:${String(number)}`],
    [2, `udp:${String(number)}`],
    [1, `sctp:${String(number)}`],
    [1, String(number)],
    [1, `tcp:${String(number)}-${String(Math.min(65535, number + 5))}`],
    [1, family === 'ipv4' ? 'icmp:8/0' : 'icmpv6:128/0'],
    [0.5, 'gre:0'],
  ]);
}
