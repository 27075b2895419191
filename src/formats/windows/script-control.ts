import type { ScriptNode, Statement } from '../../../grammars/windows/powershell-script.ts';

export type Block = readonly Statement[];

/** Where a script goes on that leaves a block before its end. */
export type Jump = 'continue' | 'break' | 'return' | 'exit';

/** What a control word does with its blocks. */
export type Control =
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly test: Statement | undefined; readonly body: Block }[];
    }
  | { readonly kind: 'foreach'; readonly variable: string; readonly over: Statement; readonly body: Block }
  /** Perhaps, or several times. */
  | { readonly kind: 'loop'; readonly bodies: readonly Block[] }
  | { readonly kind: 'switch'; readonly bodies: readonly Block[] }
  /** Runs when it is called, with variables of its own. */
  | {
      readonly kind: 'function';
      readonly name: string;
      readonly parameters: readonly string[];
      readonly bodies: readonly Block[];
    }
  | { readonly kind: 'param'; readonly parameters: readonly string[] }
  /** `sure`: runs once whatever happens; `unsure`: perhaps. */
  | { readonly kind: 'blocks'; readonly sure: readonly Block[]; readonly unsure: readonly Block[] }
  | { readonly kind: 'end'; readonly jump: Jump; readonly hasLabel: boolean };

const words = new Set(
  'if elseif else foreach for while do until switch try catch finally function filter workflow class param begin process end trap configuration'.split(
    ' ',
  ),
);
const continuations = new Set(['elseif', 'else', 'catch', 'finally', 'until', 'while']);
const jumps = new Map<string, Jump>([
  ['continue', 'continue'],
  ['break', 'break'],
  ['return', 'return'],
  ['exit', 'exit'],
  ['throw', 'exit'],
]);

function wordOf(statement: Statement | undefined): string | undefined {
  const [first] = statement ?? [];
  return bareWord(first);
}

function bareWord(node: ScriptNode | undefined): string | undefined {
  return node?.kind === 'text' && !node.quoted ? node.text.toLowerCase() : undefined;
}

function isBlock(node: ScriptNode | undefined): node is ScriptNode & { kind: 'group'; bracket: 'block' } {
  return node?.kind === 'group' && node.bracket === 'block';
}

function isParen(node: ScriptNode | undefined): node is ScriptNode & { kind: 'group'; bracket: 'paren' } {
  return node?.kind === 'group' && node.bracket === 'paren';
}

/** `{` and `else` may stand on a line of their own: they belong to the statement before. What follows a block or `param(…)` does not. */
export function joinControls(statements: Block): readonly Statement[] {
  let known = joinedBlocks.get(statements);
  if (known === undefined) {
    known = joinedOf(statements);
    joinedBlocks.set(statements, known);
  }
  return known;
}

/** The body of a loop runs often. */
const joinedBlocks = new WeakMap<Block, readonly Statement[]>();

function joinedOf(statements: Block): readonly Statement[] {
  const joined: Statement[] = [];
  for (const statement of statements.flatMap((one) => splitControls(one))) {
    const last = joined.at(-1);
    const before = wordOf(last);
    const control = before !== undefined && words.has(before);
    const opens = control && isBlock(statement[0]) && !isBlock(last!.at(-1));
    const goesOn = control && /^(?:if|try|do)$/.test(before) && continuations.has(wordOf(statement) ?? '');
    if (opens || goesOn) joined[joined.length - 1] = [...last!, ...statement];
    else joined.push(statement);
  }
  return joined.flatMap((one) => splitControls(one));
}

