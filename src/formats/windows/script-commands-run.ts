import { parsePowershellScript } from '../../../grammars/windows/powershell-script.ts';
import type { Block } from './script-control.ts';
import type { ScriptCommand } from './script-commands.ts';
import type { ScriptFirewall } from './script-firewall.ts';
import { aliasOf, filledBy, isShell, mayMakeRule, settingOf, textsOf, withDefaults } from './script-names.ts';
import type { Doubt, Outcome } from './script-run.ts';
import { unknownValue } from './script-values.ts';
import type { ScriptVariables } from './script-variables.ts';

/** What runs the blocks of commands. */
interface Runner {
  run(statements: Block, doubt: Doubt): Outcome;
  apart(bodies: readonly Block[], parameters: readonly string[], isHere: boolean): void;
  forEachOf(values: readonly string[] | undefined, blocks: readonly Block[], doubt: Doubt): void;
}

const changesFirewall = /\b(?:New|Set|Enable|Disable|Remove|Copy)-NetFirewall/i;
/** Texts that run as commands and hold such texts themselves. */
const deepest = 20;

/** What single commands do: to the firewall, to variables, and to the names of other commands. */
export class ScriptCommands {
  /** Names of the functions that the script defines. */
  readonly functions = new Set<string>();
  private readonly firewall: ScriptFirewall;
  private readonly variables: ScriptVariables;
  private readonly runner: Runner;
  /** By name: the command, and whether it is certain that the name stands for it. */
  private readonly aliases = new Map<
    string,
    { readonly name: string | undefined; readonly isSure: boolean }
  >();
  private depth = 0;

  constructor(firewall: ScriptFirewall, variables: ScriptVariables, runner: Runner) {
    this.firewall = firewall;
    this.variables = variables;
    this.runner = runner;
  }

  /** `before`: what stands in front of the pipe. */
  command(written: ScriptCommand, before: ScriptCommand | undefined, doubt: Doubt): void {
    const alias = this.aliases.get(written.name ?? '');
    const named = alias === undefined ? written : { ...written, name: alias.name };
    const isOwn = this.functions.has(written.name ?? '');
    const command = withDefaults(named, this.variables);
    const guarded = doubt !== 'none' || alias?.isSure === false || isOwn;
    this.handOn(command, before, isOwn);
    const change = /^(set|enable|disable|remove)-netfirewallrule$/.exec(command.name ?? '')?.[1];
    if (change !== undefined) this.firewall.change(command, change, before, guarded);
    else if (command.name === 'new-netfirewallrule') this.firewall.add(command, guarded);
    else if (command.name === 'set-netfirewallprofile') this.firewall.setProfile(command, guarded);
    else if (/^copy-netfirewallrule$|^set-netfirewall\w*filter$/.test(command.name ?? ''))
      this.firewall.notUnderstood(command, `“${command.name!}”`);
    else this.other(command, before, doubt);
  }

  private other(command: ScriptCommand, before: ScriptCommand | undefined, doubt: Doubt): void {
    const { name, blocks } = command;
    if (name === undefined) this.unnamed(command);
    else if (/^(?:foreach-object|foreach|%)$/.test(name)) {
      const items = before?.name === '' ? before.rest[0] : undefined;
      // -Begin and -End run once.
      const isPlain = blocks.length === 1 && !command.parameters.has('begin');
      const values = items?.kind === 'texts' && isPlain ? items.texts : undefined;
      this.runner.forEachOf(values, blocks, doubt);
      return;
    } else if (/^(?:where-object|where|\?)$/.test(name)) {
      this.runner.forEachOf(undefined, blocks, doubt);
      return;
    } else if (name === 'invoke-expression' || name === 'iex') this.text(command, before, doubt);
    else if (!this.names(command, doubt)) this.script(command);
    if (name === '' && command.isDotted && blocks.length > 0) {
      for (const block of blocks) this.runner.run(block, doubt);
    } else if (blocks.length > 0) this.runner.apart(blocks, [], true);
  }

  /** Tables that go to a command may be changed by it, and others may come to hold them. */
  private handOn(command: ScriptCommand, before: ScriptCommand | undefined, isOwn: boolean): void {
    for (const value of [...command.parameters.values(), ...command.rest, ...(before?.rest ?? [])]) {
      if (value.kind !== 'hash') continue;
      if (isOwn) value.forget();
      else value.isShared = true;
    }
    for (const filled of filledBy(command)) {
      if (filled.kind === 'texts')
        for (const one of filled.texts) this.variables.forget(one.replace('+', ''));
      else this.variables.forgetAll();
    }
  }

  private unnamed(command: ScriptCommand): void {
    if (command.isDotted) this.variables.forgetAll();
    const what = 'a command that only a run of the script could name';
    if (!mayMakeRule(command)) this.firewall.notUnderstood(command, what, 'note');
    else {
      this.firewall.add(
        command,
        true,
        'only a run of the script could tell whether the command makes a rule',
      );
      this.firewall.notUnderstood(command, what, 'error', 'it perhaps makes a rule');
    }
  }

  /** True if the command names a variable or another command. */
  private names(command: ScriptCommand, doubt: Doubt): boolean {
    const alias = aliasOf(command);
    if (alias !== undefined) {
      const target = alias.value?.kind === 'texts' ? alias.value.texts[0]?.toLowerCase() : undefined;
      if (alias.name !== undefined) this.aliases.set(alias.name, { name: target, isSure: doubt === 'none' });
      else this.firewall.notUnderstood(command, 'an alias that only a run of the script could name', 'note');
      return true;
    }
    const setting = settingOf(command);
    if (setting === undefined) return false;
    const sets = /^(?:(?:set|new)-variable|sv|nv)$/.test(command.name!);
    const isSure = sets && doubt !== 'part' && !setting.hasScope;
    if (setting.name === undefined) this.variables.forgetAll();
    else this.variables.set(setting.name, (isSure ? setting.value : undefined) ?? unknownValue);
    return true;
  }

  /** `iex "New-NetFirewallRule …"`: as if the text stood there. */
  private text(command: ScriptCommand, before: ScriptCommand | undefined, doubt: Doubt): void {
    const given = command.parameters.get('command') ?? command.rest[0] ?? before?.rest[0];
    const { place } = this.firewall;
    const statements =
      given?.kind === 'texts' && this.depth < deepest
        ? parsePowershellScript(given.texts.join('\n'))
        : undefined;
    if (statements === undefined) {
      this.variables.forgetAll();
      this.firewall.notUnderstood(
        command,
        'a text that runs as commands, and that only a run of the script could tell',
      );
      return;
    }
    this.depth++;
    this.firewall.place = this.firewall.spanOf(command);
    this.runner.run(statements, doubt);
    this.firewall.place = place;
    this.depth--;
  }

  /** Other scripts and programs. */
  private script(command: ScriptCommand): void {
    const name = command.name!;
    if (command.isDotted && name !== '') this.variables.forgetAll();
    const isRunner = isShell(name) || name === '[scriptblock]::create';
    // What variables hold, and what texts say whose variables nobody knows.
    const given = isRunner ? [...textsOf(command), this.firewall.written(command)] : [];
    if (given.some((text) => changesFirewall.test(text)))
      this.firewall.notUnderstood(command, 'a command that changes the firewall inside another command');
    else if (isScript(name) || given.some((text) => isScript(text)))
      this.firewall.notUnderstood(command, 'a call of another script', 'note');
  }
}

function isScript(text: string): boolean {
  return /\.psm?1(?![\w.])/i.test(text);
}
