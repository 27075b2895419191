import type { ShellStatement } from '../../../../grammars/iptables/shell-syntax.ts';
import { expandJoined, type Scope } from './expand.ts';
import type { Simple } from './tool-calls.ts';

/** `read` as the condition of a loop: the variables that it fills, and what it splits lines at. */
export interface LineReader {
  readonly names: readonly string[];
  readonly separators: string;
}

/** Tells a loop over lines: `while IFS=: read -r a b`, also with `|| [ -n "$b" ]` for a last line without an end. */
export function lineReaderOf(condition: readonly ShellStatement[], scope: Scope): LineReader | undefined {
  const [only, ...others] = condition;
  const command = only?.kind === 'or' ? only.left : only;
  if (command?.kind !== 'simple' || others.length > 0) return undefined;
  const [name, ...words] = command.words.map((word) => expandJoined(word, scope));
  if (name !== 'read') return undefined;
  const names = words.filter((word) => !word.startsWith('-'));
  if (words.some((word) => word.startsWith('-') && word !== '-r' && word !== '-er')) return undefined;
  if (names.some((word) => !/^[A-Za-z_]\w*$/.test(word))) return undefined;
  return { names: names.length === 0 ? ['REPLY'] : names, separators: separatorsOf(command, scope) };
}

/** What `read` splits lines at: `IFS=: read …`. */
export function separatorsOf({ assignments }: Simple, scope: Scope): string {
  const field = assignments.find(({ name }) => name === 'IFS')?.values[0];
  return field === undefined ? ' \t\n' : expandJoined(field, scope);
}

/** The lines that such a loop reads. */
export function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** A line as `read` gives it to its variables: the last one gets what is left. */
export function fieldsOf(line: string, { names, separators }: LineReader): readonly string[] {
  const isBlank = (c: string): boolean => (c === ' ' || c === '\t') && separators.includes(c);
  let from = 0;
  let to = line.length;
  while (from < to && isBlank(line[from]!)) from++;
  while (to > from && isBlank(line[to - 1]!)) to--;
  const fields: string[] = [];
  let rest = line.slice(from, to);
  for (let i = 0; i < names.length - 1; i++) {
    const cut = [...rest].findIndex((c) => separators.includes(c));
    if (cut < 0) {
      fields.push(rest);
      rest = '';
      continue;
    }
    fields.push(rest.slice(0, cut));
    // Blanks around one other separator belong to it.
    let next = cut;
    while (next < rest.length && isBlank(rest[next]!)) next++;
    if (next < rest.length && separators.includes(rest[next]!) && !isBlank(rest[next]!)) next++;
    while (next < rest.length && isBlank(rest[next]!)) next++;
    rest = rest.slice(next);
  }
  return [...fields, rest];
}
