import { setsVariable } from './script-changes.ts';
import { bindParameters, type ScriptCommand } from './script-commands.ts';
import type { ScriptValue, Variables } from './script-values.ts';
import { defaultParameters } from './script-variables.ts';
import { isLike, ruleParameters } from './script-rules.ts';

const aliasParameters = ['name', 'value', 'path', 'description', 'option', 'scope', 'force', 'passthru'];
const variableParameters = ['name', 'value', 'scope', 'option', 'description', 'visibility', 'force'];

/** `Set-Alias name command`, `Set-Variable name value`: what is named, and what it stands for. */
export interface Naming {
  /** Undefined if only a run could tell. */
  readonly name: string | undefined;
  readonly value: ScriptValue | undefined;
  readonly hasScope: boolean;
}

function namingOf(command: ScriptCommand, known: readonly string[], prefix: string): Naming {
  const { bound } = bindParameters(command.parameters, known);
  const rest = [...command.rest];
  const named = bound.get('name') ?? bound.get('path') ?? rest.shift();
  const name =
    named?.kind === 'texts' && named.texts.length === 1 ? named.texts[0]!.toLowerCase() : undefined;
  return {
    name: name?.startsWith(prefix) === true ? name.slice(prefix.length) : name,
    value: bound.get('value') ?? rest.shift(),
    hasScope: bound.has('scope'),
  };
}

/** Undefined: the command names no alias. */
export function aliasOf(command: ScriptCommand): Naming | undefined {
  const names = /^(?:(?:set|new)-alias|sal|nal)$/.test(command.name ?? '') || isItemOf(command, 'alias:');
  return names ? namingOf(command, aliasParameters, 'alias:') : undefined;
}

/** Undefined: the command sets no variable. */
export function settingOf(command: ScriptCommand): Naming | undefined {
  const sets = setsVariable(command.name ?? '') || isItemOf(command, 'variable:');
  return sets ? namingOf(command, variableParameters, 'variable:') : undefined;
}

/** `Set-Item alias:nfr New-NetFirewallRule`: names are items of a drive, too. */
function isItemOf({ name, parameters, rest }: ScriptCommand, drive: string): boolean {
  if (!/^(?:(?:set|new|clear|remove)-(?:item|content)|si|ni|sc|cli|clc|ri)$/.test(name ?? '')) return false;
  const path = parameters.get('path') ?? parameters.get('name') ?? rest[0];
  return path?.kind === 'texts' && path.texts.some((text) => text.toLowerCase().startsWith(drive));
}

/** Parameters by which any command sets a variable. */
const outVariables = new Set(
  'outvariable ov errorvariable ev warningvariable wv informationvariable iv pipelinevariable pv'.split(' '),
);

/** Variables that the command fills besides what it does. */
export function filledBy(command: ScriptCommand): readonly ScriptValue[] {
  const isTee = command.name === 'tee-object' || command.name === 'tee';
  return [...command.parameters]
    .filter(([name]) => outVariables.has(name) || (isTee && name.startsWith('v')))
    .map(([, value]) => value);
}

/** With what $PSDefaultParameterValues gives the command that it is not given itself (about_Parameters_Default_Values). */
export function withDefaults(command: ScriptCommand, variables: Variables): ScriptCommand {
  const table = variables.get(defaultParameters);
  if (table === undefined || command.name === undefined) return command;
  const entries = table.kind === 'hash' ? table.entries : undefined;
  const disabled = entries?.get('disabled');
  if (disabled?.kind === 'texts' && disabled.texts[0] === 'True') return command;
  if (entries === undefined || disabled?.kind === 'unknown') return { ...command, splatsUnknown: true };
  const { bound } = bindParameters(command.parameters, ruleParameters);
  const parameters = new Map(command.parameters);
  for (const [key, value] of entries) {
    const colon = key.lastIndexOf(':');
    const parameter = key.slice(colon + 1);
    if (colon > 0 && isLike(command.name, key.slice(0, colon)) && ruleParameters.includes(parameter))
      if (!bound.has(parameter)) parameters.set(parameter, value);
  }
  return { ...command, parameters };
}

/** A command that nobody can name, but with what only rules have: it perhaps makes one. */
export function mayMakeRule({ parameters }: ScriptCommand): boolean {
  return ['localport', 'remoteport', 'localaddress', 'remoteaddress', 'icmptype', 'direction'].some((name) =>
    parameters.has(name),
  );
}

const shells = /(?:^|[\\/])(?:powershell|pwsh|cmd)(?:\.exe)?$|^(?:start-process|saps|start)$|^%comspec%$/;

/** Starts a program that runs the commands which it is given as text. */
export function isShell(name: string): boolean {
  return shells.test(name);
}

export function textsOf({ parameters, rest }: ScriptCommand): readonly string[] {
  return [...parameters.values(), ...rest].flatMap((value) => (value.kind === 'texts' ? value.texts : []));
}
