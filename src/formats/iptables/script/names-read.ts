import type { ShellStatement } from '../../../../grammars/iptables/shell-syntax.ts';

/** Variables that a loop's condition reads (`while read -r line`). */
export function namesRead(statements: readonly ShellStatement[]): string[] {
  return statements.flatMap((statement) => {
    if (statement.kind !== 'simple') return [];
    const words = statement.words.map((word) =>
      word.parts.map((part) => (part.kind === 'text' ? part.text : '')).join(''),
    );
    const at = words.indexOf('read');
    return at < 0 ? [] : words.slice(at + 1).filter((word) => /^[A-Za-z_]\w*$/.test(word));
  });
}
