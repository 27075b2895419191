import type { ScriptNode, Statement } from '../../../grammars/windows/powershell-script.ts';
import { valueOf, type ScriptValue, type Variables } from './script-values.ts';

/** One command of a pipeline, its parameters bound. */
export interface ScriptCommand {
  /** In lower case. */
  readonly name: string;
  readonly parameters: Map<string, ScriptValue>;
  /** Values without a parameter's name. */
  readonly rest: readonly ScriptValue[];
  /** `@rule` whose content is not known. */
  readonly splatsUnknown: boolean;
  readonly blocks: readonly (readonly Statement[])[];
  readonly at: number;
  readonly end: number;
}

/** The commands of a statement, in the order of its pipes. */
export function pipelineOf(statement: Statement, variables: Variables): readonly ScriptCommand[] {
  const stages: ScriptNode[][] = [[]];
  for (const node of statement) {
    if (node.kind === 'mark' && node.mark === '|') stages.push([]);
    else stages.at(-1)!.push(node);
  }
  return stages.filter((stage) => stage.length > 0).map((stage) => commandOf(stage, variables));
}

function commandOf(nodes: readonly ScriptNode[], variables: Variables): ScriptCommand {
  const start = nodes.findIndex(({ kind }) => kind !== 'mark');
  const first = nodes[Math.max(start, 0)]!;
  const parameters = new Map<string, ScriptValue>();
  const rest: ScriptValue[] = [];
  const blocks: (readonly Statement[])[] = [];
  let splatsUnknown = false;
  const isCommand = first.kind === 'text' && !first.quoted && /^[A-Za-z%?]/.test(first.text);
  const name = isCommand ? first.text.toLowerCase() : '';
  let index = start + 1;
  /** The nodes of one value: they go on as long as commas join them. */
  const takeValue = (): ScriptNode[] => {
    const taken: ScriptNode[] = [];
    while (index < nodes.length) {
      const node = nodes[index]!;
      const isComma = node.kind === 'mark' && node.mark === ',';
      const last = taken.at(-1);
      const afterComma = last?.kind === 'mark';
      if (node.kind === 'parameter' || (node.kind === 'mark' && !isComma)) break;
      if (taken.length > 0 && !isComma && !afterComma) break;
      taken.push(node);
      index++;
    }
    return taken;
  };
  // An expression: its value goes down the pipe.
  if (!isCommand) {
    index = nodes.length;
    rest.push(valueOf(nodes.slice(Math.max(start, 0)), variables));
    for (const node of nodes)
      if (node.kind === 'group' && node.bracket === 'block') blocks.push(node.statements);
  }
  while (index < nodes.length) {
    const node = nodes[index]!;
    if (node.kind === 'parameter') {
      index++;
      const value = takeValue();
      for (const part of value)
        if (part.kind === 'group' && part.bracket === 'block') blocks.push(part.statements);
      // A switch has no value; it is on.
      parameters.set(
        node.name.replace(/:$/, ''),
        value.length === 0 ? { kind: 'texts', texts: ['True'] } : valueOf(value, variables),
      );
    } else if (node.kind === 'variable' && node.splatted) {
      index++;
      const value = variables.get(node.name);
      if (value?.kind === 'hash') for (const [key, one] of value.entries) parameters.set(key, one);
      else splatsUnknown = true;
    } else if (node.kind === 'mark') index++;
    else {
      const value = takeValue();
      for (const part of value)
        if (part.kind === 'group' && part.bracket === 'block') blocks.push(part.statements);
      rest.push(valueOf(value, variables));
    }
  }
  return { name, parameters, rest, splatsUnknown, blocks, at: first.at, end: nodes.at(-1)!.end };
}

/** PowerShell takes any beginning of a parameter's name that fits one parameter only. */
export function bindParameters(
  given: ReadonlyMap<string, ScriptValue>,
  known: readonly string[],
): { readonly bound: Map<string, ScriptValue>; readonly unknown: readonly string[] } {
  const bound = new Map<string, ScriptValue>();
  const unknown: string[] = [];
  for (const [name, value] of given) {
    const fitting = known.includes(name) ? [name] : known.filter((one) => one.startsWith(name));
    if (fitting.length === 1) bound.set(fitting[0]!, value);
    else unknown.push(name);
  }
  return { bound, unknown };
}
