import type { ScriptNode, Statement } from '../../../grammars/windows/powershell-script.ts';

type Block = readonly Statement[];

/** What a control word does with its blocks. */
export type Control =
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly test: Statement | undefined; readonly body: Block }[];
    }
  | { readonly kind: 'foreach'; readonly variable: string; readonly over: Statement; readonly body: Block }
  /** `sure`: runs once whatever happens; `unsure`: perhaps, or several times, or with arguments. */
  | { readonly kind: 'blocks'; readonly sure: readonly Block[]; readonly unsure: readonly Block[] }
  | { readonly kind: 'end' };

const words = new Set(
  'if elseif else foreach for while do until switch try catch finally function filter workflow class param begin process end trap configuration'.split(
    ' ',
  ),
);
const continuations = new Set(['elseif', 'else', 'catch', 'finally', 'until', 'while']);

function wordOf(statement: Statement | undefined): string | undefined {
  const [first] = statement ?? [];
  return first?.kind === 'text' && !first.quoted ? first.text.toLowerCase() : undefined;
}

function isBlock(node: ScriptNode | undefined): node is ScriptNode & { kind: 'group'; bracket: 'block' } {
  return node?.kind === 'group' && node.bracket === 'block';
}

/** `{` and `else` may stand on a line of their own: they belong to the statement before. */
export function joinControls(statements: readonly Statement[]): readonly Statement[] {
  const joined: Statement[] = [];
  for (const statement of statements) {
    const last = joined.at(-1);
    const before = wordOf(last);
    const control = before !== undefined && words.has(before);
    const opens = control && isBlock(statement[0]) && !isBlock(last!.at(-1));
    const goesOn = control && /^(?:if|try|do)$/.test(before) && continuations.has(wordOf(statement) ?? '');
    if (opens || goesOn) joined[joined.length - 1] = [...last!, ...statement];
    else joined.push(statement);
  }
  return joined;
}

/** Undefined: no control word, but commands. */
export function controlOf(statement: Statement): Control | undefined {
  const word = wordOf(statement);
  if (word === undefined) return undefined;
  if (/^(?:return|exit|throw|break|continue)$/.test(word)) return { kind: 'end' };
  if (!words.has(word)) return undefined;
  if (word === 'if') return { kind: 'if', branches: branchesOf(statement) };
  const blocks = statement.filter(isBlock).map(({ statements }) => statements);
  if (word === 'foreach') {
    const head = statement.find((node) => node.kind === 'group' && node.bracket === 'paren');
    const inner = head?.kind === 'group' ? head.statements[0] : undefined;
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
  return { kind: 'blocks', sure: [], unsure: blocks };
}

function branchesOf(statement: Statement): { test: Statement | undefined; body: Block }[] {
  const branches: { test: Statement | undefined; body: Block }[] = [];
  let test: Statement | undefined;
  for (const node of statement) {
    if (node.kind === 'group' && node.bracket === 'paren') test = node.statements[0] ?? [];
    else if (isBlock(node)) {
      branches.push({ test, body: node.statements });
      test = undefined;
    }
  }
  return branches;
}
