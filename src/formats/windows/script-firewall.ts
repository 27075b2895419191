import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source, Span } from '../../source/source.ts';
import type { ExportedObject, PropertyValue } from './exported-object.ts';
import { readPowershellProfile } from './powershell-profiles.ts';
import { bindParameters, type ScriptCommand } from './script-commands.ts';
import {
  isChosen,
  isChosenOfNetsh,
  newRuleParameters,
  placeOf,
  ruleParameters,
  windowsRuleOf,
  type ScriptRule,
} from './script-rules.ts';
import { texts, type ScriptValue } from './script-values.ts';
import {
  windowsProfiles,
  type ProfileSettings,
  type WindowsFacts,
  type WindowsRule,
} from './windows-rule.ts';

const selectorNames = new Set([
  'name',
  'displayname',
  'group',
  'displaygroup',
  'direction',
  'action',
  'enabled',
]);
const mostRules = 100_000;

type Selection = Pick<ScriptCommand, 'parameters' | 'rest'>;

/** What the commands of a script do to the rules and profiles of a host that has had none of its own. */
export class ScriptFirewall {
  /** Commands that stand in a text have the place of the text. */
  place: Span | undefined;
  private readonly source: Source;
  private readonly diagnostics: Diagnostic[] = [];
  private readonly profiles: ProfileSettings[] = [];
  private rules: ScriptRule[] = [];
  /** Rules that netsh commands of the script make. */
  private netsh: readonly WindowsRule[];
  private stopped = false;
  private versions = 0;

