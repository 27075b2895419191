import { type Call, chainActions } from './chain-actions.ts';
import type { ChainId, Firewall } from './firewall.ts';

export interface ChainOrder {
  /** Chains reachable from the roots, callees before callers. */
  readonly calleesFirst: readonly ChainId[];
  /** Calls that close a circle, as `caller rule id`. The kernel refuses such rule sets. */
  readonly backCalls: ReadonlySet<number>;
  readonly cycles: readonly (readonly ChainId[])[];
}

/** Depth-first over calls, without recursion: chains may nest as deep as the file likes. */
export function chainOrder(firewall: Pick<Firewall, 'chains'>, roots: readonly ChainId[]): ChainOrder {
  const calleesFirst: ChainId[] = [];
  const state = new Map<ChainId, 'open' | 'done'>();
  const backCalls = new Set<number>();
  const cycles: ChainId[][] = [];
  for (const root of roots) {
    if (state.has(root)) continue;
    const path: { readonly id: ChainId; readonly calls: readonly Call[]; next: number }[] = [];
    const enter = (id: ChainId): void => {
      state.set(id, 'open');
      const chain = firewall.chains.get(id);
      path.push({ id, calls: chain === undefined ? [] : chainActions(chain).calls, next: 0 });
    };
    enter(root);
    while (path.length > 0) {
      const top = path[path.length - 1]!;
      const call = top.calls[top.next++];
      if (call === undefined) {
        state.set(top.id, 'done');
        calleesFirst.push(top.id);
        path.pop();
        continue;
      }
      const seen = state.get(call.chain);
      if (seen === 'open') {
        backCalls.add(call.rule);
        cycles.push(path.slice(path.findIndex((p) => p.id === call.chain)).map((p) => p.id));
      } else if (seen === undefined && firewall.chains.has(call.chain)) enter(call.chain);
    }
  }
  return { calleesFirst, backCalls, cycles };
}
