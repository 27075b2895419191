import { chainActions } from './chain-actions.ts';
import type { EntryPoint, Firewall } from './firewall.ts';

/** How many rules the packets of an entry point may come to. */
export function rulesReached(firewall: Firewall, entry: EntryPoint): number {
  let rules = 0;
  const found = new Set(entry.stages.map((stage) => stage.chain));
  for (const id of found) {
    const chain = firewall.chains.get(id);
    if (chain === undefined) continue;
    rules += chain.rules.length;
    for (const call of chainActions(chain).calls) found.add(call.chain);
  }
  return rules;
}
