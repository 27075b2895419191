import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import {
  netshFields,
  type NetshField,
  type NetshLanguage,
  type NetshWord,
} from '../../../grammars/windows/netsh-language.ts';
import {
  parseNetshText,
  type NetshBlock,
  type NetshFieldLine,
  type NetshProfile,
} from '../../../grammars/windows/netsh-text.ts';
import type { Source } from '../../source/source.ts';
import { parseFirewallPolicy } from './firewall-policy.ts';
import { parseProtocol } from './protocols.ts';
import { authenticatedCondition } from './security.ts';
import { allProfiles, profileBits, type KnownCondition, type ProfileSettings } from './windows-rule.ts';
import type { WindowsFacts, WindowsRule, Written } from './windows-rule.ts';

/** What a listing without `verbose` leaves out. */
export const hiddenWithoutVerbose =
  'netsh without “verbose” shows no program, service, interface type, security or package of the rule';
const hiddenPackage =
  'netsh shows no application package or user, to which a rule for any protocol is often limited';

/** `netsh advfirewall firewall show rule` and `show allprofiles`, in any mixture of the two. */
export function readNetsh(source: Source, language: NetshLanguage): WindowsFacts {
  const reader = new NetshReader(source, language);
  for (const part of parseNetshText(source.text, language)) {
    if (part.kind === 'rule') reader.rule(part);
    else if (part.kind === 'profile') reader.profile(part);
  }
  return reader.facts();
}

class NetshReader {
  private readonly source: Source;
  private readonly language: NetshLanguage;
  private readonly rules: WindowsRule[] = [];
  private readonly profiles: ProfileSettings[] = [];
  private readonly diagnostics: Diagnostic[] = [];
  private readonly assumptions = new Set<string>();
  private readonly words = new Map<string, NetshWord>();
  private readonly anyWords: ReadonlySet<string>;
  private readonly profileLists = new Map<string, number>();
  private withoutVerbose = 0;

  constructor(source: Source, language: NetshLanguage) {
    this.source = source;
    this.language = language;
    for (const group of wordGroups) {
      for (const word of group) {
        for (const spelling of language.words[word])
          this.words.set(`${group[0]}:${spelling.toLowerCase()}`, word);
      }
    }
    this.anyWords = new Set(['any', '*', ...language.words.any.map((word) => word.toLowerCase())]);
  }

  facts(): WindowsFacts {
    const { text } = this.source;
    const lastLine = text.slice(text.trimEnd().lastIndexOf('\n') + 1).trim();
    const ended = this.language.end.some((end) => lastLine.toLowerCase() === end.toLowerCase());
    if (!ended && this.rules.length > 0) {
      this.diagnostics.push({
        code: 'FW1408',
        severity: 'warning',
        message: `the listing does not end with “${this.language.end[0]!}”: rules after its end were not exported`,
        span: {
          source: this.source.id,
          start: Math.max(0, text.trimEnd().length - lastLine.length),
          end: text.length,
        },
        help: 'Export again, if it was cut; nothing to do, if you cut it yourself.',
      });
      this.assumptions.add('The netsh listing lacks its final line: no rules are taken to follow');
    }
    if (this.withoutVerbose > 0) {
      this.diagnostics.push({
        code: 'FW1403',
        severity: 'warning',
        message: `${this.withoutVerbose} rules were listed without “verbose”: programs, services, interface types and security are not shown`,
        ...(this.rules[0] === undefined ? {} : { span: this.rules[0].span }),
        help: 'Run: netsh advfirewall firewall show rule name=all verbose',
      });
    } else if (this.rules.length > 0) {
      this.assumptions.add(
        'netsh shows no application packages: a rule with ports or a program is taken to have none',
      );
    }
    return {
      dialect:
        this.rules.length === 0 && this.profiles.length > 0
          ? 'netsh-profiles'
          : `netsh-${this.language.code}`,
      rules: this.rules,
      profiles: this.profiles,
      diagnostics: this.diagnostics,
      assumptions: [...this.assumptions],
    };
  }