/** A block ends its statement, and needs no `;` behind it. */
function splitControls(statement: Statement): readonly Statement[] {
  const parts: Statement[] = [];
  // `:outer foreach …`: its name is of no use here.
  let rest = /^:\w/.test(wordOf(statement) ?? '') ? statement.slice(1) : statement;
  for (let end = endOfControl(rest); end < rest.length; end = endOfControl(rest)) {
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return rest.length > 0 ? [...parts, rest] : parts;
}

function endOfControl(statement: Statement): number {
  const param = statement.findIndex((node, i) => bareWord(node) === 'param' && isParen(statement[i + 1]));
  // `[CmdletBinding()]` may stand in front of it.
  const isParam =
    param === 0 || (param > 0 && wordOf(statement) !== undefined && wordOf(statement)!.startsWith('['));
  if (isParam) return param + 2;
  const word = wordOf(statement);
  if (word === undefined || !words.has(word) || word === 'param') return statement.length;
  for (let i = 0; i < statement.length; i++) {
    const next = bareWord(statement[i + 1]);
    const head = bareWord(statement[i - 1]);
    const closes = word === 'do' && isParen(statement[i]) && (head === 'while' || head === 'until');
    const goesOn =
      next !== undefined &&
      (word === 'do' ? /^(?:while|until)$/ : /^(?:elseif|else|catch|finally)$/).test(next);
    if (closes || (isBlock(statement[i]) && !goesOn)) return i + 1;
  }
  return statement.length;
}

/** Undefined: no control word, but commands. */
export function controlOf(statement: Statement): Control | undefined {
  const param = statement.findIndex((node) => bareWord(node) === 'param');
  if (param >= 0 && param === statement.length - 2) {
    const group = statement[param + 1];
    if (isParen(group)) return { kind: 'param', parameters: parametersOf(group.statements) };
  }
  const word = wordOf(statement);
  if (word === undefined) return undefined;
  const jump = jumps.get(word);
  if (jump !== undefined) {
    const hasLabel = statement.length > 1 && (jump === 'continue' || jump === 'break');
    return { kind: 'end', jump, hasLabel };
  }
  if (!words.has(word)) return undefined;
  if (word === 'if') return { kind: 'if', branches: branchesOf(statement) };
  const blocks = statement.filter(isBlock).map(({ statements }) => statements);
  if (word === 'foreach') {
    const inner = statement.find(isParen)?.statements[0];
    const [variable, joint, ...over] = inner ?? [];
    if (variable?.kind === 'variable' && joint?.kind === 'text' && blocks[0] !== undefined)
      return { kind: 'foreach', variable: variable.name, over, body: blocks[0] };
  }
  if (word === 'try') {
    const sure: Block[] = [];
    const unsure: Block[] = [];
    let last = 'try';
    for (const node of statement) {
      if (node.kind === 'text' && !node.quoted) last = node.text.toLowerCase();
      else if (isBlock(node)) (last === 'catch' ? unsure : sure).push(node.statements);
    }
    return { kind: 'blocks', sure, unsure };
  }
  if (/^(?:begin|process|end)$/.test(word)) return { kind: 'blocks', sure: blocks, unsure: [] };
  if (/^(?:foreach|for|while|do)$/.test(word)) return { kind: 'loop', bodies: blocks };
  if (word === 'switch') return { kind: 'switch', bodies: blocks };
  if (/^(?:function|filter|workflow|class|configuration|trap)$/.test(word)) {
    const list = statement.find(isParen)?.statements ?? [];
    const name = bareWord(statement[1]) ?? '';
    return { kind: 'function', name, parameters: parametersOf(list), bodies: blocks };
  }
  return { kind: 'blocks', sure: [], unsure: blocks };
}

/** `[int]$Port = 80, $Name`: the variables before their defaults. */
function parametersOf(statements: readonly Statement[]): readonly string[] {
  return statements.flatMap((statement) =>
    statement.flatMap((node) => (node.kind === 'variable' ? [node.name] : [])),
  );
}

function branchesOf(statement: Statement): { test: Statement | undefined; body: Block }[] {
  const branches: { test: Statement | undefined; body: Block }[] = [];
  let test: Statement | undefined;
  for (const node of statement) {
    if (isParen(node)) test = node.statements[0] ?? [];
    else if (isBlock(node)) {
      branches.push({ test, body: node.statements });
      test = undefined;
    }
  }
  return branches;
}
