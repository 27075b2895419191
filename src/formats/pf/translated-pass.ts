import type { Statement } from '../../../grammars/pf/syntax.ts';
import type { Change } from '../../model/action.ts';
import { not } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';

export type TranslationKind = 'rdr' | 'nat' | 'binat';

/**
 * The kernel asks rdr before binat on the way in, and binat before nat on the way out (pf_get_translation of pf_lb.c).
 */
export const kindsOf: Readonly<Record<'in' | 'out', readonly TranslationKind[]>> = {
  in: ['rdr', 'binat'],
  out: ['binat', 'nat'],
};

/** The tag that says "translated by a rule with pass". No user can write it (tags have no spaces at their ends). */
const name = ' translated by a pass rule ';

export const passTag: Change = { kind: 'name', field: 'tag', name };

/** What the filter is asked about: `rdr pass` and its kin have decided of their packets already. */
export const notPassed: Match = not({ kind: 'name', field: 'tag', name, prefix: false });

/** Whether some translation rule of the direction is one with pass, or may be one that is not in the input. */
export function mayPass(statements: readonly Statement[], direction: 'in' | 'out'): boolean {
  const kinds: readonly string[] = kindsOf[direction];
  return statements.some((statement) => {
    switch (statement.kind) {
      case 'translation':
        return statement.pass !== undefined && kinds.includes(statement.action.image);
      // pfctl prints nat-anchor whatever the anchor is.
      case 'translation-anchor':
        return statement.body === undefined
          ? kinds.some((kind) => statement.keyword.image === `${kind}-anchor`)
          : mayPass(statement.body, direction);
      case 'include':
      case 'load-anchor':
        return statement.body !== undefined && mayPass(statement.body, direction);
      default:
        return false;
    }
  });
}
