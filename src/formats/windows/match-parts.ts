import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import {
  all,
  and,
  Conjunction,
  NetworkTest,
  none,
  not,
  or,
  type Match,
  type UnknownMatch,
} from '../../model/match.ts';
import type { AddressRange, Family, NameField } from '../../packets/fields.ts';
import { normalize, type Interval, type IntervalSet } from '../../packets/interval.ts';
import { plainNetwork } from '../../packets/plain-network.ts';
import type { Span } from '../../source/source.ts';
import { parseAddress } from './addresses.ts';
import { unknownNarrowing, type Polarity } from './polarity.ts';
import { parsePorts, type PortList } from './ports.ts';
import { expandProgramPath, spellingKey } from './program-path.ts';
import { windowsProfiles, profileBits, allProfiles } from './windows-rule.ts';
import type { KnownCondition, Written, WrittenAddress } from './windows-rule.ts';

/** Turns the words of rules into matches, remembering what it has seen: exports repeat the same few lists thousands of times. */
export class MatchParts {
  readonly diagnostics: Diagnostic[] = [];
  /** Environment variables that were read as their usual value. */
  readonly expanded = new Set<string>();
  /** Set when a part was not understood; the caller resets it before each rule. */
  misread = false;
  /** The rule that the words come from; the caller sets it before each. */
  rule: Span = { source: 0, start: 0, end: 0 };

  /** Of the rule in hand. */
  readonly conjunction = new Conjunction();

  private readonly portMatches = { sourcePort: new KnownLists(), destinationPort: new KnownLists() };
  private readonly addressMatches = { source: new KnownLists(), destination: new KnownLists() };
  private readonly programMatches = new Map<string, Match>();
  private readonly serviceMatches = new Map<string, Match>();
  private readonly conditions = new Map<string, UnknownMatch>();
  private readonly hiddenParts = { allow: new Map<string, Match>(), block: new Map<string, Match>() };
  private readonly names = new Map<string, Match>();
  private readonly spellings = new Map<string, string>();
  private readonly protocols = new Map<number, Match>();

  profiles(bits: number): Match {
    return profileMatches[bits & allProfiles]!;
  }

  protocol(number: number): Match {
    let match = this.protocols.get(number);
    if (match === undefined) {
      match = { kind: 'number', field: 'protocol', values: [[number, number]] };
      // ICMPv4 and ICMPv6 are protocols of one family each.
      if (number === 1) match = and({ kind: 'family', family: 'ipv4' }, match);
      if (number === 58) match = and({ kind: 'family', family: 'ipv6' }, match);
      this.protocols.set(number, match);
    }
    return match;
  }

  ports(
    lists: readonly Written[] | undefined,
    field: 'sourcePort' | 'destinationPort',
    polarity: Polarity,
  ): Match {
    if (lists === undefined || lists.length === 0) return all;
    const matches = this.portMatches[field];
    const known = matches.get(lists);
    if (known !== undefined) return known;
    const reported = this.diagnostics.length;
    const match =
      lists.length === 1
        ? this.portMatch(lists[0]!, field, polarity)
        : anyPort(
            lists.map((list) => this.ports([list], field, polarity)),
            field,
          );
    // What was not understood is reported wherever it stands.
    if (this.diagnostics.length === reported) matches.set(lists, match);
    return match;
  }

  private portMatch(written: Written, field: 'sourcePort' | 'destinationPort', polarity: Polarity): Match {
    const list = parsePorts(written.text);
    for (const word of list.bad)
      this.report(written, word, 'a port from 0 to 65535, a range or a port keyword');
    return portMatch(list, field, polarity);
  }

  addresses(
    lists: readonly WrittenAddress[] | undefined,
    field: 'source' | 'destination',
    polarity: Polarity,
  ): Match {
    if (lists === undefined || lists.length === 0) return all;
    const network = lists.length === 1 ? plainNetwork(lists[0]!.text) : -1;
    if (network >= 0) return NetworkTest.of(field, network);
    const matches = this.addressMatches[field];
    const known = matches.get(lists);
    if (known !== undefined) return known;
    const reported = this.diagnostics.length;
    const match = this.addressMatch(lists, field, polarity);
    if (this.diagnostics.length === reported) matches.set(lists, match);
    return match;
  }

