import type { ScriptNode, Statement } from '../../../grammars/windows/powershell-script.ts';

/** What a part of a script stands for, as far as the script alone tells. */
export type ScriptValue =
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'hash'; readonly entries: ReadonlyMap<string, ScriptValue> }
  /** Only a run could tell. */
  | { readonly kind: 'unknown' };

export type Variables = ReadonlyMap<string, ScriptValue>;

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

/** The value of a run of nodes: one, or several with commas between; nodes without a space between are one word. */
export function valueOf(nodes: readonly ScriptNode[], variables: Variables): ScriptValue {
  const parts: ScriptValue[] = [];
  let before: ScriptNode | undefined;
  for (const node of nodes) {
    const comma = node.kind === 'mark' && node.mark === ',';
    if (before === undefined || before.kind === 'mark') {
      if (comma) return unknownValue;
      parts.push(nodeValue(node, variables));
    } else if (!comma) {
      if (before?.end !== node.at) return unknownValue;
      parts.push(joined(parts.pop()!, nodeValue(node, variables)));
    }
    before = node;
  }
  return parts.length === 1 ? parts[0]! : flat(parts);
}

function joined(left: ScriptValue, right: ScriptValue): ScriptValue {
  return left.kind === 'texts' && right.kind === 'texts'
    ? texts(left.texts.join(' ') + right.texts.join(' '))
    : unknownValue;
}

function flat(parts: readonly ScriptValue[]): ScriptValue {
  const all: string[] = [];
  for (const part of parts) {
    if (part.kind !== 'texts') return unknownValue;
    all.push(...part.texts);
  }
  return { kind: 'texts', texts: all };
}

function nodeValue(node: ScriptNode, variables: Variables): ScriptValue {
  switch (node.kind) {
    case 'text':
      if (node.open) return expanded(node.text, variables);
      return (node.quoted ? undefined : range(node.text)) ?? texts(node.text);
    case 'variable':
      if (node.name.startsWith('env:')) return texts(`%${node.name.slice(4)}%`);
      return constants.get(node.name) ?? variables.get(node.name) ?? unknownValue;
    case 'group':
      if (node.bracket === 'hash') return hashOf(node.statements, variables);
      if (node.bracket === 'block') return unknownValue;
      return flat(node.statements.map((statement) => statementValue(statement, variables)));
    default:
      return unknownValue;
  }
}

/** A command in parentheses is known by a run only; `('a', 'b')` and `(80)` are values. */
function statementValue(statement: Statement, variables: Variables): ScriptValue {
  const [first] = statement;
  const bare = first?.kind === 'text' && !first.quoted && !/^[0-9]/.test(first.text);
  return bare ? unknownValue : valueOf(statement, variables);
}

/** `5000..5010`: all of the numbers. */
function range(text: string): ScriptValue | undefined {
  const found = /^(\d{1,5})\.\.(\d{1,5})$/.exec(text);
  if (found === null) return undefined;
  const from = Number(found[1]);
  const to = Number(found[2]);
  if (to < from) return unknownValue;
  return { kind: 'texts', texts: Array.from({ length: to - from + 1 }, (_, i) => String(from + i)) };
}

/** `"Web $port"`: the variables that are known once and for all. */
function expanded(text: string, variables: Variables): ScriptValue {
  let known = true;
  const result = text.replace(
    /\$(?:\{([^}]*)\}|((?:env:)?\w+)|\()/gi,
    (_whole, braced?: string, plain?: string) => {
      const name = (braced ?? plain ?? '').toLowerCase();
      // Windows expands %…% in a rule's program.
      if (name.startsWith('env:')) return `%${name.slice(4)}%`;
      const value = variables.get(name);
      if (value?.kind === 'texts') return value.texts.join(' ');
      known = false;
      return '';
    },
  );
  return known ? texts(result) : unknownValue;
}

function hashOf(statements: readonly Statement[], variables: Variables): ScriptValue {
  const entries = new Map<string, ScriptValue>();
  for (const statement of statements) {
    const [key, equals, ...value] = statement;
    if (key?.kind !== 'text' || equals?.kind !== 'mark' || equals.mark !== '=') return unknownValue;
    entries.set(key.text.toLowerCase(), valueOf(value, variables));
  }
  return { kind: 'hash', entries };
}
