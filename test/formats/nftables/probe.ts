import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalAddress, Reading, ReadOptions } from '../../../src/formats/format.ts';
import { nftablesFormat } from '../../../src/formats/nftables/format.ts';
import { parseRangeText } from '../../../src/packets/range-text.ts';
import { createQuery } from '../../../src/query.ts';
import type { Query, QueryPacket } from '../../../src/query.ts';
import type { Source } from '../../../src/source/source.ts';

export const fixtures = fileURLToPath(new URL('../../../fixtures/nftables', import.meta.url));

export function textSource(text: string, path = 'rules.nft', id = 0): Source {
  return { id, path, text, encoding: 'utf-8' };
}

function local(text: string): LocalAddress {
  const { family, range } = parseRangeText(text)!;
  return { interface: 'eth0', family, range };
}

/** The host of all worked examples. */
const host: readonly LocalAddress[] = [local('203.0.113.10'), local('2001:db8::1'), local('fe80::1')];

export const noOptions: ReadOptions = {
  localAddresses: [],
  tables: new Map(),
  definitions: new Map(),
  include: () => 'no files in this test',
};

/** Reads a text as the format does, in the dialect that it is detected to be. */
export function read(text: string, options: Partial<ReadOptions> = {}): Reading {
  const source = textSource(text);
  const detection = nftablesFormat.detect(source) ?? { score: 0, dialect: 'nft-script' };
  return nftablesFormat.read(source, detection, { ...noOptions, ...options });
}

export function cases(): string[] {
  return readdirSync(fixtures).filter((name) => existsSync(join(fixtures, name, 'probes.txt')));
}

/** The input of a fixture, text or JSON. */
export function inputOf(name: string): Source {
  const file = readdirSync(join(fixtures, name)).find((each) => each.startsWith('input.'))!;
  return textSource(readFileSync(join(fixtures, name, file), 'utf8'), file);
}

export async function ask(source: Source): Promise<Query> {
  return createQuery([source], { inputFormat: 'nftables', localAddresses: host });
}

/** One line of a probe table as a question: `forward tcp 22 from 10.0.0.1 in eth0 out-if eth1 state established`. */
export function packetOf(words: readonly string[]): QueryPacket {
  const rest = [...words];
  const direction = rest[0] === 'forward' || rest[0] === 'out' ? rest.shift()! : 'in';
  const [protocol = '', port = '', ...pairs] = rest;
  const icmp = protocol.startsWith('icmp');
  const packet: Record<string, unknown> = { direction, protocol, inInterface: 'eth0' };
  if (direction === 'forward') packet['outInterface'] = 'eth1';
  if (!icmp) packet['sourcePort'] = 40000;
  packet[icmp ? 'icmpType' : 'destinationPort'] = Number(port);
  let to: string | undefined;
  for (let i = 0; i < pairs.length; i += 2) {
    const value = pairs[i + 1]!;
    switch (pairs[i]) {
      case 'from':
        packet['source'] = value;
        break;
      case 'to':
        to = value;
        break;
      case 'in':
        packet['inInterface'] = value;
        break;
      case 'out-if':
        packet['outInterface'] = value;
        break;
      case 'state':
        packet['state'] = value;
        break;
      default:
        throw new Error(`unknown word ${pairs[i] ?? ''} in a probe`);
    }
  }
  const sixth = String(packet['source']).includes(':');
  packet['destination'] = to ?? (sixth ? '2001:db8::1' : '203.0.113.10');
  return packet as QueryPacket;
}

/** The lines of a probe table whose verdict is another one. */
export async function failedProbes(name: string): Promise<string[]> {
  const query = await ask(inputOf(name));
  return readFileSync(join(fixtures, name, 'probes.txt'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [verdict, ...words] = line.split(' ');
      if (verdict !== 'allow' && verdict !== 'deny' && verdict !== 'conditional') return [];
      const answer = query.query(packetOf(words));
      return answer.verdict === verdict
        ? []
        : [`${line}: got ${answer.verdict} ${answer.conditions.join('; ')} ${JSON.stringify(answer.rules)}`];
    });
}