  rule(block: NetshBlock): void {
    const span = { source: this.source.id, start: block.start, end: block.end };
    const fields = new Array<NetshFieldLine | undefined>(netshFields.length);
    const unknowns: KnownCondition[] = [];
    for (const line of block.fields) {
      const index = fieldIndex.get(line.field)!;
      const before = fields[index];
      if (before === undefined) fields[index] = line;
      else if (before.value !== line.value) this.conflict(block, line, unknowns);
    }
    const field = (name: NetshField): NetshFieldLine | undefined => fields[fieldIndex.get(name)!];
    const enabled = this.word('yes', field('enabled'), 'Enabled', block, unknowns);
    const direction = this.word('in', field('direction'), 'Direction', block, unknowns);
    const action = this.word('allow', field('action'), 'Action', block, unknowns);
    const written = field('protocol');
    const protocol = this.protocol(written, block, unknowns);
    const program = this.limit(field('program'));
    const conditions: KnownCondition[] = [];
    const security = field('security');
    if (security !== undefined && security.value !== '' && !this.isWord('notRequired', security.value)) {
      conditions.push(authenticatedCondition);
    }
    const verbose =
      field('interfaceTypes') !== undefined ||
      security !== undefined ||
      field('source') !== undefined ||
      field('program') !== undefined;
    if (!verbose) this.withoutVerbose++;
    this.rules.push({
      span,
      name: block.name,
      needsLabel: true,
      store: this.isWord('policySource', field('source')?.value ?? '') ? 'policy' : 'local',
      enabled: enabled === undefined ? 'unknown' : enabled === 'yes',
      direction: direction === 'in' || direction === 'out' ? direction : 'unknown',
      action: action === 'allow' || action === 'block' || action === 'bypass' ? action : 'unknown',
      profiles: this.profileBits(field('profiles'), unknowns),
      protocol,
      localPorts: this.list(field('localPort')),
      remotePorts: this.list(field('remotePort')),
      localAddresses: this.list(field('localIp')),
      remoteAddresses: this.list(field('remoteIp')),
      icmp: written === undefined || written.more.length === 0 ? undefined : this.icmpTable(written),
      program,
      service: this.service(field('service')),
      interfaceTypes: this.list(field('interfaceTypes')),
      conditions,
      hidden: !verbose
        ? hiddenWithoutVerbose
        : protocol === 'any' && program === undefined
          ? hiddenPackage
          : undefined,
      unknowns,
    });
  }

  profile(part: NetshProfile): void {
    const span = { source: this.source.id, start: part.start, end: part.end };
    let settings: ProfileSettings = { profile: part.profile, store: 'effective', span };
    for (const { setting, value, start, end } of part.settings) {
      const at = { source: this.source.id, start, end };
      switch (setting) {
        case 'state': {
          const state = this.words.get(`on:${value.toLowerCase()}`);
          if (state === undefined)
            settings = { ...settings, unknown: `state “${value}” is neither on nor off` };
          else
            settings = { ...settings, enabled: state === 'on', span: state === 'off' ? at : settings.span };
          break;
        }
        case 'policy':
          settings = { ...settings, ...parseFirewallPolicy(value) };
          break;
        case 'localRules': {
          const word = this.words.get(`enabled:${value.toLowerCase()}`);
          if (word !== undefined) settings = { ...settings, localRules: word === 'enabled' };
        }
      }
    }
    this.profiles.push(settings);
  }

  private word(
    group: NetshWord,
    line: NetshFieldLine | undefined,
    label: string,
    block: NetshBlock,
    unknowns: KnownCondition[],
  ): NetshWord | undefined {
    if (line === undefined) {
      this.misread(block, `the rule “${block.name}” has no “${label}” line`, block.start, block.start + 1);
      unknowns.push({ key: `windows:netsh:no-${label}`, reason: `the rule has no “${label}” line` });
      return undefined;
    }
    const word = this.words.get(`${group}:${line.value.toLowerCase()}`);
    if (word === undefined) {
      const expected = wordGroups
        .find((words) => words[0] === group)!
        .flatMap((one) => this.language.words[one][0]!)
        .join(', ');
      this.misread(
        block,
        `read “${line.value}”, expected one of ${expected}`,
        line.at,
        line.at + line.value.length,
      );
      unknowns.push({
        key: `windows:netsh:${label}:${line.value}`,
        reason: `“${label}: ${line.value}” is not understood`,
      });
    }
    return word;
  }

  private protocol(
    line: NetshFieldLine | undefined,
    block: NetshBlock,
    unknowns: KnownCondition[],
  ): WindowsRule['protocol'] {
    if (line === undefined) {
      this.misread(block, `the rule “${block.name}” has no “Protocol” line`, block.start, block.start + 1);
      unknowns.push({ key: 'windows:netsh:no-Protocol', reason: 'the rule has no “Protocol” line' });
      return 'unknown';
    }
    if (this.isAny(line.value)) return 'any';
    const protocol = parseProtocol(line.value);
    if (protocol !== undefined) return protocol;
    this.misread(block, `read “${line.value}”, expected a protocol`, line.at, line.at + line.value.length);
    unknowns.push({
      key: `windows:protocol:${line.value}`,
      reason: `protocol “${line.value}” is not understood`,
    });
    return 'unknown';
  }

