import { parsePowershellScript } from '../../../grammars/windows/powershell-script.ts';
import type { ScriptNode, Statement } from '../../../grammars/windows/powershell-script.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source, Span } from '../../source/source.ts';
import type { ExportedObject, PropertyValue } from './exported-object.ts';
import { readNetshCommands } from './netsh-commands-reader.ts';
import { readPowershellProfile } from './powershell-profiles.ts';
import { bindParameters, pipelineOf, type ScriptCommand } from './script-commands.ts';
import { controlOf, joinControls, type Control } from './script-control.ts';
import {
  isChosen,
  newRuleParameters,
  ruleParameters,
  windowsRuleOf,
  type ScriptRule,
} from './script-rules.ts';
import { texts, unknownValue, valueOf, type ScriptValue } from './script-values.ts';
import { windowsProfiles, type ProfileSettings, type WindowsFacts } from './windows-rule.ts';

type Block = readonly Statement[];

const selectorNames = new Set([
  'name',
  'displayname',
  'group',
  'displaygroup',
  'direction',
  'action',
  'enabled',
]);
/** A loop is followed as long as it stays this short. */
const longestLoop = 1000;
const mostRules = 100_000;
const mostSteps = 1_000_000;

/**
 * Scripts of New-NetFirewallRule and its kin: what they leave behind when they have run from start to end, on a host without rules of
 * its own. Nothing is run: variables that are set to constants are followed, and so are loops over constants; what is more than that is
 * a condition of the rule.
 */
export function readPowershellScript(source: Source): WindowsFacts {
  const reader = new ScriptReader(source);
  const statements = parsePowershellScript(source.text);
  if (statements === undefined) reader.stop('the brackets of the script are nested too deep');
  else reader.run(statements, false);
  const facts = reader.facts();
  if (!/\bnetsh\b/i.test(source.text) || !/advf|\badv\b/i.test(source.text)) return facts;
  const comments = /<#[\s\S]*?#>/g;
  const text = source.text.replace(comments, (comment) => comment.replace(/[^\r\n]/g, ' '));
  const netsh = readNetshCommands({ ...source, text });
  return {
    ...facts,
    rules: [...facts.rules, ...netsh.rules],
    profiles: [...facts.profiles, ...netsh.profiles],
    diagnostics: [...facts.diagnostics, ...netsh.diagnostics],
  };
}

class ScriptReader {
  private readonly source: Source;
  private readonly diagnostics: Diagnostic[] = [];
  private readonly variables = new Map<string, ScriptValue>();
  /** Variables that hold the rules which a Get-NetFirewallRule found. */
  private readonly found = new Map<string, ScriptCommand>();
  private readonly profiles: ProfileSettings[] = [];
  private rules: ScriptRule[] = [];
  private stopped = false;
  private steps = 0;

  constructor(source: Source) {
    this.source = source;
  }

