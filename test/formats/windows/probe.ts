import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { interpret, type Oracle } from '../../../src/analysis/interpret.ts';
import type { Packet } from '../../../src/analysis/packet.ts';
import { windowsFormat } from '../../../src/formats/windows/format.ts';
import type { ReadOptions, Reading } from '../../../src/formats/format.ts';
import type { Firewall } from '../../../src/model/firewall.ts';
import type { Match } from '../../../src/model/match.ts';
import type { NameField } from '../../../src/packets/fields.ts';
import { parseAddress } from '../../../src/formats/windows/addresses.ts';
import { decode } from '../../../src/source/decode.ts';
import type { Source } from '../../../src/source/source.ts';

export type Verdict = 'allow' | 'deny' | 'conditional';

export const noOptions: ReadOptions = {
  localAddresses: [],
  tables: new Map(),
  definitions: new Map(),
  include: () => 'not allowed in tests',
};

export function sourceOf(path: string): Source {
  const decoded = decode(readFileSync(path), basename(path), 0);
  if (decoded.kind === 'refused') throw new Error(`${path}: ${decoded.diagnostic.message}`);
  return decoded.source;
}

export function textSource(text: string, path = 'input'): Source {
  return { id: 0, path, text, encoding: 'utf-8' };
}

export function readSource(source: Source): Reading {
  const detection = windowsFormat.detect(source);
  if (detection === undefined) throw new Error(`${source.path} is not recognised`);
  return windowsFormat.read(source, detection, noOptions);
}

/** One line of a probe table: a packet, and what becomes of it. What a line leaves out is asked for every value. */
export interface Probe {
  readonly line: string;
  readonly verdict: Verdict;
  readonly direction: 'in' | 'out';
  readonly packet: Packet;
  readonly profiles: readonly string[];
}

const protocols = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['icmp', 1],
  ['icmpv6', 58],
]);

/** `allow tcp 445 from 10.0.0.1 profile domain`; `icmp` takes a type, `sport` the source port, `out` the other direction. */
export function parseProbe(line: string): Probe {
  const words = line.split(/\s+/);
  const verdict = words.shift() as Verdict;
  const direction = words[0] === 'out' ? (words.shift() as 'out') : 'in';
  const protocolWord = words.shift()!;
  const protocol = protocols.get(protocolWord) ?? Number(protocolWord);
  const number = Number(words.shift());
  const given = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) given.set(words[i]!, words[i + 1]!);
  const icmp = protocol === 1 || protocol === 58;
  const sourceText = given.get('from') ?? '198.51.100.7';
  const source = addressOf(sourceText);
  const destination = addressOf(given.get('to') ?? (source.family === 'ipv6' ? '2001:db8::2' : '192.0.2.1'));
  const names: Partial<Record<NameField, string>> = {};
  for (const [word, field] of nameWords) {
    const value = given.get(word);
    if (value !== undefined) names[field] = value;
  }
  if (!Number.isInteger(number) || !['allow', 'deny', 'conditional'].includes(verdict)) throw new Error(line);
  return {
    line,
    verdict,
    direction,
    profiles: given.has('profile') ? [given.get('profile')!] : ['domain', 'private', 'public'],
    packet: {
      family: source.family,
      protocol,
      source: source.value,
      destination: destination.value,
      sourcePort: icmp ? (number << 8) | Number(given.get('code') ?? 0) : Number(given.get('sport') ?? 40000),
      destinationPort: icmp ? 0 : number,
      tcpFlags: 2,
      state: 'new',
      names,
    },
  };
}

const nameWords: readonly (readonly [string, NameField])[] = [
  ['program', 'program'],
  ['service', 'service'],
  ['package', 'package'],
  ['type', 'interfaceType'],
  ['interface', 'inInterface'],
];

function addressOf(text: string): { family: 'ipv4' | 'ipv6'; value: bigint } {
  const term = parseAddress(text);
  if (term.kind !== 'range') throw new Error(`not an address: ${text}`);
  return { family: term.family, value: term.range[0] };
}

/** Asks the model about one packet with every answer to every open question, and every name that rules tell apart. */
export function verdictOf(firewall: Firewall, direction: 'in' | 'out', packet: Packet): Verdict {
  const entry = firewall.entries.find((one) => one.direction === direction && one.family === packet.family)!;
  const seen = new Set<'accept' | 'drop'>();
  for (const names of nameChoices(firewall, packet.names)) {
    const answers: boolean[] = [];
    for (;;) {
      const keys: string[] = [];
      const oracle: Oracle = {
        packet: (key) => {
          let at = keys.indexOf(key);
          if (at < 0) at = keys.push(key) - 1;
          if (answers.length <= at) answers.push(false);
          return answers[at]!;
        },
        visit: () => {
          throw new Error('Windows rules ask nothing anew at each visit');
        },
        pick: (_rule, from) => from,
      };
      const options = { oracle, hostAddresses: [], markIsTracked: false };
      seen.add(interpret(firewall, entry, { ...packet, names }, options).verdict);
      // The next assignment, as counting in binary: the last question that was answered "no" becomes "yes".
      answers.length = Math.min(answers.length, keys.length);
      while (answers.at(-1) === true) answers.pop();
      if (answers.length === 0) break;
      answers[answers.length - 1] = true;
    }
  }
  return seen.size === 2 ? 'conditional' : seen.has('accept') ? 'allow' : 'deny';
}

function* nameChoices(
  firewall: Firewall,
  given: Packet['names'],
): Generator<Partial<Record<NameField, string>>> {
  const mentioned = new Map<NameField, Set<string>>();
  const collect = (match: Match): void => {
    if (match.kind === 'and' || match.kind === 'or') match.of.forEach(collect);
    else if (match.kind === 'not') collect(match.of);
    else if (match.kind === 'name') {
      const names = mentioned.get(match.field) ?? new Set(['(any other)']);
      names.add(match.name);
      mentioned.set(match.field, names);
    }
  };
  for (const chain of firewall.chains.values()) for (const rule of chain.rules) collect(rule.match);
  const open = [...mentioned].filter(([field]) => given[field] === undefined && field !== 'profile');
  const sizes = open.map(([, names]) => names.size);
  const total = sizes.reduce((product, size) => product * size, 1);
  for (let i = 0; i < total; i++) {
    const names: Partial<Record<NameField, string>> = { ...given };
    let rest = i;
    open.forEach(([field, choices], at) => {
      names[field] = [...choices][rest % sizes[at]!]!;
      rest = Math.floor(rest / sizes[at]!);
    });
    yield names;
  }
}

/** Lines that did not get the verdict they promise, with what they got. */
export function failedProbes(firewall: Firewall, table: string): readonly string[] {
  const failures: string[] = [];
  for (const line of table.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const probe = parseProbe(line.trim());
    for (const profile of probe.profiles) {
      const packet = { ...probe.packet, names: { ...probe.packet.names, profile } };
      const got = verdictOf(firewall, probe.direction, packet);
      if (got !== probe.verdict) failures.push(`${line} [${profile}]: got ${got}`);
    }
  }
  return failures;
}
