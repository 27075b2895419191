import { FALSE, type Node } from '../packets/bdd.ts';
import { levelsTrue } from '../packets/some-packet.ts';
import type { Evaluation } from './evaluate.ts';
import type { Interpretation, Oracle } from './interpret.ts';

/** How open questions are answered, by their words; `rule`: the one that asks, of those asked anew each visit. */
export type World = (reason: string, rule?: number) => boolean;

/** Nothing undecided matches. */
export const plainWorld: World = () => false;

/**
 * The way of a packet with this verdict, in a world where every question is answered alike. That nothing undecided matches comes first: a
 * packet that is denied in any case is denied by the rule that is sure to, not by a list that may hold its source.
 */
export function wayTo(
  verdict: Interpretation['verdict'],
  walk: (world: World) => Interpretation,
): Interpretation {
  const plain = walk(plainWorld);
  if (plain.verdict === verdict) return plain;
  const other = walk(() => true);
  return other.verdict === verdict ? other : plain;
}

/** A world in which a function of open questions alone holds, with as few of them answered by yes as may be; undefined if there is none. */
export function worldWhere({ space, questions }: Evaluation, holds: Node): World | undefined {
  if (holds === FALSE) return undefined;
  const yes = new Set<string>();
  for (const level of levelsTrue(space.bdd, holds)) {
    const question = questions.at(level);
    if (question !== undefined)
      yes.add(wordsOf(question.reason, question.perVisit ? question.rule : undefined));
  }
  return (reason, rule) => yes.has(wordsOf(reason, rule));
}

export function oracleOf(world: World): Oracle {
  return {
    packet: (_key, reason) => world(reason),
    visit: (rule, reason) => world(reason, rule),
    pick: (_rule, from) => from,
  };
}

function wordsOf(reason: string, rule: number | undefined): string {
  return `${rule ?? ''} ${reason}`;
}
