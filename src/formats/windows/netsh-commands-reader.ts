import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { parseCommands, type Command, type CommandWord } from '../../../grammars/windows/netsh-commands.ts';
import type { Source, Span } from '../../source/source.ts';
import { asRun, loopFinder, loopsOf } from './batch-loops.ts';
import { BatchVariables } from './batch-variables.ts';
import { CommandFlow } from './command-flow.ts';
import { parseFirewallPolicy } from './firewall-policy.ts';
import { NetshContext } from './netsh-context.ts';
import { keepsFirewallOn, legacyRules } from './netsh-legacy-commands.ts';
import { settingsOf } from './netsh-settings.ts';
import { parseProtocol } from './protocols.ts';
import { authenticatedCondition, encryptedCondition, principalCondition } from './security.ts';
import {
  allProfiles,
  profileBits,
  windowsProfiles,
  type KnownCondition,
  type ProfileSettings,
  type WindowsFacts,
  type WindowsProfile,
  type WindowsRule,
  type Written,
} from './windows-rule.ts';

/** A rule under construction: later `set rule` commands change it. */
interface AddedRule {
  readonly span: Span;
  readonly settings: Map<string, Written>;
  /** Its making, or its end, hangs on something that only a run tells. */
  guarded: boolean;
  /** Counts what perhaps became of a rule: whether it did is a question of its own. */
  readonly version?: number;
  /** What else the rule hangs on. */
  readonly condition?: KnownCondition;
}

/** Files of `netsh advfirewall …` commands: what they leave behind when they have run, on a host without rules of its own. */
export function readNetshCommands(source: Source): WindowsFacts {
  const reader = new CommandReader(source);
  const commands = parseCommands(source.text);
  const loops = loopsOf(source.text, commands);
  const flow = new CommandFlow(source.text, commands, new Set(loops.map(({ from }) => from)));
  const variables = new BatchVariables(source.text);
  const loopOf = loopFinder(loops);
  for (const command of commands) {
    const inBlock = flow.isInBlock;
    const guarded = flow.isGuarded(command);
    const loop = loopOf(command);
    const isPlain = !inBlock && loop === undefined && command.after === undefined;
    variables.follow(command, !guarded && isPlain);
    for (const one of asRun(command, loop, (words) => variables.inWords(words)))
      reader.command(one.command, guarded || one.guarded);
  }
  return reader.facts();
}

