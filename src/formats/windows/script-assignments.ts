import type { ScriptNode, Statement } from '../../../grammars/windows/powershell-script.ts';
import { isMethodCall, stepOf } from './script-changes.ts';
import { expressionOf, numberOf, sum, unknownValue, valueOf, type ScriptValue } from './script-values.ts';
import type { ScriptVariables } from './script-variables.ts';

type VariableNode = ScriptNode & { readonly kind: 'variable' };

/** `$port = …` and `$rule.LocalPort += …`: one variable, or one member of it, and what it is given. */
export interface Assignment {
  readonly target: VariableNode;
  /** `=`, `+=`. */
  readonly operator: string;
  readonly given: Statement;
  /** `[int]$port`: the value becomes one of that type. */
  readonly isCast: boolean;
}

/** Undefined: no assignment, or one with a target that is not followed. */
export function assignmentOf(statement: Statement): Assignment | undefined {
  const start = statement.findIndex((node) => !isCast(node));
  const [target, equals, ...given] = statement.slice(Math.max(start, 0));
  if (target?.kind !== 'variable' || equals?.kind !== 'mark' || equals.mark !== '=') return undefined;
  return { target, operator: equals.text, given, isCast: start > 0 };
}

function isCast(node: ScriptNode): boolean {
  return node.kind === 'text' && !node.quoted && /^\[.*\]$/.test(node.text);
}

/** `value`: what is given, where it is known already. */
export function assign(
  { target, operator, given, isCast: cast }: Assignment,
  variables: ScriptVariables,
  isSure: boolean,
  value: ScriptValue = expressionOf(given, variables),
): void {
  const result =
    operator === '=' ? value : operator === '+=' ? sum(valueOf([target], variables), value) : unknownValue;
  const typed: ScriptValue =
    cast && result.kind === 'texts' && result.type !== 'list' ? { ...result, type: undefined } : result;
  set(target, variables, isSure ? typed : unknownValue);
}

function set({ name, path }: VariableNode, variables: ScriptVariables, value: ScriptValue): void {
  if (path === '') variables.set(name, value);
  else variables.setMember(name, path, value);
}

/** `$port++`, `--$port`. False: something else. */
export function step(statement: Statement, variables: ScriptVariables, isSure: boolean): boolean {
  const [first, second, ...more] = statement;
  const target = first?.kind === 'variable' ? first : second;
  const operator = first === target ? second : first;
  if (target?.kind !== 'variable' || more.length > 0) return false;
  const by = stepOf(operator, target);
  if (by === undefined) return false;
  const before = valueOf([target], variables);
  const isNumber = before.kind === 'texts' && before.type === 'number';
  set(target, variables, isSure && isNumber ? numberOf(Number(before.texts[0]) + by) : unknownValue);
  return true;
}

/** `$rule.Add("LocalPort", 443)`, `$rule.Remove("LocalPort")` and other calls that change a table. False: something else. */
export function callMethod(statement: Statement, variables: ScriptVariables, isSure: boolean): boolean {
  const [target, call, ...more] = withoutVoid(statement);
  if (target?.kind !== 'variable' || call?.kind !== 'group' || !isMethodCall(target, call)) return false;
  if (more.length > 0) return false;
  const [key, value, ...rest] = argumentsOf(call.statements[0] ?? []).map((one) =>
    expressionOf(one, variables),
  );
  const name = key?.kind === 'texts' && key.texts.length === 1 ? key.texts[0] : undefined;
  const isTable = variables.get(target.name)?.kind === 'hash';
  if (!isTable || name === undefined || rest.length > 0 || /["'\]]/.test(name))
    variables.changeInside(target.name);
  else if (target.path === '.remove' && value === undefined)
    variables.removeMember(target.name, name, isSure);
  else if (target.path === '.add' && value !== undefined) {
    // A key that is there already is an error.
    if (!hasKey(variables.get(target.name), name))
      variables.setMember(target.name, `["${name}"]`, isSure ? value : unknownValue);
  } else if (target.path === '.set_item' && value !== undefined)
    variables.setMember(target.name, `["${name}"]`, isSure ? value : unknownValue);
  else variables.changeInside(target.name);
  return true;
}

function hasKey(table: ScriptValue | undefined, key: string): boolean {
  return table?.kind === 'hash' && table.entries?.has(key.toLowerCase()) === true;
}

/** `[void]$rule.Remove(…)`, `$null = $rule.Remove(…)`, `$rule.Remove(…) | Out-Null`: without what throws the result away. */
function withoutVoid(statement: Statement): Statement {
  const [first, second] = statement;
  let inner = statement;
  if (first?.kind === 'text' && /^\[void\]$/i.test(first.text)) inner = statement.slice(1);
  else if (
    first?.kind === 'variable' &&
    first.name === 'null' &&
    second?.kind === 'mark' &&
    second.text === '='
  )
    inner = statement.slice(2);
  const pipe = inner.at(-2);
  const last = inner.at(-1);
  const isThrown = last?.kind === 'text' && /^out-null$/i.test(last.text);
  return pipe?.kind === 'mark' && pipe.mark === '|' && isThrown ? inner.slice(0, -2) : inner;
}

function argumentsOf(statement: Statement): readonly Statement[] {
  const parts: ScriptNode[][] = [[]];
  for (const node of statement) {
    if (node.kind === 'mark' && node.mark === ',') parts.push([]);
    else parts.at(-1)!.push(node);
  }
  return parts;
}
