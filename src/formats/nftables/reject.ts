import type { Statement } from '../../../grammars/nftables/syntax.ts';
import type { Action } from '../../model/action.ts';
import type { LoweringContext } from './lowering-context.ts';
import type { Path } from './path.ts';
import type { Needs } from './selectors.ts';
import { isRejectCode } from './statement-facts.ts';

/** The kind of answer names the packets that can be answered so (nft(8), "REJECT STATEMENT"); `path` then requires them. */
export function lowerReject(
  statement: Statement & { kind: 'reject' },
  path: Path,
  context: LoweringContext,
): Action {
  const { action, needs } = rejection(statement, context);
  path.require(needs, context, statement.at);
  return action;
}

/** What the statement does, and to which packets it can do it. */
export function rejection(
  { type, with: code, at }: Statement & { kind: 'reject' },
  context: LoweringContext,
): { readonly action: Action; readonly needs: Needs } {
  if (type !== undefined && code !== undefined && !isRejectCode(type, code))
    context.refuse(`read "${code}", expected a code of ${type}`, at);
  const needs: Needs =
    type === 'tcp'
      ? { protocol: 6 }
      : type === 'icmp'
        ? { family: 'ipv4' }
        : type === 'icmpv6'
          ? { family: 'ipv6' }
          : {};
  return {
    action:
      type === undefined ? { kind: 'reject' } : { kind: 'reject', with: `${type} ${code ?? ''}`.trim() },
    needs,
  };
}
