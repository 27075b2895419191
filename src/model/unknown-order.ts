import { chainActions } from './chain-actions.ts';
import { chainOrder } from './chain-order.ts';
import type { Firewall, Stage } from './firewall.ts';
import { and, type Match, not } from './match.ts';

type Chains = Firewall['chains'];

/**
 * Of stages with one hook and priority the kernel runs those first that were registered last (nf_hook_entries_grow), and no export tells
 * when its chains were. So where exports of one host tie and the order may count, it is an open question: the stages of the later export
 * stand in every place that they may have, each under the condition that it is theirs. `exports`: one list of stages an export.
 */
export function withUnknownOrder(exports: readonly (readonly Stage[])[], chains: Chains): readonly Stage[] {
  const [first = [], ...others] = exports;
  const ties = new Map<string, Stage[][]>();
  for (const [i, stages] of exports.entries()) {
    for (const stage of stages) {
      let groups = ties.get(placeOf(stage));
      if (groups === undefined) ties.set(placeOf(stage), (groups = []));
      (groups[i] ??= []).push(stage);
    }
  }
  const tied = [...ties.values()]
    .map((groups) => groups.filter((group) => group.length > 0))
    .filter((groups) => groups.length > 1 && groups.some((group) => changes(group, chains)));
  if (tied.length === 0) return [...first, ...others.flat()];
  const ordered = tied.flatMap((groups) => anyOrder(groups));
  const moved = new Set(tied.flat(2));
  return [...exports.flat().filter((stage) => !moved.has(stage)), ...ordered];
}

function placeOf({ hook, priority, kind, natPriority }: Stage): string {
  return `${hook} ${String(priority)} ${kind === 'nat' ? String(natPriority ?? priority) : ''}`;
}

/** Every order of the groups that are to come, as stages of which each packet meets one copy. */
function anyOrder(groups: readonly (readonly Stage[])[]): readonly Stage[] {
  return groups.reduce((placed, group, index) => {
    const result: Stage[] = [];
    let notBefore: Match = and();
    for (const [slot, other] of placed.entries()) {
      const before: Match = {
        kind: 'unknown',
        scope: 'packet',
        key: `order ${placeOf(other)} ${String(index)} ${String(slot)}`,
        reason: `${nameOf(group)} was loaded after ${other.name}, which has the same priority, and so runs first`,
      };
      result.push(...group.map((stage) => under(and(notBefore, before), stage)), other);
      notBefore = and(notBefore, not(before));
    }
    result.push(...group.map((stage) => under(notBefore, stage)));
    return result;
  });
}

function nameOf(group: readonly Stage[]): string {
  return group.map(({ name }) => name).join(', ');
}

function under(condition: Match, stage: Stage): Stage {
  return { ...stage, guard: stage.guard === undefined ? condition : and(stage.guard, condition) };
}

/** Some rule of these stages changes packets; verdicts alone are the same in any order. */
function changes(stages: readonly Stage[], chains: Chains): boolean {
  const { calleesFirst } = chainOrder(
    { chains },
    stages.map(({ chain }) => chain),
  );
  return calleesFirst.some((id) => {
    const chain = chains.get(id);
    return chain !== undefined && chainActions(chain).changes.size > 0;
  });
}
