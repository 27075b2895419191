import type { ShellStatement } from '../../../../grammars/iptables/shell-syntax.ts';

/** A statement of the source `text` as it is written, for a condition that is worded by it. */
export function textOf(statement: ShellStatement, text: string): string {
  switch (statement.kind) {
    case 'simple':
      return statement.text ?? text.slice(statement.start, statement.end);
    case 'pipeline':
      return statement.parts.map((part) => textOf(part, text)).join(' | ');
    case 'and':
    case 'or':
      return `${textOf(statement.left, text)} ${statement.kind === 'and' ? '&&' : '||'} ${textOf(statement.right, text)}`;
    default:
      return statement.kind;
  }
}

/**
 * The statements of a code that stands in a word of the script, at the place of the command with that word. Their here-documents, of which
 * places are all that is known, are left out.
 */
export function placedAt(
  statements: readonly ShellStatement[],
  code: string,
  place: { readonly start: number; readonly end: number },
): readonly ShellStatement[] {
  const list = (of: readonly ShellStatement[]): readonly ShellStatement[] => of.map(one);
  const one = (statement: ShellStatement): ShellStatement => {
    switch (statement.kind) {
      case 'simple':
        return {
          ...statement,
          redirects: statement.redirects.map(({ operator, target }) => ({ operator, target })),
          start: place.start,
          end: place.end,
          text: statement.text ?? code.slice(statement.start, statement.end),
        };
      case 'pipeline':
        return { ...statement, parts: list(statement.parts) };
      case 'and':
      case 'or':
        return { ...statement, left: one(statement.left), right: one(statement.right) };
      case 'if':
        return {
          kind: 'if',
          branches: statement.branches.map(({ condition, body }) => ({
            condition: list(condition),
            body: list(body),
          })),
          otherwise: list(statement.otherwise),
        };
      case 'for':
        return { ...statement, body: list(statement.body) };
      case 'while':
        return { ...statement, condition: list(statement.condition), body: list(statement.body) };
      case 'case':
        return {
          ...statement,
          arms: statement.arms.map(({ patterns, body }) => ({ patterns, body: list(body) })),
        };
      case 'function':
        return { ...statement, body: one(statement.body) };
      case 'group':
        return { ...statement, body: list(statement.body) };
    }
  };
  return list(statements);
}
