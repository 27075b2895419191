import type { ScriptNode, Statement } from '../../../grammars/windows/powershell-script.ts';
import { ScriptTable } from './script-table.ts';

/** What a part of a script stands for, as far as the script alone tells. */
export type ScriptValue =
  | {
      readonly kind: 'texts';
      readonly texts: readonly string[];
      /** What `+=` and `++` make of it depends on it; absent where nobody has kept it. */
      readonly type?: 'number' | 'text' | 'list' | undefined;
    }
  | ScriptTable
  /** The rules that a Get-NetFirewallRule found, chosen by its parameters. */
  | {
      readonly kind: 'found';
      readonly parameters: ReadonlyMap<string, ScriptValue>;
      readonly rest: readonly ScriptValue[];
      /** Whether there were any; undefined if only a run could tell. */
      readonly exists: boolean | undefined;
    }
  /** Only a run could tell. */
  | { readonly kind: 'unknown' };

export interface Variables {
  get(name: string): ScriptValue | undefined;
}

export const unknownValue: ScriptValue = { kind: 'unknown' };

export function texts(...of: readonly string[]): ScriptValue {
  return { kind: 'texts', texts: of };
}

/** Automatic variables that are the same everywhere. */
const constants = new Map<string, ScriptValue>([
  ['true', texts('True')],
  ['false', texts('False')],
  ['null', texts()],
]);

/** An argument of a command: one value, or several with commas between; words without a space between are one word. */
export function valueOf(nodes: readonly ScriptNode[], variables: Variables): ScriptValue {
  const parts: ScriptValue[] = [];
  let before: ScriptNode | undefined;
  for (const node of nodes) {
    const comma = node.kind === 'mark' && node.mark === ',';
    if (before === undefined || before.kind === 'mark') {
      if (comma) return unknownValue;
      parts.push(nodeValue(node, variables));
    } else if (!comma) {
      if (!isOneWord(before, node)) return unknownValue;
      parts.push(joined(parts.pop()!, nodeValue(node, variables)));
    }
    before = node;
  }
  return parts.length === 1 ? parts[0]! : flat(parts);
}

