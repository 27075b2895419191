import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AddressRange, Family } from '../../src/packets/fields.ts';
import { parsePrefix } from '../../src/packets/address-text.ts';
import { normalizeRanges } from '../../src/policy/address-set.ts';
import type { Exposure } from '../../src/report/report.ts';
import { decode } from '../../src/source/decode.ts';
import type { Source } from '../../src/source/source.ts';

/** `fixtures/equivalent`: each folder holds one policy in every language, and what all of them must say. */
const fixtures = fileURLToPath(new URL('../../fixtures/equivalent', import.meta.url));

/** The same policy in four languages; iptables needs a file for each family. */
const members = {
  iptables: ['input.rules', 'input6.rules'],
  nftables: ['input.nft'],
  pf: ['input.conf'],
  windows: ['input.reg'],
} as const;

export type Member = keyof typeof members;
export const memberNames = Object.keys(members) as readonly Member[];

export function policies(): string[] {
  return readdirSync(fixtures).sort();
}

export function sourcesOf(policy: string, member: Member): Source[] {
  return members[member].map((name, id) => {
    const decoded = decode(readFileSync(join(fixtures, policy, name)), name, id);
    if (decoded.kind === 'refused') throw new Error(`${policy}/${name}: ${decoded.diagnostic.message}`);
    return decoded.source;
  });
}

/** The lines of a file of a policy without blank lines and comments. */
export function linesOf(policy: string, name: string): string[] {
  const lines = readFileSync(join(fixtures, policy, name), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

const last: Readonly<Record<Family, bigint>> = { ipv4: 2n ** 32n - 1n, ipv6: 2n ** 128n - 1n };

/** `any`, `10.0.0.0/8 192.0.2.1-192.0.2.9` or `all but …` as a set of addresses, written the one way that there is for the set. */
function canonical(family: Family, words: readonly string[]): string {
  const excluded = words[0] === 'all' && words[1] === 'but';
  const ranges = normalizeRanges(
    (excluded ? words.slice(2) : words).map((word): AddressRange => {
      if (word === 'any') return [0n, last[family]];
      const parsed = parsePrefix(word);
      if (parsed?.family !== family) throw new Error(`"${word}" is no set of ${family} addresses`);
      return parsed.range;
    }),
  );
  const kept = excluded ? complement(ranges, last[family]) : ranges;
  return kept.map(([from, to]) => `${from.toString(16)}-${to.toString(16)}`).join(' ');
}

function complement(ranges: readonly AddressRange[], end: bigint): readonly AddressRange[] {
  const gaps: AddressRange[] = [];
  let next = 0n;
  for (const [from, to] of ranges) {
    if (from > next) gaps.push([next, from - 1n]);
    next = to + 1n;
  }
  return next > end ? gaps : [...gaps, [next, end]];
}

/** What `expected.txt` says: `ipv4 tcp 8000-8010 certain from 10.0.0.0/8`. */
export function expectedAnswer(policy: string): string[] {
  return linesOf(policy, 'expected.txt')
    .map((line) => {
      const [family = '', protocol = '', ports = '', certainty = '', , ...sources] = line.split(' ');
      return `${family} ${protocol} ${ports} ${certainty} ${canonical(family as Family, sources)}`;
    })
    .sort();
}

/** The rows that let something in, without ICMP; interfaces, profiles and all else that only some languages have is left out. */
export function answerOf(exposures: readonly Exposure[]): string[] {
  return exposures
    .filter(({ direction, protocol }) => direction === 'in' && !/^icmp/.test(protocol))
    .map(({ family, protocol, ports, certainty, from }) => {
      const range = ports === null ? '-' : [...new Set([ports.from, ports.to])].join('-');
      const sources = from.flatMap((element) => element.sources ?? ['any']);
      return `${family} ${protocol} ${range} ${certainty} ${canonical(family, sources)}`;
    })
    .sort();
}
