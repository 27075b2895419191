import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import {
  netshFields,
  type NetshField,
  type NetshLanguage,
  type NetshWord,
} from '../../../grammars/windows/netsh-language.ts';
import {
  netshLabelOf,
  parseNetshText,
  type NetshBlock,
  type NetshFieldLine,
  type NetshProfile,
} from '../../../grammars/windows/netsh-text.ts';
import type { Source, Span } from '../../source/source.ts';
import { addOnce, openedRule, readingCondition, readingsOf } from './conflicting-values.ts';
import { parseFirewallPolicy } from './firewall-policy.ts';
import { icmpTable, netshDimensions, unwrapped } from './netsh-values.ts';
import { parseProtocol } from './protocols.ts';
import { authenticatedCondition } from './security.ts';
import { allProfiles, profileBits, type KnownCondition, type ProfileSettings } from './windows-rule.ts';
import type { WindowsRule, Written } from './windows-rule.ts';

/** What a listing without `verbose` leaves out. */
export const hiddenWithoutVerbose =
  'netsh without “verbose” shows no program, service, interface type, security or package of the rule';
const hiddenPackage =
  'netsh shows no application package or user, to which a rule for any protocol is often limited';

/** Reads a listing from its start to its end; what it has found is complete only then. */
export class NetshReader {
  readonly profiles: ProfileSettings[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly assumptions: string[] = [];
  private readonly source: Source;
  private readonly language: NetshLanguage;
  /** By the first of the words that may stand at the same place: what each spelling means. */
  private readonly words = new Map<NetshWord, Map<string, NetshWord>>();
  private readonly anyWords: ReadonlySet<string>;
  private readonly profileLists = new Map<string, number>();
  private readonly protocols = new Map<string, WindowsRule['protocol'] | undefined>();
  /** Of the rule in hand. */
  private readonly fields = new Array<NetshFieldLine | undefined>(netshFields.length);
  private firstRule: Span | undefined;
  private lastRule = 0;
  private withoutVerbose = 0;

  constructor(source: Source, language: NetshLanguage) {
    this.source = source;
    this.language = language;
    for (const group of wordGroups) {
      const meanings = new Map<string, NetshWord>();
      for (const word of group)
        for (const spelling of language.words[word]) meanings.set(spelling.toLowerCase(), word);
      this.words.set(group[0]!, meanings);
    }
    this.anyWords = new Set([
      'any',
      '*',
      ...language.words.any,
      ...language.words.any.map((word) => word.toLowerCase()),
    ]);
  }

  *rules(): Generator<WindowsRule> {
    for (const part of parseNetshText(this.source.text, this.language)) {
      if (part.kind === 'rule') yield* this.rulesOf(part);
      else if (part.kind === 'profile') this.profile(part);
    }
    this.end();
  }

  get dialect(): string {
    return this.firstRule === undefined && this.profiles.length > 0
      ? 'netsh-profiles'
      : `netsh-${this.language.code}`;
  }

  private end(): void {
    if (this.firstRule === undefined) return;
    const { text } = this.source;
    const lastLine = text.slice(text.trimEnd().lastIndexOf('\n') + 1).trim();
    // Copied from a console, a prompt follows.
    const ended = text
      .slice(this.lastRule)
      .split('\n')
      .some((line) => this.language.end.some((end) => line.trim().toLowerCase() === end.toLowerCase()));
    if (!ended) {
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
      this.assumptions.push('The netsh listing lacks its final line: no rules are taken to follow');
    }
    if (this.withoutVerbose > 0) {
      this.diagnostics.push({
        code: 'FW1403',
        severity: 'warning',
        message: `${this.withoutVerbose} rules were listed without “verbose”: programs, services, interface types and security are not shown`,
        span: this.firstRule,
        help: 'Run: netsh advfirewall firewall show rule name=all verbose',
      });
    } else {
      this.assumptions.push(
        'netsh shows no application packages: a rule with ports or a program is taken to have none',
      );
    }
  }

  /** One rule, or several readings of it. */
  private rulesOf(block: NetshBlock): readonly WindowsRule[] {
    this.firstRule ??= this.spanOf(block);
    this.lastRule = block.start;
    const fields = this.fields.fill(undefined);
    let conflicts: Map<NetshField, NetshFieldLine[]> | undefined;
    for (const line of block.fields) {
      const index = fieldIndex[line.field];
      const before = fields[index];
      if (before === undefined) fields[index] = line;
      else if (before.value !== line.value && line.field !== 'description' && line.field !== 'grouping') {
        conflicts ??= new Map();
        const values = conflicts.get(line.field);
        if (values === undefined) {
          conflicts.set(line.field, [before, line]);
          this.conflict(block, line);
        } else if (!values.some(({ value }) => value === line.value)) values.push(line);
      }
    }
    return conflicts === undefined ? [this.rule(block, fields, [])] : this.readings(block, fields, conflicts);
  }

  private readings(
    block: NetshBlock,
    fields: readonly (NetshFieldLine | undefined)[],
    conflicts: ReadonlyMap<NetshField, readonly NetshFieldLine[]>,
  ): readonly WindowsRule[] {
    const labels = [...conflicts.keys()].map((field) => this.language.labels[field][0]!);
    const readings = readingsOf(conflicts);
    const before = this.diagnostics.length;
    const without = this.withoutVerbose;
    const rules = (readings ?? [new Map<NetshField, NetshFieldLine>()]).map((chosen, i) => {
      const read = [...fields];
      for (const [field, line] of chosen) read[fieldIndex[field]] = line;
      return this.rule(block, read, [readingCondition(`${this.source.id}:${block.start}`, i, labels)]);
    });
    addOnce(this.diagnostics.splice(before), this.diagnostics);
    this.withoutVerbose = Math.min(this.withoutVerbose, without + 1);
    if (readings === undefined) {
      const opened = new Set([...conflicts.keys()].flatMap((field) => netshDimensions[field] ?? []));
      return rules.map((rule) => openedRule(rule, opened));
    }
    return rules.map((rule, i) => (i === 0 ? rule : { ...rule, isReading: true }));
  }

  private spanOf({ start, end }: NetshBlock): Span {
    return { source: this.source.id, start, end };
  }

  private rule(
    block: NetshBlock,
    fields: readonly (NetshFieldLine | undefined)[],
    unknowns: KnownCondition[],
  ): WindowsRule {
    for (const line of block.fields) if (line.more.length > 0) this.strangers(block, line, unknowns);
    const span = this.spanOf(block);
    const enabled = this.word('yes', fields[fieldIndex.enabled], 'Enabled', block, unknowns);
    const direction = this.word('in', fields[fieldIndex.direction], 'Direction', block, unknowns);
    const action = this.word('allow', fields[fieldIndex.action], 'Action', block, unknowns);
    const written = fields[fieldIndex.protocol];
    const protocol = this.protocol(written, block, unknowns);
    const program = this.limit(fields[fieldIndex.program]);
    const security = fields[fieldIndex.security];
    const ruleSource = fields[fieldIndex.source];
    const verbose =
      fields[fieldIndex.interfaceTypes] !== undefined ||
      security !== undefined ||
      ruleSource !== undefined ||
      fields[fieldIndex.program] !== undefined;
    if (!verbose) this.withoutVerbose++;
    return {
      span,
      name: block.name,
      needsLabel: true,
      store: ruleSource !== undefined && this.isWord('policySource', ruleSource.value) ? 'policy' : 'local',
      enabled: enabled === undefined ? 'unknown' : enabled === 'yes',
      direction: direction === 'in' || direction === 'out' ? direction : 'unknown',
      action: action === 'allow' || action === 'block' || action === 'bypass' ? action : 'unknown',
      profiles: this.profileBits(fields[fieldIndex.profiles], unknowns),
      protocol,
      localPorts: this.list(fields[fieldIndex.localPort]),
      remotePorts: this.list(fields[fieldIndex.remotePort]),
      localAddresses: this.list(fields[fieldIndex.localIp]),
      remoteAddresses: this.list(fields[fieldIndex.remoteIp]),
      icmp: written === undefined || written.more.length === 0 ? undefined : icmpTable(written),
      program,
      service: this.service(fields[fieldIndex.service]),
      interfaceTypes: this.list(fields[fieldIndex.interfaceTypes]),
      conditions: security !== undefined && this.isSecured(security.value) ? [authenticatedCondition] : [],
      hidden: !verbose
        ? hiddenWithoutVerbose
        : protocol === 'any' && program === undefined
          ? hiddenPackage
          : undefined,
      unknowns,
    };
  }

  private profile(part: NetshProfile): void {
    const span = { source: this.source.id, start: part.start, end: part.end };
    let settings: ProfileSettings = { profile: part.profile, store: 'effective', span };
    for (const { setting, value, start, end } of part.settings) {
      const at = { source: this.source.id, start, end };
      switch (setting) {
        case 'state': {
          const state = this.meaning('on', value);
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
          const word = this.meaning('enabled', value);
          if (word !== undefined) settings = { ...settings, localRules: word === 'enabled' };
        }
      }
    }
    this.profiles.push(settings);
  }

  /** What the word means, if it is one of its group; words are compared without case, and remembered as they are written. */
  private meaning(group: NetshWord, written: string): NetshWord | undefined {
    const meanings = this.words.get(group)!;
    const known = meanings.get(written);
    if (known !== undefined) return known;
    const meaning = meanings.get(written.toLowerCase());
    if (meaning !== undefined) meanings.set(written, meaning);
    return meaning;
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
    const word = this.meaning(group, line.value);
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
    let protocol = this.protocols.get(line.value);
    if (protocol === undefined) {
      protocol = this.isAny(line.value) ? 'any' : parseProtocol(line.value);
      this.protocols.set(line.value, protocol);
    }
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
      const word = this.meaning('domain', piece.trim());
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
    return [{ text: line.more.length === 0 ? line.value : unwrapped(line), at: line.at }];
  }

  /** Lines between the known ones that have a label, too: they may narrow the rule. */
  private strangers(block: NetshBlock, line: NetshFieldLine, unknowns: KnownCondition[]): void {
    if (line.field === 'description') return;
    for (const text of line.more) {
      const label = netshLabelOf(text);
      if (label === undefined) continue;
      this.misread(
        block,
        `the rule “${block.name}” has a line “${label}” that is not known`,
        line.at,
        line.at,
      );
      unknowns.push({ key: `windows:netsh:label:${label}`, reason: `the line “${label}” is not understood` });
    }
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

  private isAny(value: string): boolean {
    return this.anyWords.has(value) || this.anyWords.has(value.toLowerCase());
  }

  private isSecured(security: string): boolean {
    return security !== '' && !this.isWord('notRequired', security);
  }

  private isWord(word: NetshWord, value: string): boolean {
    return this.language.words[word].some((spelling) => spelling.toLowerCase() === value.toLowerCase());
  }

  private conflict(block: NetshBlock, line: NetshFieldLine): void {
    const label = this.language.labels[line.field][0]!;
    this.diagnostics.push({
      code: 'FW1406',
      severity: 'error',
      message: `the rule “${block.name}” has several “${label}” lines; each of them may count, so the rule is only “possible”`,
      span: { source: this.source.id, start: line.at, end: line.at + line.value.length },
      help: 'A description can imitate lines of the listing; look at the rule in the firewall console.',
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

const fieldIndex = Object.fromEntries(netshFields.map((field, i) => [field, i])) as Readonly<
  Record<NetshField, number>
>;

/** Words that may stand at the same place. */
const wordGroups: readonly (readonly NetshWord[])[] = [
  ['yes', 'no'],
  ['in', 'out'],
  ['domain', 'private', 'public'],
  ['allow', 'block', 'bypass'],
  ['on', 'off'],
  ['enabled', 'disabled'],
];