/** Of brackets and quoted texts, what follows at once takes a member: `"80,443".Split(",")`, `(…)[0]`. */
function isOneWord(left: ScriptNode, right: ScriptNode): boolean {
  if (left.end !== right.at || left.kind === 'group' || right.kind === 'group') return false;
  return left.kind !== 'text' || !left.quoted || right.kind !== 'text' || !/^[.[]/.test(right.text);
}

/** What is assigned: a bare word is a command here, and words do not join. */
export function expressionOf(nodes: readonly ScriptNode[], variables: Variables): ScriptValue {
  const start = nodes.findIndex((node) => !isPlainCast(node));
  const rest = nodes.slice(Math.max(start, 0));
  const [first, plus, ...more] = rest;
  if (first?.kind === 'text' && !first.quoted && !/^\d/.test(first.text)) return unknownValue;
  if (plus?.kind === 'text' && !plus.quoted && plus.text === '+') {
    const left = nodeValue(first!, variables);
    return more.length === 1 ? sum(left, nodeValue(more[0]!, variables)) : unknownValue;
  }
  if (isClone(rest)) {
    const table = variables.get(first!.kind === 'variable' ? first!.name : '');
    return table?.kind === 'hash' && table.entries !== undefined
      ? new ScriptTable(table.entries)
      : unknownValue;
  }
  const isWord = rest.some((node, i) => i > 0 && node.kind !== 'mark' && rest[i - 1]!.kind !== 'mark');
  return isWord ? unknownValue : valueOf(rest, variables);
}

/** Casts that leave constants as they are: `[int]`, `[string[]]`, `[ordered]`. */
function isPlainCast(node: ScriptNode): boolean {
  return (
    node.kind === 'text' &&
    !node.quoted &&
    /^\[(?:(?:u?int(?:16|32|64)?|string|object|array|hashtable|ordered)(?:\[\])?)\]$/i.test(node.text)
  );
}

/** `$base.Clone()`. */
function isClone([first, call, ...more]: readonly ScriptNode[]): boolean {
  return (
    first?.kind === 'variable' &&
    first.path === '.clone' &&
    call?.kind === 'group' &&
    call.statements.length === 0 &&
    more.length === 0
  );
}

/** PowerShell's `+`: lists grow, tables are joined to a new one, numbers are added, texts are joined. */
export function sum(left: ScriptValue, right: ScriptValue): ScriptValue {
  if (left.kind === 'hash' && right.kind === 'hash') {
    const { entries } = left;
    const more = right.entries;
    // A key that is in both is an error, which leaves things as they were.
    if (entries === undefined || more === undefined || [...more.keys()].some((key) => entries.has(key)))
      return unknownValue;
    return new ScriptTable(new Map([...entries, ...more]));
  }
  if (left.kind !== 'texts' || right.kind !== 'texts') return unknownValue;
  if (left.type === 'list') return shortList([...left.texts, ...right.texts]);
  if (left.type === undefined || right.type === undefined || right.type === 'list') return unknownValue;
  if (left.type === 'text') return shortText(left.texts[0]! + right.texts[0]!);
  return right.type === 'number' ? numberOf(Number(left.texts[0]) + Number(right.texts[0])) : unknownValue;
}

export function numberOf(number: number): ScriptValue {
  return { kind: 'texts', texts: [String(number)], type: 'number' };
}

/** What a script builds piece by piece may double at each step, and is not followed beyond these. */
const longestText = 100_000;
const longestList = 30_000;
const mostElements = 300_000;

function shortText(text: string): ScriptValue {
  return text.length > longestText ? unknownValue : textOf(text);
}

function shortList(of: readonly string[]): ScriptValue {
  return of.length > longestList ? unknownValue : listOf(of);
}

/** A list as one text, with spaces between. */
function spaced(of: readonly string[]): string | undefined {
  let length = 0;
  for (const text of of) length += text.length + 1;
  return length > longestText ? undefined : of.join(' ');
}

function textOf(text: string): ScriptValue {
  return { kind: 'texts', texts: [text], type: 'text' };
}

export function listOf(of: readonly string[]): ScriptValue {
  return { kind: 'texts', texts: of, type: 'list' };
}

function joined(left: ScriptValue, right: ScriptValue): ScriptValue {
  const start = left.kind === 'texts' ? spaced(left.texts) : undefined;
  const rest = right.kind === 'texts' ? spaced(right.texts) : undefined;
  return start === undefined || rest === undefined ? unknownValue : shortText(start + rest);
}

function flat(parts: readonly ScriptValue[]): ScriptValue {
  const all: string[] = [];
  let known = true;
  for (const part of parts) {
    if (part.kind === 'hash') part.isShared = true;
    if (part.kind !== 'texts' || all.length + part.texts.length > mostElements) known = false;
    else for (const text of part.texts) all.push(text);
  }
  return known ? listOf(all) : unknownValue;
}

function nodeValue(node: ScriptNode, variables: Variables): ScriptValue {
  switch (node.kind) {
    case 'text':
      if (node.open) return expanded(node.text, variables);
      if (node.quoted) return textOf(node.text);
      if (/^\d{1,15}$/.test(node.text)) return { kind: 'texts', texts: [node.text], type: 'number' };
      return range(node.text) ?? textOf(node.text);
    case 'variable': {
      if (node.name.startsWith('env:')) return textOf(`%${node.name.slice(4)}%`);
      const whole = constants.get(node.name) ?? variables.get(node.name) ?? unknownValue;
      return node.path === '' ? whole : memberOf(whole, node.path);
    }
    case 'group': {
      if (node.bracket === 'hash') return tableOf(node.statements, variables);
      if (node.bracket === 'block') return unknownValue;
      const values = node.statements.map((statement) => expressionOf(statement, variables));
      return node.bracket === 'paren' && values.length === 1 ? values[0]! : flat(values);
    }
    default:
      return unknownValue;
  }
}

/** `.localport`, `["localport"]`, `[0]` to what they name; undefined if only a run could tell. */
export function keyOf(path: string): string | undefined {
  const found = /^(?:\.(\w+)|\[\s*(?:'([^']*)'|"([^"$`]*)"|(-?\d+))\s*\])$/.exec(path);
  return found?.slice(1).find((one) => one !== undefined);
}

function memberOf(whole: ScriptValue, path: string): ScriptValue {
  const key = keyOf(path);
  if (key === undefined) return unknownValue;
  if (whole.kind === 'hash') return whole.entries?.get(key) ?? unknownValue;
  if (whole.kind !== 'texts' || whole.type !== 'list' || !/^-?\d+$/.test(key)) return unknownValue;
  const element = whole.texts.at(Number(key));
  return element === undefined ? unknownValue : texts(element);
}

/** `5000..5010`: all of the numbers. */
function range(text: string): ScriptValue | undefined {
  const found = /^(\d{1,5})\.\.(\d{1,5})$/.exec(text);
  if (found === null) return undefined;
  const from = Number(found[1]);
  const to = Number(found[2]);
  if (to < from) return unknownValue;
  return listOf(Array.from({ length: to - from + 1 }, (_, i) => String(from + i)));
}

/** `"Web $port"`: the variables that are known once and for all. */
function expanded(text: string, variables: Variables): ScriptValue {
  let known = true;
  const valueOf = (_whole: string, braced?: string, plain?: string): string => {
    const name = (braced ?? plain ?? '').toLowerCase();
    // Windows expands %…% in a rule's program.
    if (name.startsWith('env:')) return `%${name.slice(4)}%`;
    const value = variables.get(name);
    const inserted = value?.kind === 'texts' ? spaced(value.texts) : undefined;
    if (inserted === undefined) known = false;
    return inserted ?? '';
  };
  // Behind the last bracket no name in brackets ends, and none is looked for, from each `${` to the end of the text.
  const closed = text.lastIndexOf('}') + 1;
  const result =
    text.slice(0, closed).replace(/\$(?:\{([^}]*)\}|((?:env:)?\w+)|\()/gi, valueOf) +
    text.slice(closed).replace(/\$(?:(\{\})|((?:env:)?\w+)|\()/gi, valueOf);
  return known ? shortText(result) : unknownValue;
}

function tableOf(statements: readonly Statement[], variables: Variables): ScriptValue {
  const entries = new Map<string, ScriptValue>();
  for (const statement of statements) {
    const [key, equals, ...value] = statement;
    if (key?.kind !== 'text' || key.open || equals?.kind !== 'mark' || equals.mark !== '=')
      return unknownValue;
    entries.set(key.text.toLowerCase(), expressionOf(value, variables));
  }
  return new ScriptTable(entries);
}
