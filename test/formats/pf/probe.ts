import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalAddress, Reading, ReadOptions } from '../../../src/formats/format.ts';
import { pfFormat } from '../../../src/formats/pf/format.ts';
import { parseRangeText } from '../../../src/packets/range-text.ts';
import type { AuditOptions } from '../../../src/audit.ts';
import { createQuery } from '../../../src/query.ts';
import type { Query, QueryPacket } from '../../../src/query.ts';
import { positionAt } from '../../../src/source/source.ts';
import type { Source } from '../../../src/source/source.ts';

export const fixtures = fileURLToPath(new URL('../../../fixtures/pf', import.meta.url));

export function source(text: string, path = 'pf.conf', id = 0): Source {
  return { id, path, text, encoding: 'utf-8' };
}

function local(iface: string, text: string): LocalAddress {
  const { family, range } = parseRangeText(text)!;
  return { interface: iface, family, range };
}

/** The host of all worked examples. */
export const host: readonly LocalAddress[] = [
  local('em0', '203.0.113.10'),
  local('em0', '203.0.113.0/24'),
  local('em1', '10.0.0.1'),
  local('em1', '10.0.0.0/24'),
];

/** Reads a text without facts about the host, unless some are given. */
export function read(text: string, options: Partial<ReadOptions> = {}): Reading {
  const input = source(text);
  return pfFormat.read(input, pfFormat.detect(input) ?? { score: 0, dialect: 'pf' }, {
    localAddresses: [],
    tables: new Map(),
    definitions: new Map(),
    include: () => 'not in this test',
    ...options,
  });
}

/** `severity code line:column message` of each diagnostic. */
export function told(text: string, options: Partial<ReadOptions> = {}): string[] {
  const input = source(text);
  return read(text, options).diagnostics.map(({ severity, code, span, message }) => {
    const { line, column } = positionAt(input, span?.start ?? 0);
    return `${severity} ${code} ${line}:${column} ${message}`;
  });
}

export function cases(): string[] {
  return readdirSync(fixtures).filter((name) => existsSync(join(fixtures, name, 'probes.txt')));
}

export async function ask(text: string, options: AuditOptions = {}): Promise<Query> {
  return createQuery([source(text)], { inputFormat: 'pf', localAddresses: host, ...options });
}

/** One line of a probe table as a question: `tcp 22 from 10.0.0.1 to 10.0.0.2 in em0 sport 80`; `out` asks the other way. */
export function packetOf(words: readonly string[]): QueryPacket {
  const rest = [...words];
  const direction = rest[0] === 'out' ? (rest.shift() as 'out') : 'in';
  const [protocol = '', port = '', ...pairs] = rest;
  const icmp = protocol.startsWith('icmp');
  const packet: Record<string, unknown> = { direction, protocol, sourcePort: icmp ? undefined : 40000 };
  packet[icmp ? 'icmpType' : 'destinationPort'] = Number(port);
  for (let i = 0; i < pairs.length; i += 2) {
    const value = pairs[i + 1]!;
    switch (pairs[i]) {
      case 'from':
        packet['source'] = value;
        break;
      case 'to':
        packet['destination'] = value;
        break;
      case 'in':
        packet['inInterface'] = value;
        break;
      case 'out-if':
        packet['outInterface'] = value;
        break;
      case 'sport':
        packet['sourcePort'] = Number(value);
        break;
      default:
        throw new Error(`unknown word ${pairs[i] ?? ''} in a probe`);
    }
  }
  return packet as QueryPacket;
}

/** The lines of a probe table whose verdict is another one. */
export async function failedProbes(name: string): Promise<string[]> {
  const folder = join(fixtures, name);
  const lines = readFileSync(join(folder, 'probes.txt'), 'utf8').split('\n');
  const dialect = lines.find((line) => line.startsWith('dialect '))?.slice('dialect '.length);
  const query = await ask(readFileSync(join(folder, 'input.conf'), 'utf8'), {
    ...(dialect === undefined ? {} : { dialect }),
    ...(lines.includes('empty-anchors') ? { emptyAnchors: true } : {}),
  });
  const refusedLines = new Set(
    query.diagnostics.filter(({ code }) => code === 'FW1301').map(({ location }) => location?.line),
  );
  const failed: string[] = [];
  const expectedRefusals = new Set<number>();
  for (const line of lines) {
    const [verdict, ...words] = line.split(' ');
    if (verdict === 'refused') expectedRefusals.add(Number(words[0]));
    if (verdict !== 'allow' && verdict !== 'deny' && verdict !== 'conditional') continue;
    const answer = query.query(packetOf(words));
    if (answer.verdict !== verdict)
      failed.push(`${line}: got ${answer.verdict} ${answer.conditions.join('; ')}`);
  }
  for (const line of new Set([...refusedLines, ...expectedRefusals])) {
    if (line === undefined || !refusedLines.has(line) || !expectedRefusals.has(line))
      failed.push(`refusal of line ${line}`);
  }
  return failed;
}
