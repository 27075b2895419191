import { chainActions } from './chain-actions.ts';
import type { ChainId, Firewall, Stage } from './firewall.ts';

/** The chains that packets of the stages can enter, those that the input lacks included. */
export function chainsReached(firewall: Firewall, stages: readonly Stage[]): ReadonlySet<ChainId> {
  const found = new Set(stages.map((stage) => stage.chain));
  for (const id of found) {
    const chain = firewall.chains.get(id);
    if (chain !== undefined) for (const called of chainActions(chain).called) found.add(called);
  }
  return found;
}

/** How many rules these packets may come to. */
export function rulesReached(firewall: Firewall, stages: readonly Stage[]): number {
  let rules = 0;
  for (const id of chainsReached(firewall, stages)) rules += firewall.chains.get(id)?.rules.length ?? 0;
  return rules;
}
