import { type Bdd, FALSE, type Node } from '../packets/bdd.ts';
import type { Evaluation } from './evaluate.ts';
import type { Oracle } from './interpret.ts';

/** How open questions are answered, by their words; `rule`: the one that asks, of those asked anew each visit. */
export type World = (reason: string, rule?: number) => boolean;

/**
 * Every question answered alike. That nothing undecided matches comes first: a packet that is denied in any case is denied by the rule
 * that is sure to, not by a list that may hold its source.
 */
export const plainWorlds: readonly World[] = [() => false, () => true];

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

/** The variables that are true on the first way to TRUE. */
function levelsTrue(bdd: Bdd, node: Node): readonly number[] {
  const found: number[] = [];
  for (let at = node; !bdd.isLeaf(at);) {
    const low = bdd.lowOf(at);
    if (low === FALSE) found.push(bdd.levelOf(at));
    at = low === FALSE ? bdd.highOf(at) : low;
  }
  return found;
}
