import type { Action } from '../../model/action.ts';
import type { LoweringContext } from './lowering-context.ts';

/** A jump to a chain that the input does not hold: said once, and everything it could do is possible. */
export function missingChain(name: string, at: number, context: LoweringContext): Action {
  context.understood = false;
  // An undefined variable has been reported where it stands.
  if (!name.startsWith('$'))
    context.add(
      'FW1009',
      'error',
      `there is no chain "${name}" in table ${context.family} ${context.table}`,
      at,
    );
  return anything(`chain "${name}" is not in the input`);
}

/** A jump to a chain that a hook calls, which the kernel refuses (EOPNOTSUPP): nothing is loaded, so everything is possible. */
export function baseChain(name: string, at: number, context: LoweringContext): Action {
  context.refuse(
    `chain "${name}" is called by a hook, so that no rule can call it; move its rules to a chain without "type … hook …" and call that`,
    at,
  );
  return anything(`chain "${name}" cannot be called`);
}

function anything(reason: string): Action {
  return { kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], reason };
}
