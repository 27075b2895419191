import type { Action } from '../model/action.ts';

/** The action sends the packet elsewhere: to another address, port or to the host itself. */
export function changesDestination(action: Action): boolean {
  return (
    action.kind === 'change' &&
    action.changes.some(
      (change) =>
        change.kind === 'to-host' ||
        ('field' in change && (change.field === 'destination' || change.field === 'destinationPort')),
    )
  );
}