  constructor(source: Source, netsh: readonly WindowsRule[]) {
    this.source = source;
    this.netsh = netsh;
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  facts(): WindowsFacts {
    return {
      dialect: 'powershell-script',
      rules: [...this.rules.map((rule) => windowsRuleOf(rule, this.diagnostics)), ...this.netsh],
      profiles: this.profiles,
      diagnostics: this.diagnostics,
      assumptions: [
        'A script says what it adds: the host is taken to have no other rules, and the script to run to its end',
      ],
    };
  }

  /** What is beyond a limit is told once, and what follows is not read. */
  stop(reason: string): void {
    if (this.stopped) return;
    this.stopped = true;
    this.diagnostics.push({
      code: 'FW1006',
      severity: 'error',
      message: `${reason}; the rest was not read`,
      span: { source: this.source.id, start: 0, end: 0 },
    });
  }

  /** Whether there is a rule that a Get-NetFirewallRule would find; undefined if only a run could tell. */
  anyOf(query: Selection): boolean | undefined {
    const selectors = selectorsOf(query);
    let all = true;
    for (const rule of this.rules) {
      const chosen = isChosen(rule, selectors);
      if (chosen === true && !rule.guarded) return true;
      if (chosen !== false) all = false;
    }
    for (const rule of this.netsh) if (isChosenOfNetsh(rule, selectors) !== false) all = false;
    const constant = [...selectors.values()].every(({ kind }) => kind === 'texts');
    return all && constant && selectors.size > 0 ? false : undefined;
  }

  /** `doubt`: why it is perhaps no rule at all. */
  add(command: ScriptCommand, guarded: boolean, doubt?: string): void {
    if (this.rules.length >= mostRules) {
      this.stop(`the script makes more than ${mostRules} rules`);
      return;
    }
    const { bound, unknown } = bindParameters(command.parameters, newRuleParameters);
    const trial = bound.get('whatif');
    if (trial?.kind === 'texts' && /^\$?true$/i.test(trial.texts[0] ?? '')) return;
    for (const name of unknown)
      this.notUnderstood(command, `-${name}, which is no parameter of new-netfirewallrule`);
    this.rules.push({
      span: this.spanOf(command),
      parameters: bound,
      guarded: guarded || unknown.length > 0,
      doubt,
      needsLabel: this.place !== undefined || /[$@]/.test(this.written(command)),
      splatsUnknown: command.splatsUnknown,
    });
  }

  change(command: ScriptCommand, verb: string, before: ScriptCommand | undefined, guarded: boolean): void {
    const { bound } = bindParameters(command.parameters, ruleParameters);
    const piped = before !== undefined;
    const chooser = piped ? queryOf(before) : command;
    const selectors = chooser === undefined ? undefined : selectorsOf(chooser);
    const chooses = verb === 'set' && !piped ? choosing(selectors) : selectors;
    if (chooses === undefined || [...chooses.values()].some(({ kind }) => kind !== 'texts')) {
      this.notUnderstood(command, 'a change of rules that only a run of the script could name');
      return;
    }
    const place = placeOf(bindParameters(chooser!.parameters, ruleParameters).bound);
    const chosen = new Map<ScriptRule, boolean>();
    for (const rule of this.rules) {
      const own = placeOf(rule.parameters);
      const isSame = own.isKnown && place.isKnown ? own.where === place.where : undefined;
      const isMeant = isSame === false ? false : isChosen(rule, chooses);
      if (isMeant !== false) chosen.set(rule, !guarded && isSame === true && isMeant === true);
    }
    const ofNetsh = place.where === '' && this.changeNetsh(command, verb, chooses, bound, guarded);
    if (chosen.size === 0) {
      if (ofNetsh) return;
      const opens = verb === 'enable' || verb === 'set';
      this.notUnderstood(command, 'a change of rules that the script did not add', opens ? 'error' : 'note');
      return;
    }
    if (verb === 'remove') this.rules = this.rules.filter((rule) => chosen.get(rule) !== true);
    for (const [rule, isSure] of chosen) {
      const changed = new Map(rule.parameters);
      if (verb === 'enable') changed.set('enabled', texts('True'));
      else if (verb === 'disable') changed.set('enabled', texts('False'));
      else if (verb === 'set') {
        for (const [name, value] of bound)
          if (piped || !chooses.has(name))
            changed.set(name === 'newdisplayname' ? 'displayname' : name, value);
      }
      if (isSure) rule.parameters = changed;
      else {
        // Perhaps as it was, perhaps as it would be.
        rule.guarded = true;
        if (verb !== 'remove')
          this.rules.push({ ...rule, parameters: changed, guarded: true, version: ++this.versions });
      }
      rule.needsLabel = true;
    }
  }

  /** True if a netsh command has made what is chosen. One further down has not run yet, unless nobody knows what runs when. */
  private changeNetsh(
    command: ScriptCommand,
    verb: string,
    chooses: ReadonlyMap<string, ScriptValue>,
    bound: ReadonlyMap<string, ScriptValue>,
    guarded: boolean,
  ): boolean {
    const { start } = this.spanOf(command);
    const chosen = new Set(
      this.netsh.filter((rule) => isChosenOfNetsh(rule, chooses) && (guarded || rule.span.start < start)),
    );
    if (chosen.size === 0) return false;
    const isSet = verb === 'set' && [...bound.keys()].some((name) => !chooses.has(name));
    const condition = {
      key: `windows:changed:${start}`,
      reason: 'a command further down in the script perhaps changes the rule',
    };
    if (isSet) this.notUnderstood(command, 'a change of rules that netsh has made');
    this.netsh = this.netsh.flatMap((rule): readonly WindowsRule[] => {
      if (!chosen.has(rule)) return [rule];
      if (verb === 'remove' && !guarded) return [];
      if (guarded || isSet) {
        // Perhaps as it was; what it perhaps becomes is another one.
        const was = { ...rule, unknowns: [...rule.unknowns, condition] };
        return verb === 'enable' ? [was, { ...was, enabled: true, isReading: true }] : [was];
      }
      return [{ ...rule, enabled: verb === 'enable' ? true : verb === 'disable' ? false : rule.enabled }];
    });
    return true;
  }

  setProfile(command: ScriptCommand, guarded: boolean): void {
    const given = command.parameters.get('profile') ?? command.parameters.get('name') ?? command.rest[0];
    const named =
      given?.kind === 'texts'
        ? given.texts.flatMap((text) => text.toLowerCase().split(/\s*,\s*/))
        : undefined;
    const all =
      command.parameters.has('all') ||
      (given === undefined && !command.splatsUnknown) ||
      named?.includes('any') === true;
    const profiles = windowsProfiles.filter((one) => all || named?.includes(one) === true);
    const elsewhere = placeOf(bindParameters(command.parameters, ruleParameters).bound).where !== '';
    if (guarded || elsewhere || profiles.length === 0 || command.splatsUnknown) {
      this.notUnderstood(
        command,
        guarded
          ? 'a command that runs under a condition'
          : elsewhere
            ? 'settings of another computer or of a group policy object'
            : 'profiles that only a run could name',
      );
      return;
    }
    const span = this.spanOf(command);
    for (const profile of profiles) {
      const properties = new Map<string, PropertyValue>();
      for (const [name, value] of command.parameters) {
        const values = value.kind === 'texts' ? value.texts : ['a value that only a run could tell'];
        properties.set(name, { values, at: span.start });
      }
      properties.set('profile', { values: [profile], at: span.start });
      const object: ExportedObject = { span, properties, needsLabel: false };
      this.profiles.push(...readPowershellProfile(object));
    }
  }

  notUnderstood(
    command: ScriptCommand,
    what: string,
    severity: 'error' | 'note' = 'error',
    effect = 'its effect is not in the answer',
  ): void {
    this.diagnostics.push({
      code: 'FW1413',
      severity,
      message: `read ${what}; ${effect}`,
      span: this.spanOf(command),
      help: 'Export the rules from a host on which the script has run.',
    });
  }

  /** The command as it stands in the file. */
  written(command: ScriptCommand): string {
    const { start, end } = this.spanOf(command);
    return this.source.text.slice(start, end);
  }

  spanOf({ at, end }: ScriptCommand): Span {
    return this.place ?? { source: this.source.id, start: at, end };
  }
}

/** What stands before the pipe, if it gives the rules that a Get-NetFirewallRule finds. */
function queryOf(before: ScriptCommand): Selection | undefined {
  if (before.name === 'get-netfirewallrule') return before;
  const value = before.name === '' ? before.rest[0] : undefined;
  return value?.kind === 'found' ? { parameters: new Map(value.parameters), rest: value.rest } : undefined;
}

function selectorsOf(command: Selection): ReadonlyMap<string, ScriptValue> {
  const { bound } = bindParameters(command.parameters, ruleParameters);
  const selectors = new Map([...bound].filter(([name]) => selectorNames.has(name)));
  const [first] = command.rest;
  if (first !== undefined) selectors.set('name', first);
  return selectors;
}

/** Of the parameters of Set-NetFirewallRule only names choose; the others are what it sets. */
function choosing(
  selectors: ReadonlyMap<string, ScriptValue> | undefined,
): ReadonlyMap<string, ScriptValue> | undefined {
  if (selectors === undefined) return undefined;
  const chooses = new Map([...selectors].filter(([name]) => /name$|group$/.test(name)));
  return chooses.size === 0 ? undefined : chooses;
}