  private addressMatch(
    lists: readonly WrittenAddress[],
    field: 'source' | 'destination',
    polarity: Polarity,
  ): Match {
    const parts: Match[] = [];
    const ranges: Record<Family, AddressRange[]> = { ipv4: [], ipv6: [] };
    for (const list of lists) {
      // One field may hold a comma list; the offset of each word is kept for messages.
      let at = list.at;
      for (const piece of list.text.split(',')) {
        const word = piece.trim();
        if (word !== '') {
          const term = parseAddress(word, list.family);
          if (term.kind === 'any') {
            if (list.family === undefined) return all;
            parts.push({ kind: 'family', family: list.family });
          } else if (term.kind === 'range') ranges[term.family].push(term.range);
          else if (term.kind === 'keyword') {
            const known = condition(term.condition);
            parts.push(
              term.family === undefined ? known : and({ kind: 'family', family: term.family }, known),
            );
          } else {
            this.report(
              { ...list, text: word, at },
              word,
              'an address, a range, a network or an address keyword',
            );
            parts.push(unknownNarrowing(`address:${word}`, polarity, `address “${word}” is not understood`));
          }
        }
        // A container that tells only where the rule starts has no place for the word.
        if (list.at !== this.rule.start) at += piece.length + 1;
      }
    }
    for (const family of ['ipv4', 'ipv6'] as const) {
      // Copied to its exact size, as in `and`.
      if (ranges[family].length > 0)
        parts.push({ kind: 'address', field, family, ranges: ranges[family].slice() });
    }
    return parts.length === 0 ? all : anyOf(parts);
  }

  /** ICMP types and codes, which stand where a source port would. */
  icmp(types: readonly Written[] | undefined, polarity: Polarity): Match {
    if (types === undefined || types.length === 0) return all;
    const values: Interval[] = [];
    const bad: Match[] = [];
    for (const written of types) {
      for (const piece of written.text.split(',')) {
        const word = piece.trim();
        if (/^(any|\*|)$/i.test(word)) return all;
        const found = /^(\d{1,3})(?::(\d{1,3}|\*|any))?$/i.exec(word);
        const type = Number(found?.[1] ?? 256);
        const codeWord = found?.[2] ?? '*';
        const code = /^\d/.test(codeWord) ? Number(codeWord) : undefined;
        if (type > 255 || (code ?? 0) > 255) {
          this.report(written, word, 'an ICMP type from 0 to 255, with a code or *');
          bad.push(unknownNarrowing(`icmp:${word}`, polarity, `ICMP type “${word}” is not understood`));
        } else values.push([(type << 8) | (code ?? 0), (type << 8) | (code ?? 255)]);
      }
    }
    const known: Match = { kind: 'number', field: 'sourcePort', values: normalize(values) };
    return anyOf(values.length === 0 ? bad : [known, ...bad]);
  }

  program(path: string): Match {
    let match = this.programMatches.get(path);
    if (match === undefined) {
      const { path: usual, variable } = expandProgramPath(path);
      if (variable !== undefined) this.expanded.add(variable);
      match = this.name('program', this.spelling(spellingKey('program', usual), usual));
      this.programMatches.set(path, match);
    }
    return match;
  }

  service(name: string): Match {
    let match = this.serviceMatches.get(name);
    if (match === undefined) {
      match =
        name === '*' ? someService : this.name('service', this.spelling(spellingKey('service', name), name));
      this.serviceMatches.set(name, match);
    }
    return match;
  }

  package(id: string): Match {
    return this.name('package', this.spelling(spellingKey('package', id), id));
  }

  interfaces(aliases: readonly string[], field: 'inInterface' | 'outInterface'): Match {
    return anyOf(
      aliases.map((alias): Match => {
        const star = alias.endsWith('*');
        return { kind: 'name', field, name: star ? alias.slice(0, -1) : alias, prefix: star };
      }),
    );
  }

  interfaceTypes(types: readonly Written[], polarity: Polarity): Match {
    const parts: Match[] = [];
    for (const written of types) {
      for (const piece of written.text.split(',')) {
        const word = piece.trim();
        if (word === '') continue;
        if (/^(any|all|\*)$/i.test(word)) return all;
        const type = interfaceTypeNames.get(word.toLowerCase().replace(/[\s_-]/g, ''));
        if (type !== undefined) parts.push(this.name('interfaceType', type));
        else {
          this.report(written, word, 'Wired, Wireless or RemoteAccess');
          parts.push(
            unknownNarrowing(`type:${word}`, polarity, `interface type “${word}” is not understood`),
          );
        }
      }
    }
    return parts.length === 0 ? all : anyOf(parts);
  }

  /** A condition that we know but cannot settle. */
  condition(known: KnownCondition): Match {
    const same = this.conditions.get(known.key);
    if (same?.reason === known.reason) return same;
    const match = condition(known);
    this.conditions.set(known.key, match);
    return match;
  }

  /** What the export does not show of any rule. */
  hidden(reason: string, polarity: Polarity): Match {
    let match = this.hiddenParts[polarity].get(reason);
    if (match === undefined) {
      match = unknownNarrowing(`hidden:${reason}`, polarity, reason);
      this.hiddenParts[polarity].set(reason, match);
    }
    return match;
  }

