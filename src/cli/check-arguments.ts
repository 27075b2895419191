import { nearestName } from '../policy/nearest-name.ts';
import type { CommandSpec } from './command-table.ts';
import { optionSpec, options, type OptionName } from './options.ts';

/** What is wrong with the values of one option, or undefined. */
export function checkValues(
  command: CommandSpec,
  name: OptionName,
  raw: string,
  values: readonly string[],
): string | undefined {
  const { kind, choices: all } = optionSpec(name);
  if (kind === 'flag') return undefined;
  if (values.includes('')) return needsValue(raw, name);
  if (kind !== 'list' && values.length > 1) return `${raw} is given twice`;
  const choices = command.choices?.[name] ?? all;
  for (const value of values) {
    if (kind === 'number' && !/^\d{1,15}$/.test(value)) return `${raw} needs a whole number, not "${value}"`;
    if (choices !== undefined && !choices.includes(value)) {
      return `${raw} cannot be "${value}"; it is one of ${choices.join(', ')}`;
    }
  }
  return undefined;
}

/** What is wrong with the words that are no options, or undefined. `implied`: no command was named. */
export function checkPositionals(
  command: CommandSpec,
  positionals: readonly string[],
  implied: boolean,
): string | undefined {
  let i = 0;
  for (const spec of command.positionals) {
    const value = positionals[i];
    if (value === undefined) {
      if (!spec.required) continue;
      return implied ? 'nothing to audit' : `fw-audit ${command.name} needs <${spec.name}>`;
    }
    if (spec.choices !== undefined && !spec.choices.includes(value)) {
      const near = nearestName(value, spec.choices);
      const hint = near === undefined ? `it is one of ${spec.choices.join(', ')}` : `did you mean ${near}?`;
      return `<${spec.name}> of fw-audit ${command.name} cannot be "${value}"; ${hint}`;
    }
    i = spec.many ? positionals.length : i + 1;
  }
  const extra = positionals[i];
  return extra === undefined ? undefined : `fw-audit ${command.name} cannot use "${extra}"`;
}

export function needsValue(raw: string, name: string): string {
  const placeholder = Object.hasOwn(options, name) ? optionSpec(name as OptionName).value : undefined;
  return `${raw} needs a value: ${raw} ${placeholder ?? 'VALUE'}`;
}
