import type { Chain, ChainId } from '../../model/firewall.ts';
import type { Reporter } from './reporter.ts';
import type { BaseChain } from './stages.ts';

/**
 * Of two base chains on one hook with one priority the kernel runs the one registered later first. Pure accept and drop commute;
 * where a chain changes the packet the order counts, and a listing does not reliably tell it.
 */
export function sayEqualPriorities(
  bases: readonly BaseChain[],
  chains: ReadonlyMap<ChainId, Chain>,
  reporter: Reporter,
): void {
  const seen = new Map<string, BaseChain[]>();
  for (const base of bases) {
    if (base.chain.hook === undefined) continue;
    const key = `${base.hook} ${base.chain.hook.type === 'nat' ? 'nat' : 'filter'} ${base.priority}`;
    const group = seen.get(key);
    if (group === undefined) seen.set(key, [base]);
    else group.push(base);
  }
  for (const group of seen.values()) {
    if (group.length < 2 || !group.some((base) => changes(base.id, chains, new Set()))) continue;
    const names = group.map(({ table, chain }) => `${table.family} ${table.name} ${chain.name}`);
    reporter.add(
      'FW1210',
      'note',
      `${names.join(' and ')} have the same priority and one of them changes packets; the later one is taken to run first`,
      group[group.length - 1]!.chain.span,
      'give them different priorities',
    );
  }
}

function changes(id: ChainId, chains: ReadonlyMap<ChainId, Chain>, visited: Set<ChainId>): boolean {
  if (visited.has(id)) return false;
  visited.add(id);
  return (
    chains
      .get(id)
      ?.rules.some(({ action }) =>
        action.kind === 'change'
          ? true
          : action.kind === 'jump' || action.kind === 'goto'
            ? changes(action.chain, chains, visited)
            : false,
      ) ?? false
  );
}
