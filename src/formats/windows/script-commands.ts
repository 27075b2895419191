import type { ScriptNode, Statement } from '../../../grammars/windows/powershell-script.ts';
import { expressionOf, unknownValue, valueOf, type ScriptValue, type Variables } from './script-values.ts';

/** One command of a pipeline, its parameters bound. */
export interface ScriptCommand {
  /** In lower case, without its module; empty for an expression, undefined where only a run could name the command. */
  readonly name: string | undefined;
  /** `. settings.ps1`, `. { … }`: what it sets stays set. */
  readonly isDotted: boolean;
  /** How it follows the command before: `|`, `||` or `&&`. */
  readonly joint: string | undefined;
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
  const stages: { readonly joint: string | undefined; readonly nodes: ScriptNode[] }[] = [
    { joint: undefined, nodes: [] },
  ];
  for (const node of statement) {
    if (node.kind === 'mark' && node.mark === '|') stages.push({ joint: node.text, nodes: [] });
    else stages.at(-1)!.nodes.push(node);
  }
  return stages
    .filter(({ nodes }) => nodes.length > 0)
    .map(({ joint, nodes }) => commandOf(joint, nodes, variables));
}

/** `& $name …`, `. 'Name' …`: the operator, and what stands for the name. */
function calledOf([operator, name]: readonly ScriptNode[]): ScriptNode | undefined {
  const calls =
    operator?.kind === 'mark'
      ? operator.mark === '&'
      : operator?.kind === 'text' && !operator.quoted && operator.text === '.';
  return calls && !(name?.kind === 'group' && name.bracket === 'block') ? name : undefined;
}

function commandOf(
  joint: string | undefined,
  nodes: readonly ScriptNode[],
  variables: Variables,
): ScriptCommand {
  const called = calledOf(nodes);
  const start = called === undefined ? nodes.findIndex(({ kind }) => kind !== 'mark') : 1;
  const first = nodes[Math.max(start, 0)]!;
  const isDotted = nodes[0]!.kind === 'text' && nodes[0]!.text === '.' && !nodes[0]!.quoted;
  const parameters = new Map<string, ScriptValue>();
  const rest: ScriptValue[] = [];
  const blocks: (readonly Statement[])[] = [];
  let splatsUnknown = false;
  const isCommand =
    called !== undefined ||
    (first.kind === 'text' &&
      !first.quoted &&
      /^[A-Za-z%?]|^[.\\/~]+[\w\\/]|^\[scriptblock\]::create$/i.test(first.text));
  const name =
    called !== undefined ? nameOf(valueOf([called], variables)) : isCommand ? nameOf(textOf(first)) : '';
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
      // Without a space between it is still the same word: `$folder\server.exe`.
      if (last !== undefined && !isComma && !afterComma && last.end !== node.at) break;
      taken.push(node);
      index++;
    }
    return taken;
  };
  // An expression: its value goes down the pipe.
  if (!isCommand) {
    index = nodes.length;
    rest.push(expressionOf(nodes.slice(Math.max(start, 0)), variables));
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
      const entries = value?.kind === 'hash' && node.path === '' ? value.entries : undefined;
      if (entries === undefined) splatsUnknown = true;
      else for (const [key, one] of entries) parameters.set(key, one);
    } else if (node.kind === 'mark') index++;
    else {
      const value = takeValue();
      for (const part of value)
        if (part.kind === 'group' && part.bracket === 'block') blocks.push(part.statements);
      rest.push(valueOf(value, variables));
    }
  }
  const { at } = called === undefined ? first : nodes[0]!;
  return { name, isDotted, joint, parameters, rest, splatsUnknown, blocks, at, end: nodes.at(-1)!.end };
}

function textOf(node: ScriptNode): ScriptValue {
  return node.kind === 'text' ? { kind: 'texts', texts: [node.text] } : unknownValue;
}

/** `NetSecurity\\New-NetFirewallRule` names a command of a module. */
function nameOf(value: ScriptValue): string | undefined {
  const [text, ...more] = value.kind === 'texts' ? value.texts : [];
  if (text === undefined || text === '' || more.length > 0) return undefined;
  return (/^[A-Za-z][\w.]*\\([A-Za-z]+-\w+)$/.exec(text)?.[1] ?? text).toLowerCase();
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
