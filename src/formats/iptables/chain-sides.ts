import type { ChainSide, ChainState, TableState } from './ruleset.ts';

const builtinSides: Readonly<Record<string, ChainSide>> = {
  PREROUTING: 'incoming',
  OUTPUT: 'incoming',
  INPUT: 'outgoing',
  POSTROUTING: 'outgoing',
};

/** Where packets come to each chain of the table from; chains that nothing leads to are left out. */
export function chainSides(table: TableState): ReadonlyMap<ChainState, ChainSide> {
  const sides = new Map<ChainState, ChainSide>();
  const open: ChainState[] = [];
  const reach = (chain: ChainState, side: ChainSide): void => {
    const known = sides.get(chain);
    const joined = known === undefined || known === side ? side : 'either';
    if (joined === known) return;
    sides.set(chain, joined);
    open.push(chain);
  };
  for (const chain of table.chains.values())
    if (chain.builtin) reach(chain, builtinSides[chain.name] ?? 'either');
  for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
    const side = sides.get(chain) ?? 'either';
    for (const rule of chain.rules) {
      const callee = table.chainOf(rule.action);
      if (callee !== undefined) reach(callee, side);
    }
  }
  return sides;
}
