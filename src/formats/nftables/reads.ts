import type { Match } from '../../model/match.ts';
import type { Change } from '../../model/action.ts';

/** Whether the match asks a question whose answer may differ the next time. */
export function asksAnew(match: Match): boolean {
  switch (match.kind) {
    case 'unknown':
      return match.scope === 'rule';
    case 'and':
    case 'or':
      return match.of.some(asksAnew);
    case 'not':
      return asksAnew(match.of);
    default:
      return false;
  }
}

/** Whether the match tests a field of that name. */
export function readsField(match: Match, field: string): boolean {
  switch (match.kind) {
    case 'number':
    case 'bits':
    case 'address':
    case 'address-bits':
    case 'name':
      return match.field === field;
    case 'in-set':
      return match.keys.some((key) => 'field' in key && key.field === field);
    case 'and':
    case 'or':
      return match.of.some((part) => readsField(part, field));
    case 'not':
      return readsField(match.of, field);
    default:
      return false;
  }
}

/** Whether a match may have another answer once the changes are made. */
export function disturbedBy(match: Match, changes: readonly Change[]): boolean {
  return (
    asksAnew(match) ||
    changes.some(
      (change) =>
        change.kind !== 'bind' &&
        readsField(
          match,
          change.kind === 'to-host' ? 'destination' : change.kind === 'from-host' ? 'source' : change.field,
        ),
    )
  );
}