  facts(): WindowsFacts {
    return {
      dialect: 'powershell-script',
      rules: this.rules.map((rule) => windowsRuleOf(rule, this.diagnostics)),
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

  /** `guarded`: perhaps, or not once. False once the script has ended. */
  run(statements: Block, guarded: boolean): boolean {
    for (const statement of joinControls(statements)) {
      if (++this.steps > mostSteps) this.stop('the loops of the script take too long');
      if (this.stopped) return false;
      const control = controlOf(statement);
      if (control === undefined) this.statement(statement, guarded);
      else if (control.kind === 'end') {
        this.commands(statement.slice(1), guarded);
        return guarded;
      } else if (!this.control(control, guarded)) return false;
    }
    return true;
  }

  private control(control: Exclude<Control, { kind: 'end' }>, guarded: boolean): boolean {
    switch (control.kind) {
      case 'if':
        return this.branches(control.branches, guarded);
      case 'foreach': {
        const over = valueOf(control.over, this.variables);
        if (over.kind !== 'texts' || over.texts.length > longestLoop) {
          this.variables.set(control.variable, unknownValue);
          this.run(control.body, true);
        } else {
          for (const text of over.texts) {
            this.variables.set(control.variable, texts(text));
            this.run(control.body, guarded);
          }
        }
        return true;
      }
      case 'blocks':
        for (const block of control.sure) if (!this.run(block, guarded)) return false;
        for (const block of control.unsure) this.run(block, true);
        return true;
    }
  }

  private branches(
    branches: readonly { readonly test: Statement | undefined; readonly body: Block }[],
    guarded: boolean,
  ): boolean {
    let open = true;
    let sure = true;
    for (const { test, body } of branches) {
      if (!open) return true;
      const holds = test === undefined ? true : this.test(test);
      if (holds === false) continue;
      if (holds === true && sure) {
        if (!this.run(body, guarded)) return false;
      } else this.run(body, true);
      if (holds === true) open = false;
      else sure = false;
    }
    return true;
  }

  /** Only one question can be answered: whether a rule is there that the script has made (`-not (Get-NetFirewallRule …)`). */
  private test(nodes: Statement): boolean | undefined {
    const [first, second, third] = nodes;
    const negates =
      (first?.kind === 'parameter' && first.name === 'not') ||
      (first?.kind === 'mark' && first.mark === 'operator');
    if (negates && nodes.length === 2) return negated(this.exists(second));
    if (first?.kind === 'text') return this.finds(nodes);
    if (nodes.length === 1) return this.exists(first);
    if (nodes.length !== 3 || second?.kind !== 'parameter') return undefined;
    const isNull = (node: ScriptNode | undefined): boolean =>
      node?.kind === 'variable' && node.name === 'null';
    const asked = isNull(first) ? third : isNull(third) ? first : undefined;
    if (asked === undefined) return undefined;
    return second.name === 'eq'
      ? negated(this.exists(asked))
      : second.name === 'ne'
        ? this.exists(asked)
        : undefined;
  }

  private exists(node: ScriptNode | undefined): boolean | undefined {
    if (node?.kind === 'variable') {
      const command = this.found.get(node.name);
      return command === undefined ? undefined : this.anyOf(command);
    }
    const inner = node?.kind === 'group' && node.bracket === 'paren' ? node.statements : [];
    return inner.length === 1 ? this.finds(inner[0]!) : undefined;
  }

  private finds(statement: Statement): boolean | undefined {
    const [command, ...more] = pipelineOf(statement, this.variables);
    return command?.name === 'get-netfirewallrule' && more.length === 0 ? this.anyOf(command) : undefined;
  }

  private anyOf(command: ScriptCommand): boolean | undefined {
    const selectors = this.selectorsOf(command);
    let all = true;
    for (const rule of this.rules) {
      const chosen = isChosen(rule, selectors);
      if (chosen === true && !rule.guarded) return true;
      if (chosen !== false) all = false;
    }
    const constant = [...selectors.values()].every(({ kind }) => kind === 'texts');
    return all && constant && selectors.size > 0 ? false : undefined;
  }

  private statement(statement: Statement, guarded: boolean): void {
    const [first, second] = statement;
    if (first?.kind !== 'variable' || second?.kind !== 'mark' || second.mark !== '=') {
      this.commands(statement, guarded);
      return;
    }
    const rest = statement.slice(2);
    const pipeline = pipelineOf(rest, this.variables);
    const adds = this.source.text[second.at] === '+';
    const before = this.variables.get(first.name);
    const value = valueOf(rest, this.variables);
    const sum =
      adds && before?.kind === 'texts' && value.kind === 'texts'
        ? texts(...before.texts, ...value.texts)
        : unknownValue;
    const compound = second.end - second.at > 1;
    this.variables.set(first.name, guarded ? unknownValue : compound ? sum : value);
    this.found.delete(first.name);
    if (!guarded && pipeline.length === 1 && pipeline[0]!.name === 'get-netfirewallrule')
      this.found.set(first.name, pipeline[0]!);
    if (value.kind === 'unknown') this.commands(rest, guarded);
  }

  private commands(nodes: Statement, guarded: boolean): void {
    if (nodes.length === 0) return;
    for (const node of nodes)
      if (node.kind === 'group' && (node.bracket === 'paren' || node.bracket === 'array'))
        this.run(node.statements, guarded);
    let before: ScriptCommand | undefined;
    for (const [index, command] of pipelineOf(nodes, this.variables).entries()) {
      this.command(command, index === 0 ? undefined : before, guarded);
      before = command;
    }
  }

  private command(command: ScriptCommand, before: ScriptCommand | undefined, guarded: boolean): void {
    const { name } = command;
    switch (name) {
      case 'new-netfirewallrule':
        this.add(command, guarded);
        return;
      case 'set-netfirewallrule':
      case 'enable-netfirewallrule':
      case 'disable-netfirewallrule':
      case 'remove-netfirewallrule':
        this.change(command, before, guarded);
        return;
      case 'set-netfirewallprofile':
        this.setProfile(command, guarded);
        return;
      case 'copy-netfirewallrule':
        this.notUnderstood(command, `“${name}”`);
        return;
      case 'foreach-object':
      case '%':
        this.each(command, before, guarded);
        return;
      default:
        if (/^set-netfirewall\w*filter$/.test(name)) this.notUnderstood(command, `“${name}”`);
        for (const block of command.blocks) this.run(block, true);
    }
  }

  /** `80, 443 | ForEach-Object { … $_ … }`. */
  private each(command: ScriptCommand, before: ScriptCommand | undefined, guarded: boolean): void {
    const items = before?.name === '' ? before.rest[0] : undefined;
    const known = items?.kind === 'texts' ? items.texts : undefined;
    for (const block of command.blocks) {
      if (known === undefined || known.length > longestLoop) {
        this.variables.set('_', unknownValue);
        this.run(block, true);
      } else {
        for (const text of known) {
          this.variables.set('_', texts(text));
          this.run(block, guarded);
        }
      }
    }
    this.variables.delete('_');
  }

  private add(command: ScriptCommand, guarded: boolean): void {
    if (this.rules.length >= mostRules) {
      this.stop(`the script makes more than ${mostRules} rules`);
      return;
    }
    const { bound, unknown } = bindParameters(command.parameters, newRuleParameters);
    const trial = bound.get('whatif');
    if (trial?.kind === 'texts' && /^\$?true$/i.test(trial.texts[0] ?? '')) return;
    for (const name of unknown)
      this.notUnderstood(command, `-${name}, which is no parameter of ${command.name}`);
    this.rules.push({
      span: this.spanOf(command),
      parameters: bound,
      guarded: guarded || unknown.length > 0,
      needsLabel: /[$@]/.test(this.source.text.slice(command.at, command.end)),
      splatsUnknown: command.splatsUnknown,
    });
  }

  private selectorsOf(command: ScriptCommand): ReadonlyMap<string, ScriptValue> {
    const { bound } = bindParameters(command.parameters, ruleParameters);
    const selectors = new Map([...bound].filter(([name]) => selectorNames.has(name)));
    const [first] = command.rest;
    if (first !== undefined) selectors.set('name', first);
    return selectors;
  }

  private change(command: ScriptCommand, before: ScriptCommand | undefined, guarded: boolean): void {
    const { bound } = bindParameters(command.parameters, ruleParameters);
    const verb = command.name.slice(0, command.name.indexOf('-'));
    const piped = before !== undefined;
    const chooser = before?.name === 'get-netfirewallrule' ? before : piped ? undefined : command;
    const selectors = chooser === undefined ? undefined : this.selectorsOf(chooser);
    const chooses = verb === 'set' && !piped ? choosing(selectors) : selectors;
    if (chooses === undefined || [...chooses.values()].some(({ kind }) => kind !== 'texts')) {
      this.notUnderstood(command, 'a change of rules that only a run of the script could name');
      return;
    }
    const chosen = this.rules.filter((rule) => isChosen(rule, chooses) === true);
    if (chosen.length === 0) {
      const opens = verb === 'enable' || verb === 'set';
      this.notUnderstood(command, 'a change of rules that the script did not add', opens ? 'error' : 'note');
      return;
    }
    if (verb === 'remove' && !guarded) {
      const gone = new Set(chosen);
      this.rules = this.rules.filter((rule) => !gone.has(rule));
      return;
    }
    for (const rule of chosen) {
      const changed = new Map(rule.parameters);
      if (verb === 'enable') changed.set('enabled', texts('True'));
      else if (verb === 'disable') changed.set('enabled', texts('False'));
      else if (verb === 'set') {
        for (const [name, value] of bound)
          if (piped || !chooses.has(name))
            changed.set(name === 'newdisplayname' ? 'displayname' : name, value);
      }
      if (guarded) {
        // Perhaps as it was, perhaps as it would be.
        rule.guarded = true;
        if (verb !== 'remove') this.rules.push({ ...rule, parameters: changed, guarded: true });
      } else rule.parameters = changed;
      rule.needsLabel = true;
    }
  }

  private setProfile(command: ScriptCommand, guarded: boolean): void {
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
    if (guarded || profiles.length === 0 || command.splatsUnknown) {
      this.notUnderstood(
        command,
        guarded ? 'a command that runs under a condition' : 'profiles that only a run could name',
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

  private notUnderstood(command: ScriptCommand, what: string, severity: 'error' | 'note' = 'error'): void {
    this.diagnostics.push({
      code: 'FW1413',
      severity,
      message: `read ${what}; its effect is not in the answer`,
      span: this.spanOf(command),
      help: 'Export the rules from a host on which the script has run.',
    });
  }

  private spanOf({ at, end }: ScriptCommand): Span {
    return { source: this.source.id, start: at, end };
  }
}

function negated(answer: boolean | undefined): boolean | undefined {
  return answer === undefined ? undefined : !answer;
}

/** Of the parameters of Set-NetFirewallRule only names choose; the others are what it sets. */
function choosing(
  selectors: ReadonlyMap<string, ScriptValue> | undefined,
): ReadonlyMap<string, ScriptValue> | undefined {
  if (selectors === undefined) return undefined;
  const chooses = new Map([...selectors].filter(([name]) => /name$|group$/.test(name)));
  return chooses.size === 0 ? undefined : chooses;
}