  private name(field: NameField, name: string): Match {
    const key = `${field}\0${name}`;
    let match = this.names.get(key);
    if (match === undefined) {
      match = { kind: 'name', field, name, prefix: false };
      this.names.set(key, match);
    }
    return match;
  }

  /** Windows compares names without case: the first spelling met stands for all. */
  private spelling(key: string, spelling: string): string {
    const first = this.spellings.get(key);
    if (first !== undefined) return first;
    this.spellings.set(key, spelling);
    return spelling;
  }

  private report(written: Written, word: string, expected: string): void {
    this.misread = true;
    this.diagnostics.push({
      code: 'FW1004',
      severity: 'error',
      message: `read “${word}”, expected ${expected}`,
      span: partOf(this.rule, written),
    });
  }
}

/** What lists were understood as, by what is written. */
class KnownLists {
  /** Of one list, by the family of its field. */
  private readonly single = {
    any: new Map<string, Match>(),
    ipv4: new Map<string, Match>(),
    ipv6: new Map<string, Match>(),
  };
  private readonly several = new Map<string, Match>();

  get(lists: readonly WrittenAddress[]): Match | undefined {
    return lists.length === 1
      ? this.single[lists[0]!.family ?? 'any'].get(lists[0]!.text)
      : this.several.get(keyOf(lists));
  }

  set(lists: readonly WrittenAddress[], match: Match): void {
    if (lists.length === 1) this.single[lists[0]!.family ?? 'any'].set(lists[0]!.text, match);
    else this.several.set(keyOf(lists), match);
  }
}

/** Lengths tell where a text ends, whatever it holds. */
function keyOf(lists: readonly WrittenAddress[]): string {
  let key = '';
  for (const { text, family } of lists) key += `${family ?? ''}${text.length}:${text}`;
  return key;
}

/** Disjunction of however many parts: a forged list must not overflow the stack of a call. */
function anyOf(parts: readonly Match[]): Match {
  if (parts.length <= 1000) return or(...parts);
  return parts.some(({ kind }) => kind === 'all') ? all : { kind: 'or', of: parts };
}

/** Disjunction of tests of ports, the plain ones in one list. */
function anyPort(parts: readonly Match[], field: 'sourcePort' | 'destinationPort'): Match {
  const values = parts.flatMap((part) => (part.kind === 'number' && part.field === field ? part.values : []));
  if (values.length === 0) return anyOf(parts);
  const others = parts.filter((part) => part.kind !== 'number' || part.field !== field);
  return anyOf([{ kind: 'number', field, values: normalize(values) }, ...others]);
}

/** The place of a word (in the rule, or in a filter elsewhere), or the whole rule where a container does not tell more. */
function partOf(rule: Span, { text, at, source = rule.source }: Written): Span {
  const end = at + text.length;
  if (source !== rule.source) return { source, start: at, end };
  if (at === rule.start) return rule;
  return { source, start: at, end: at > rule.start && at < rule.end ? Math.min(end, rule.end) : end };
}

/** A condition that we know but cannot settle. */
export function condition({ key, reason }: KnownCondition): UnknownMatch {
  return { kind: 'unknown', scope: 'packet', key, reason };
}

const someService = condition({
  key: 'windows:service:*',
  reason: 'only while a Windows service listens, not a plain program',
});

function portMatch(list: PortList, field: 'sourcePort' | 'destinationPort', polarity: Polarity): Match {
  if (list.any) return all;
  const test = (values: IntervalSet): Match => ({ kind: 'number', field, values });
  const parts: Match[] = list.ports.length > 0 ? [test(list.ports)] : [];
  for (const { within, ...known } of list.conditional) {
    parts.push(within === undefined ? condition(known) : and(test(within), condition(known)));
  }
  for (const word of list.bad) {
    parts.push(unknownNarrowing(`port:${word}`, polarity, `port “${word}” is not understood`));
  }
  return parts.length === 0 ? all : anyOf(parts);
}

const profileMatches: readonly Match[] = Array.from({ length: allProfiles + 1 }, (_, bits): Match => {
  if (bits === allProfiles) return all;
  if (bits === 0) return none;
  return or(
    ...windowsProfiles
      .filter((profile) => (bits & profileBits[profile]) !== 0)
      .map((profile): Match => ({ kind: 'name', field: 'profile', name: profile, prefix: false })),
  );
});

const interfaceTypeNames = new Map([
  ['lan', 'wired'],
  ['wired', 'wired'],
  ['wireless', 'wireless'],
  ['ras', 'remote-access'],
  ['remoteaccess', 'remote-access'],
]);

/** Everything but the profiles of `bits`. */
export function outsideProfiles(bits: number): Match {
  return not(profileMatches[bits & allProfiles]!);
}