  private profileBits(line: NetshFieldLine | undefined, unknowns: KnownCondition[]): number {
    if (line === undefined || line.value === '' || this.isAny(line.value)) return allProfiles;
    const seen = this.profileLists.get(line.value);
    if (seen !== undefined) return seen;
    let bits = 0;
    for (const piece of line.value.split(',')) {
      const word = this.words.get(`domain:${piece.trim().toLowerCase()}`);
      if (word === 'domain' || word === 'private' || word === 'public') bits |= profileBits[word];
      else {
        this.diagnostics.push({
          code: 'FW1004',
          severity: 'error',
          message: `read “${piece.trim()}”, expected one of ${(['domain', 'private', 'public'] as const).map((one) => this.language.words[one][0]!).join(', ')}`,
          span: { source: this.source.id, start: line.at, end: line.at + line.value.length },
        });
        unknowns.push({
          key: `windows:profile:${piece}`,
          reason: `profile “${piece.trim()}” is not understood`,
        });
        return allProfiles;
      }
    }
    this.profileLists.set(line.value, bits);
    return bits;
  }

  private list(line: NetshFieldLine | undefined): readonly Written[] | undefined {
    if (line === undefined || line.value === '') return undefined;
    const first = line.value.charCodeAt(0);
    if ((first < 48 || first > 57) && this.isAny(line.value)) return undefined;
    return [{ text: line.value, at: line.at }];
  }

  private limit(line: NetshFieldLine | undefined): string | undefined {
    return line === undefined || line.value === '' || (line.value !== '*' && this.isAny(line.value))
      ? undefined
      : line.value;
  }

  /** A rule without limit has no such line; `Any` means any service, but no plain program (`add rule ?`). */
  private service(line: NetshFieldLine | undefined): string | undefined {
    if (line === undefined || line.value === '') return undefined;
    return this.isAny(line.value) ? '*' : line.value;
  }

  /** The two-column table under an ICMP protocol; its translated heading holds no number. */
  private icmpTable(line: NetshFieldLine): readonly Written[] | undefined {
    const types: Written[] = [];
    for (const row of line.more) {
      const [type, code = '*'] = row.split(/\s+/);
      if (type === undefined || !/^\d+$/.test(type)) continue;
      types.push({ text: `${type}:${/^\d+$/.test(code) ? code : '*'}`, at: line.at });
    }
    return types.length === 0 ? undefined : types;
  }

  private isAny(value: string): boolean {
    return this.anyWords.has(value.toLowerCase());
  }

  private isWord(word: NetshWord, value: string): boolean {
    return this.language.words[word].some((spelling) => spelling.toLowerCase() === value.toLowerCase());
  }

  private conflict(block: NetshBlock, line: NetshFieldLine, unknowns: KnownCondition[]): void {
    const label = this.language.labels[line.field][0]!;
    if (line.field === 'description' || line.field === 'grouping') return;
    this.diagnostics.push({
      code: 'FW1406',
      severity: 'error',
      message: `the rule “${block.name}” has several “${label}” lines; the first counts, and the rule is only “possible”`,
      span: { source: this.source.id, start: line.at, end: line.at + line.value.length },
      help: 'A description can imitate lines of the listing; look at the rule in the firewall console.',
    });
    unknowns.push({
      key: `windows:netsh:twice:${block.start}`,
      reason: `the rule has several “${label}” lines`,
    });
  }

  private misread(block: NetshBlock, message: string, start: number, end: number): void {
    this.diagnostics.push({
      code: 'FW1004',
      severity: 'error',
      message,
      span: { source: this.source.id, start, end: Math.max(end, start) },
      help: `The rule “${block.name}” is kept; answers that hang on this part are “possible”.`,
    });
  }
}

const fieldIndex = new Map<NetshField, number>(netshFields.map((field, i) => [field, i]));

/** Words that may stand at the same place. */
const wordGroups: readonly (readonly NetshWord[])[] = [
  ['yes', 'no'],
  ['in', 'out'],
  ['domain', 'private', 'public'],
  ['allow', 'block', 'bypass'],
  ['on', 'off'],
  ['enabled', 'disabled'],
];
