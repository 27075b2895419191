import { printExpression } from '../../../grammars/nftables/print.ts';
import type { VerdictSyntax } from '../../../grammars/nftables/syntax.ts';
import type { Action } from '../../model/action.ts';
import type { ChainId } from '../../model/firewall.ts';
import type { LoweringContext } from './lowering-context.ts';
import { baseChain, missingChain } from './uncallable-chain.ts';

/** A chain that a rule names. */
export interface CalledChain {
  readonly id: ChainId;
  /** A hook calls it. */
  readonly isBase: boolean;
}

/** A chain by its name in the same table; undefined if there is none. */
export type FindChain = (name: string) => CalledChain | undefined;

/** What a verdict does that is no chain written in its place. */
export function verdictAction(
  verdict: Exclude<VerdictSyntax, { readonly block: unknown }>,
  at: number,
  chainNamed: FindChain,
  context: LoweringContext,
): Action {
  if (!('chain' in verdict)) return { kind: verdict.kind };
  const name = 'text' in verdict.chain ? verdict.chain.text : printExpression(verdict.chain);
  const chain = chainNamed(name);
  if (chain === undefined) return missingChain(name, at, context);
  if (chain.isBase) return baseChain(name, at, context);
  return { kind: verdict.kind, chain: chain.id };
}
