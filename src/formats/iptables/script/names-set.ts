import type { ShellStatement, ShellWord } from '../../../../grammars/iptables/shell-syntax.ts';

function textOf(word: ShellWord): string {
  return word.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

/** Variables that statements may set: what they hold in a loop of which nobody knows how often it runs, is not known. */
export function namesSet(statements: readonly ShellStatement[]): string[] {
  return statements.flatMap((statement): string[] => {
    switch (statement.kind) {
      case 'simple':
        return ofCommand(statement);
      case 'pipeline':
        return namesSet(statement.parts);
      case 'and':
      case 'or':
        return namesSet([statement.left, statement.right]);
      case 'if':
        return [
          ...statement.branches.flatMap(({ condition, body }) => [...namesSet(condition), ...namesSet(body)]),
          ...namesSet(statement.otherwise),
        ];
      case 'for':
        return [statement.name, ...namesSet(statement.body)];
      case 'while':
        return [
          ...namesSet(statement.condition),
          ...namesSet(statement.body),
          ...(statement.step === undefined ? [] : namesSet([statement.step])),
        ];
      case 'case':
        return statement.arms.flatMap(({ body }) => namesSet(body));
      case 'group':
        return namesSet(statement.body);
      case 'function':
        return [];
    }
  });
}

function ofCommand({ assignments, words }: Extract<ShellStatement, { kind: 'simple' }>): string[] {
  const texts = words.map(textOf);
  const names = assignments.map(({ name }) => name);
  const at = texts.findIndex((text) => text === 'read' || text === 'let');
  if (texts[at] === 'read') names.push(...texts.slice(at + 1).filter((text) => /^[A-Za-z_]\w*$/.test(text)));
  if (texts[at] === 'let')
    for (const text of texts.slice(at + 1))
      names.push(...(text.match(/(?<!\w)[A-Za-z_]\w*(?!\w)(?=\s*(?:\+\+|--|[-+*/%]?=(?!=)))/g) ?? []));
  return names;
}
