import type { Statement } from '../../../grammars/pf/syntax.ts';
import { and, not, type Match } from '../../model/match.ts';
import { unknownFact } from './pf-context.ts';

/** Established or related: the packet fits a state that pf keeps, as an ICMP error about one does. */
const fitsState: Match = { kind: 'number', field: 'state', values: [[1, 2]] };

/**
 * The packets that rules are asked about. What fits a state passes before any rule sees it (pf_test: pf_test_state_tcp and its kin
 * come before pf_test_rule), whatever later rules say; states are made by pass rules that do not say `no state`, and by translation.
 * Undefined: all, since no rule keeps a state.
 */
export function askedOf(statements: readonly Statement[]): Match | undefined {
  switch (keepsState(statements)) {
    case 'yes':
      return not(fitsState);
    case 'perhaps':
      return not(and(fitsState, unknownFact('keeps state', 'a rule that is not in the input keeps a state')));
    case 'no':
      return undefined;
  }
}

function keepsState(statements: readonly Statement[]): 'yes' | 'perhaps' | 'no' {
  let kept: 'perhaps' | 'no' = 'no';
  for (const statement of statements) {
    switch (keepsStateItself(statement)) {
      case 'yes':
        return 'yes';
      case 'perhaps':
        kept = 'perhaps';
        break;
      case 'no':
        break;
    }
  }
  return kept;
}

function keepsStateItself(statement: Statement): 'yes' | 'perhaps' | 'no' {
  switch (statement.kind) {
    case 'filter': {
      if (statement.action.image !== 'pass') return 'no';
      const stateless = statement.options.some(
        (option) => option.kind === 'state' && option.keyword.image === 'no',
      );
      return stateless ? 'no' : 'yes';
    }
    case 'translation':
      return statement.no === undefined ? 'yes' : 'no';
    case 'anchor':
    case 'load-anchor':
    case 'include':
      return statement.body === undefined ? 'perhaps' : keepsState(statement.body);
    case 'translation-anchor':
    case 'unread':
      return 'perhaps';
    default:
      return 'no';
  }
}