/** Words in front of netsh that change nothing of what it does. */
const starters = /^[@(&]*(?:call|start|start-process|\/wait|\/b|cmd(?:\.exe)?|\/c|&|\$\w+|=)?$/;
/** Commands that only say something. */
const talk =
  /^[@(]*(?:echo\b.*|rem|title|write-\w+|throw|out-\w+|select-string|findstr(?:\.exe)?|find(?:\.exe)?|log\w*)$/;
const changesFirewall = /\b(?:New|Set|Enable|Disable|Remove|Copy)-NetFirewall/i;
const netshChanges = /\badvf?\w*\W+(?:f\w*\W+)?(?:add|set|delete|reset|import)\b/i;

class CommandReader {
  private readonly source: Source;
  private readonly diagnostics: Diagnostic[] = [];
  private readonly profiles: ProfileSettings[] = [];
  private rules: AddedRule[] = [];
  private versions = 0;

  private readonly position: NetshContext;

  constructor(source: Source) {
    this.source = source;
    this.position = new NetshContext(source.text);
  }

  facts(): WindowsFacts {
    return {
      dialect: 'netsh-commands',
      rules: this.rules.map((rule) => this.ruleOf(rule)),
      profiles: this.profiles,
      diagnostics: this.diagnostics,
      assumptions: [
        'A command file says what it adds: the host is taken to have no other rules, and the file to run to its end',
      ],
    };
  }

  command(command: Command, inBlock: boolean): void {
    const words = command.words.map(({ text }) => text.toLowerCase());
    const first = words.findIndex((word) => /(?:^|[\\/@({&])netsh(?:\.exe)?$/.test(word));
    if (first < 0 && this.position.moves(command.words)) return;
    // A netsh script (`netsh -f`) leaves the first word out, and what it has said before.
    const script = first < 0 && words[0] !== 'advfirewall' ? this.position.command(command.words) : undefined;
    if (first < 0 && words[0] !== 'advfirewall' && script === undefined) {
      this.indirect(command, words);
      return;
    }
    if (first > 0 && talk.test(words[0]!)) return;
    const guarded = inBlock || words.slice(0, Math.max(first, 0)).some((word) => !starters.test(word));
    const args = script ?? this.context(command, command.words.slice(first + 1));
    if (args === undefined) return;
    const rest = args.map(({ text }) => text.toLowerCase());
    if (!begins(rest[0], 'advfirewall', 3)) {
      if (begins(rest[0], 'firewall', 1)) this.oldCommand(command, args.slice(1), guarded);
      else this.indirect(command, words);
      return;
    }
    const span = this.spanOf(command);
    if (begins(rest[1], 'firewall', 1)) {
      const is = (verb: string): boolean => begins(rest[2], verb, 1) && begins(rest[3], 'rule', 1);
      if (is('add')) this.rules.push({ span, settings: settingsOf(args.slice(4)), guarded });
      else if (is('delete')) this.deleteRules(command, settingsOf(args.slice(4)), guarded);
      else if (is('set')) this.setRules(command, args.slice(4), guarded);
      else if (!begins(rest[2], 'show', 2) && rest[2] !== undefined)
        this.notUnderstood(command, `“${`${rest[2]} ${rest[3] ?? ''}`.trim()}”`);
      return;
    }
    if (rest[1] === 'set' && rest[2] !== undefined) this.setProfile(command, rest.slice(2), guarded);
    else if (rest[1] === 'reset') {
      if (guarded) for (const rule of this.rules) rule.guarded = true;
      else this.rules = [];
      this.notUnderstood(command, '“reset”, which brings back the rules that Windows is delivered with');
    } else if (rest[1] === 'import') this.notUnderstood(command, '“import” of another file');
  }

  /** What follows `netsh`: options are taken off, and `-c advfirewall` comes before the command. */
  private context(command: Command, words: readonly CommandWord[]): readonly CommandWord[] | undefined {
    let rest = words;
    let context: readonly CommandWord[] = [];
    for (;;) {
      const option = /^[-/]([acrupf])$/i.exec(rest[0]?.text ?? '')?.[1]?.toLowerCase();
      const value = rest[1];
      if (option === undefined || value === undefined) return [...context, ...rest];
      rest = rest.slice(2);
      if (option === 'c') context = value.text.split(/\s+/).map((text) => ({ text, at: value.at }));
      else if (option === 'r' || option === 'f' || option === 'a') {
        const what = option === 'r' ? 'a command for another computer' : 'commands of another file';
        this.notUnderstood(command, what);
        return undefined;
      }
    }
  }

  /** Commands in the quotes of another one (`cmd /c "netsh …"`), and those of PowerShell: not followed, but told. */
  private indirect(command: Command, words: readonly string[]): void {
    if (talk.test(words[0]!)) return;
    const written = this.source.text.slice(command.start, command.end);
    if (/netsh/i.test(written) && netshChanges.test(written))
      this.notUnderstood(command, 'a netsh command inside another command');
    else if (/^[@(]*(?:powershell|pwsh)(?:\.exe)?$/.test(words[0]!) && changesFirewall.test(written))
      this.notUnderstood(command, 'a command of PowerShell that changes the firewall');
  }

  /** `netsh firewall …` of Windows XP, which later systems take, too: for which of their profiles is theirs to say. */
  private oldCommand(command: Command, args: readonly CommandWord[], guarded: boolean): void {
    const added = legacyRules(args);
    const span = this.spanOf(command);
    const reason = 'an old “netsh firewall” command: Windows says for which profiles it counts';
    if (added !== undefined) {
      const condition = { key: `windows:netsh-firewall:${span.start}`, reason };
      for (const settings of added) this.rules.push({ span, settings, guarded, condition });
    } else if (!keepsFirewallOn(args)) {
      if (/^opmode$/i.test(args[1]?.text ?? ''))
        for (const profile of windowsProfiles)
          this.profiles.push({ profile, store: 'effective', span, unknown: reason });
      this.notUnderstood(command, 'an old “netsh firewall” command');
    }
  }

  private setProfile(command: Command, words: readonly string[], guarded: boolean): void {
    const [target, setting, ...values] = words;
    const name = target?.replace(/(?:profiles?)$/, '');
    const span = this.spanOf(command);
    const profiles: readonly WindowsProfile[] =
      name === 'all' ? windowsProfiles : windowsProfiles.filter((one) => one === name);
    if (profiles.length === 0 || guarded) {
      if (setting !== 'state' && setting !== 'firewallpolicy') return;
      const when = guarded ? 'under a condition' : `for profile “${target ?? ''}”`;
      const unknown = `“${setting} ${values.join(' ')}” is set ${when}`;
      for (const profile of profiles.length === 0 ? windowsProfiles : profiles)
        this.profiles.push({ profile, store: 'effective', span, unknown });
      return;
    }
    const value = values.join('').trim();
    for (const profile of profiles) {
      const base = { profile, store: 'effective', span } as const;
      if (setting === 'state') {
        if (value === 'on' || value === 'off') this.profiles.push({ ...base, enabled: value === 'on' });
        else if (value !== 'notconfigured')
          this.profiles.push({ ...base, unknown: `state “${value}” is neither on nor off` });
      } else if (setting === 'firewallpolicy') this.profiles.push({ ...base, ...parseFirewallPolicy(value) });
      else if (setting === 'settings' && values[0] === 'localfirewallrules') {
        this.profiles.push({ ...base, localRules: values[1] !== 'disable' });
      }
    }
  }

  private deleteRules(command: Command, settings: ReadonlyMap<string, Written>, guarded: boolean): void {
    const chosen = this.rules.filter((rule) => selects(settings, rule));
    if (guarded) for (const rule of chosen) rule.guarded = true;
    else this.rules = this.rules.filter((rule) => !chosen.includes(rule));
    if (chosen.length === 0 && settings.get('name')?.text.toLowerCase() !== 'all') {
      this.notUnderstood(command, 'the deletion of rules that the file did not add', 'note');
    }
  }

  private setRules(command: Command, args: readonly CommandWord[], guarded: boolean): void {
    const split = args.findIndex(({ text }) => text.toLowerCase() === 'new');
    const selector = settingsOf(split < 0 ? args : args.slice(0, split));
    const changes = settingsOf(split < 0 ? [] : args.slice(split + 1));
    const chosen = this.rules.filter((rule) => selects(selector, rule));
    if (chosen.length === 0) this.notUnderstood(command, 'a change of rules that the file did not add');
    for (const rule of chosen) {
      if (guarded) {
        // Perhaps as it was, perhaps as it would be.
        rule.guarded = true;
        const settings = new Map([...rule.settings, ...changes]);
        this.rules.push({ span: rule.span, settings, guarded, version: ++this.versions });
      } else for (const [key, value] of changes) rule.settings.set(key, value);
    }
  }

  private ruleOf({ span, settings, guarded, version = 0, condition }: AddedRule): WindowsRule {
    const unknowns: KnownCondition[] = [];
    const conditions: KnownCondition[] = condition === undefined ? [] : [condition];
    const name = settings.get('name')?.text ?? '';
    if (guarded) {
      unknowns.push({
        key: `windows:guarded:${span.start}:${version}`,
        reason: 'the command runs in a loop or under a condition',
      });
    }
    const misread = (key: string, written: Written, expected: string): void => {
      this.diagnostics.push({
        code: 'FW1004',
        severity: 'error',
        message: `read “${key}=${written.text}”, expected ${expected}`,
        span: { source: this.source.id, start: written.at, end: written.at + written.text.length },
      });
      unknowns.push({
        key: `windows:netsh:${key}=${written.text}`,
        reason: `“${key}=${written.text}” is not understood`,
      });
    };
    const word = <T>(key: string, table: ReadonlyMap<string, T>, expected: string): T | undefined => {
      const written = settings.get(key);
      if (written === undefined) return undefined;
      const value = table.get(written.text.toLowerCase());
      if (value === undefined) misread(key, written, expected);
      return value;
    };
    const list = (key: string): readonly Written[] | undefined => {
      const written = settings.get(key);
      return written === undefined || written.text.toLowerCase() === 'any' ? undefined : [written];
    };
    const limit = (key: string): string | undefined => {
      const text = settings.get(key)?.text;
      return text === undefined || text === '' || text.toLowerCase() === 'any' ? undefined : text;
    };
    const direction = word('dir', directions, 'in or out');
    const action = word('action', actions, 'allow, block or bypass');
    const enabled = word('enable', yesNo, 'yes or no');
    let protocol: WindowsRule['protocol'] = 'any';
    let icmp: readonly Written[] | undefined;
    const written = settings.get('protocol');
    if (written !== undefined) {
      // icmpv4:8,any is a protocol with a type and a code.
      const colon = written.text.indexOf(':');
      const number = parseProtocol(colon < 0 ? written.text : written.text.slice(0, colon));
      if (number === undefined) misread('protocol', written, 'a protocol');
      else if (colon >= 0 && !/:any\b/i.test(written.text)) {
        icmp = [{ text: written.text.slice(colon + 1).replace(',', ':'), at: written.at + colon + 1 }];
      }
      protocol = number ?? 'unknown';
    }
    const security = settings.get('security')?.text.toLowerCase() ?? 'notrequired';
    if (security !== 'notrequired') conditions.push(authenticatedCondition);
    if (security === 'authenc' || security === 'authdynenc') conditions.push(encryptedCondition);
    for (const [key, what] of [
      ['rmtcomputergrp', 'computer'],
      ['rmtmachgrp', 'computer'],
      ['rmtusrgrp', 'remote user'],
    ] as const) {
      const group = limit(key);
      if (group !== undefined) conditions.push(authenticatedCondition, principalCondition(what, group));
    }
    const profileWritten = settings.get('profile');
    let profiles = 0;
    for (const piece of profileWritten?.text.split(',') ?? []) {
      const one = windowsProfiles.find((profile) => profile === piece.trim().toLowerCase());
      if (one !== undefined) profiles |= profileBits[one];
      else {
        if (piece.trim().toLowerCase() !== 'any')
          misread('profile', profileWritten!, 'domain, private, public or any');
        profiles = allProfiles;
      }
    }
    for (const [key, value] of settings)
      if (!knownKeys.has(key)) misread(key, value, 'a parameter of “add rule”');
    const lacks =
      settings.get('dir') === undefined
        ? 'dir='
        : settings.get('action') === undefined
          ? 'action='
          : undefined;
    return {
      span,
      name,
      needsLabel: false,
      store: 'local',
      enabled: enabled ?? (settings.has('enable') ? 'unknown' : true),
      direction: direction ?? 'unknown',
      action: action ?? 'unknown',
      profiles: profiles === 0 ? allProfiles : profiles,
      protocol,
      localPorts: list('localport'),
      remotePorts: list('remoteport'),
      localAddresses: list('localip'),
      remoteAddresses: list('remoteip'),
      icmp,
      program: limit('program'),
      // `add rule ?`: with service=any the rule counts for services only, not for plain programs.
      service: settings.get('service')?.text.toLowerCase() === 'any' ? '*' : limit('service'),
      interfaceTypes: list('interfacetype'),
      conditions,
      unknowns,
      ignored: lacks === undefined ? undefined : `the command has no ${lacks}`,
    };
  }

  private notUnderstood(command: Command, what: string, severity: 'error' | 'note' = 'error'): void {
    this.diagnostics.push({
      code: 'FW1413',
      severity,
      message: `read ${what}; its effect is not in the answer`,
      span: this.spanOf(command),
      help: 'Export the rules from a host on which the commands have run.',
    });
  }

  private spanOf({ start, end }: Command): Span {
    return { source: this.source.id, start, end };
  }
}

/** netsh takes any beginning of a word that is enough to tell it. */
function begins(word: string | undefined, whole: string, least: number): boolean {
  return word !== undefined && word.length >= least && whole.startsWith(word);
}

/** `delete rule` and `set rule` choose by name, and by any further property, which all must be equal. */
function selects(selector: ReadonlyMap<string, Written>, rule: AddedRule): boolean {
  for (const [key, { text }] of selector) {
    if (key === 'name' && text.toLowerCase() === 'all') continue;
    const own = rule.settings.get(key)?.text ?? 'any';
    if (own.toLowerCase() !== text.toLowerCase()) return false;
  }
  return selector.size > 0;
}

const directions = new Map<string, 'in' | 'out'>([
  ['in', 'in'],
  ['out', 'out'],
]);
const actions = new Map<string, 'allow' | 'block' | 'bypass'>([
  ['allow', 'allow'],
  ['block', 'block'],
  ['bypass', 'bypass'],
]);
const yesNo = new Map<string, boolean>([
  ['yes', true],
  ['no', false],
]);
const knownKeys = new Set([
  'name',
  'dir',
  'action',
  'program',
  'service',
  'description',
  'enable',
  'profile',
  'localip',
  'remoteip',
  'localport',
  'remoteport',
  'protocol',
  'interfacetype',
  'rmtcomputergrp',
  'rmtmachgrp',
  'rmtusrgrp',
  'edge',
  'security',
  'group',
]);
