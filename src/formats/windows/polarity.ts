import type { UnknownMatch } from '../../model/match.ts';

/**
 * Rules of one list are combined without order: allow adds, block takes away. An unknown that narrows a rule therefore moves the
 * answer one way only, and one variable for all allow rules and one for all block rules gives exactly the same certain and possible
 * answers as one for each rule (forall and exists of a monotone function are reached at its corners), at a fraction of the cost.
 */
export type Polarity = 'allow' | 'block';

/** An unknown of its own for each rule, written as one for each polarity. */
export function unknownNarrowing(key: string, polarity: Polarity, reason: string): UnknownMatch {
  const words = polarity === 'allow' ? reason : `a block rule may be narrower: ${reason}`;
  return { kind: 'unknown', scope: 'packet', key: `windows:${polarity}:${key}`, reason: words };
}
