/** The fixtures of the Linux formats, as cases that a kernel can load. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TcpFlag } from '../../src/packets/fields.ts';
import { familyOf } from './addresses.ts';
import type { KernelCase } from './generate.ts';
import type { RulesetKind } from './lab.ts';
import type { ProbePacket } from './probe-packet.ts';

const root = fileURLToPath(new URL('../../fixtures', import.meta.url));

export interface Fixture {
  readonly name: string;
  readonly cases: readonly KernelCase[];
  /** Verdicts that the fixture states, one a line of its verdicts.jsonl. */
  readonly verdicts: readonly StatedVerdict[];
}

export interface StatedVerdict {
  readonly verdict: 'allow' | 'deny';
  /** The fields of a `query --batch` line. */
  readonly packet: Readonly<Record<string, unknown>>;
}

/** All folders of `fixtures/<format>` whose input is a dump that iptables-restore takes, or a text that nft takes. */
export function readFixtures(format: 'iptables' | 'nftables'): readonly Fixture[] {
  const folder = join(root, format);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => readFixture(format, join(folder, name), `${format}/${name}`));
}

function readFixture(format: 'iptables' | 'nftables', folder: string, name: string): readonly Fixture[] {
  if (name.endsWith('/errors')) return [];
  const inputs = readdirSync(folder).filter((file) => file.startsWith('input.'));
  const cases = inputs.flatMap((file) =>
    casesOf(format, readFileSync(join(folder, file), 'utf8'), `${name}/${file}`),
  );
  if (cases.length === 0) return [];
  const verdictFile = join(folder, 'verdicts.jsonl');
  const verdicts = existsSync(verdictFile)
    ? readFileSync(verdictFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as StatedVerdict)
    : [];
  return [{ name, cases, verdicts }];
}

/** A text for each loader and family that it may be for. */
export function casesOf(format: 'iptables' | 'nftables', text: string, name: string): readonly KernelCase[] {
  const both = (
    kinds: readonly Exclude<RulesetKind, 'ipset'>[],
    family: KernelCase['family'],
  ): readonly KernelCase[] => kinds.map((kind) => ({ name, kind, family, text, sets: '', hasRows: true }));
  if (format === 'nftables')
    return text.trimStart().startsWith('{') ? [] : [...both(['nft'], 'ipv4'), ...both(['nft'], 'ipv6')];
  // One dump of one family: a bundle of several cannot be given to one loader.
  if (!/^\*\w+$/m.test(text) || !/^COMMIT$/m.test(text) || /^(create|add) /m.test(text)) return [];
  // Times in comments and hardware addresses look like addresses of IPv6.
  const isV6 =
    /ip6tables-save/.test(text) ||
    /ipv6-icmp|icmp6|(^|[\s/])(?:[0-9a-f]{1,4}:+){2,}/im.test(
      text.replace(/^#.*|--comment ("[^"]*"|\S+)|--mac-source \S+/gm, ''),
    );
  return isV6
    ? both(['ip6tables-legacy', 'ip6tables-nft'], 'ipv6')
    : both(['iptables-legacy', 'iptables-nft'], 'ipv4');
}

const protocols: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ['tcp', 6],
  ['udp', 17],
  ['icmp', 1],
  ['icmpv6', 58],
  ['sctp', 132],
]);

/** A stated packet as a probe; every field that the lab needs must be there. */
export function probeOf(packet: Readonly<Record<string, unknown>>): ProbePacket {
  const text = (field: string): string => {
    const value = packet[field];
    if (typeof value !== 'string')
      throw new Error(`a stated packet needs ${field}: ${JSON.stringify(packet)}`);
    return value;
  };
  const number = (field: string): number => (typeof packet[field] === 'number' ? packet[field] : 0);
  return {
    family: familyOf(text('source')),
    protocol: protocols.get(packet['protocol']) ?? Number(packet['protocol']),
    source: text('source'),
    destination: text('destination'),
    sourcePort: number('sourcePort'),
    destinationPort: number('destinationPort'),
    icmpType: number('icmpType'),
    icmpCode: number('icmpCode'),
    tcpFlags: (packet['tcpFlags'] as readonly TcpFlag[] | undefined) ?? ['syn'],
    inInterface: text('inInterface'),
  };
}
