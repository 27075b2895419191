import type { Statement } from '../../../grammars/nftables/syntax.ts';
import type { Action } from '../../model/action.ts';
import type { LoweringContext } from './lowering-context.ts';
import type { Path } from './path.ts';
import { isRejectCode } from './statement-facts.ts';

/** The kind of answer names the packets that can be answered so (nft(8), "REJECT STATEMENT"); `path` then requires them. */
export function lowerReject(
  { type, with: code, at }: Statement & { kind: 'reject' },
  path: Path,
  context: LoweringContext,
): Action {
  if (type !== undefined && code !== undefined && !isRejectCode(type, code))
    context.refuse(`read "${code}", expected a code of ${type}`, at);
  if (type === 'tcp') path.require({ protocol: 6 }, context, at);
  else if (type === 'icmp') path.require({ family: 'ipv4' }, context, at);
  else if (type === 'icmpv6') path.require({ family: 'ipv6' }, context, at);
  return type === undefined ? { kind: 'reject' } : { kind: 'reject', with: `${type} ${code ?? ''}`.trim() };
}
