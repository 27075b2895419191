import { reservedWords } from '../../../grammars/nftables/reserved-words.ts';
import type { Span } from '../../source/source.ts';
import type { Reporter } from './reporter.ts';
import type { TableState } from './ruleset-state.ts';

/** Refuses names that nft's scanner takes for keywords. Other programs may give the kernel such names, which nft then lists. */
export function checkNames(table: TableState, reporter: Reporter): void {
  const check = (what: string, name: string, span: Span): void => {
    if (reservedWords.has(name))
      reporter.refuse(`read "${name}", a keyword of nft, expected the name of a ${what}`, span);
  };
  check('table', table.name, table.span);
  for (const { name, span } of table.chains.values()) check('chain', name, span);
  for (const { syntax } of table.sets.values()) check(syntax.kind, syntax.name, syntax.span);
  for (const { type, name, span } of table.objects.values()) check(type, name, span);
}
