import type { ScriptNode, Statement } from '../../../grammars/windows/powershell-script.ts';

/** Which variables a part of a script may change, however often it runs. Names as they are written, in lower case. */
export interface ScriptChanges {
  /** Set anew: `$port = …`, `$port++`, `foreach ($port in …)`; as often as that is written. */
  readonly set: readonly string[];
  /** Changed inside: `$rule.LocalPort = …`, `$ports[0] = …`, `$rule.Add(…)`. */
  readonly inside: readonly string[];
  /** Any may be: another script runs in its place, or a command sets variables by their names. */
  readonly all: boolean;
  /** As `all`, for the variables outside of a function, too. */
  readonly allOutside: boolean;
}

interface Collected {
  readonly set: string[];
  readonly inside: string[];
  all: boolean;
  allOutside: boolean;
}

export function changesIn(statements: readonly Statement[]): ScriptChanges {
  const changes: Collected = { set: [], inside: [], all: false, allOutside: false };
  addStatements(statements, changes);
  return changes;
}

/** Commands that set variables by name, which may be those outside of a function. `name`: in small letters. */
export function setsVariable(name: string): boolean {
  return /^(?:(?:set|new|clear|remove)-variable|sv|nv|clv|rv)$/.test(name);
}

/** Commands that run a text or file in their place. */
const runs = /^(?:invoke-expression|iex|\.)$/;

function addStatements(statements: readonly Statement[], changes: Collected): void {
  for (const statement of statements) addStatement(statement, changes);
}

function addStatement(statement: Statement, changes: Collected): void {
  const [first] = statement;
  const isCommand = first?.kind === 'text' && !first.quoted && !first.text.startsWith('[');
  if (!isCommand) addAssigned(statement, changes);
  statement.forEach((node, i) => {
    const before = statement[i - 1];
    const after = statement[i + 1];
    if (node.kind === 'text' && !node.quoted) {
      const name = node.text.toLowerCase();
      const sets = setsVariable(name);
      if (sets || runs.test(name)) changes.all = true;
      if (sets && statement.some((one) => one.kind === 'parameter' && one.name.startsWith('s')))
        changes.allOutside = true;
    }
    if (node.kind === 'group') {
      const head = isWordOf(before, 'foreach') ? node.statements[0]?.[0] : undefined;
      // Not once, but for each turn.
      if (head?.kind === 'variable') changes.set.push(head.name, head.name);
      // What stands before the = of a table is a key.
      if (node.bracket === 'hash')
        addStatements(
          node.statements.map((entry) => entry.slice(2)),
          changes,
        );
      else addStatements(node.statements, changes);
    }
    if (node.kind !== 'variable') return;
    const counted = stepOf(before, node) || (after !== undefined && stepOf(after, node));
    const referred = before?.kind === 'text' && before.end === node.at && /\[ref\]$/i.test(before.text);
    if (counted || referred) (node.path === '' ? changes.set : changes.inside).push(node.name);
    if (isMethodCall(node, after)) changes.inside.push(node.name);
  });
}

/** `$a = $b = …`, `$a, $b = …`, `$rule.'LocalPort' = …`: what stands in front of each `=`. */
function addAssigned(statement: Statement, changes: Collected): void {
  let from = 0;
  statement.forEach((node, i) => {
    if (node.kind !== 'mark' || node.mark !== '=') return;
    for (let t = from; t < i; t++) {
      const target = statement[t]!;
      if (target.kind !== 'variable') continue;
      const follows = statement[t + 1];
      const hasMember = follows?.kind === 'text' && follows.at === target.end && /^[.[]/.test(follows.text);
      (target.path === '' && !hasMember ? changes.set : changes.inside).push(target.name);
    }
    from = i + 1;
    const next = statement[from];
    // What follows are the words of a command.
    if (next?.kind === 'text' && !next.quoted && /^[A-Za-z]/.test(next.text)) from = statement.length;
  });
}

/** `++` or `--` at a variable. */
export function stepOf(node: ScriptNode | undefined, variable: ScriptNode): 1 | -1 | undefined {
  if (node?.kind !== 'text' || node.quoted) return undefined;
  if (node.end !== variable.at && variable.end !== node.at) return undefined;
  return node.text === '++' ? 1 : node.text === '--' ? -1 : undefined;
}

/** Methods that leave a table or list as it is; texts cannot change. */
const asking =
  /\.(?:clone|contains|containskey|containsvalue|startswith|endswith|indexof|split|trim|trimstart|trimend|replace|substring|tostring|tolower|toupper|padleft|padright|equals|gettype|getenumerator|foreach|where)$/;

export function isMethodCall(
  node: ScriptNode & { readonly kind: 'variable' },
  after: ScriptNode | undefined,
): boolean {
  return (
    after?.kind === 'group' &&
    after.bracket === 'paren' &&
    after.at === node.end &&
    node.path !== '' &&
    !asking.test(node.path)
  );
}

function isWordOf(node: ScriptNode | undefined, word: string): boolean {
  return node?.kind === 'text' && !node.quoted && node.text.toLowerCase() === word;
}
