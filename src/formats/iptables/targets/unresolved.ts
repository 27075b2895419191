import type { Change } from '../../../model/action.ts';
import type { LoweredTarget } from '../lowered-rule.ts';
import type { RuleContext } from '../lowering.ts';
import { targetSupport } from '../support.ts';
import { translated } from './changes.ts';

/** A target with an operand that a script computes: what it changes becomes unknown, its verdict stays. */
export function unresolvedTarget(name: string, text: string, context: RuleContext): LoweredTarget {
  const reason = `${name} ${text}`;
  context.remark({
    code: 'FW1114',
    severity: 'warning',
    message: `the value of ${text} is not known`,
    word: text,
  });
  const fields =
    name === 'DNAT' || name === 'REDIRECT' || name === 'NETMAP'
      ? (['destination', 'destinationPort'] as const)
      : name === 'SNAT' || name === 'MASQUERADE'
        ? (['source', 'sourcePort'] as const)
        : name === 'MARK'
          ? (['mark'] as const)
          : undefined;
  if (fields === undefined) {
    const support = targetSupport.get(name);
    return {
      kind: 'action',
      action: support?.lower({ name, options: [] }, context) ?? { kind: 'continue' },
    };
  }
  return {
    kind: 'action',
    action: {
      kind: 'change',
      changes: [
        ...fields.map((field): Change => ({ kind: 'unknown', field, reason })),
        ...(fields[0] === 'mark' ? [] : translated[fields[0]]),
      ],
      then: name === 'MARK' ? 'continue' : 'accept',
    },
  };
}
