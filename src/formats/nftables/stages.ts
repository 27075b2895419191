import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Expression } from '../../../grammars/nftables/syntax.ts';
import type { EntryPoint, Hook, Stage } from '../../model/firewall.ts';
import { and, type Match, or } from '../../model/match.ts';
import type { Direction, Family } from '../../packets/fields.ts';
import type { ChainState, TableState } from './ruleset-state.ts';

/** A base chain with what decides when it runs. */
export interface BaseChain {
  readonly table: TableState;
  readonly chain: ChainState;
  readonly id: string;
  readonly hook: string;
  readonly priority: number;
  /** The stage is passed through only by packets that meet this. */
  readonly guard?: Match;
}

const hooksOf: Readonly<Record<Direction, readonly string[]>> = {
  in: ['ingress', 'prerouting', 'input'],
  forward: ['ingress', 'prerouting', 'forward', 'postrouting', 'egress'],
  out: ['output', 'postrouting', 'egress'],
};

/** The stages of every direction and family, in the order in which packets meet them. */
export function entryPoints(chains: readonly BaseChain[]): EntryPoint[] {
  const entries: EntryPoint[] = [];
  for (const family of ['ipv4', 'ipv6'] as const)
    for (const direction of ['in', 'forward', 'out'] as const) {
      entries.push({ direction, family, stages: stagesOf(chains, direction, family) });
    }
  return entries;
}

function stagesOf(chains: readonly BaseChain[], direction: Direction, family: Family): Stage[] {
  const stages: Stage[] = [];
  for (const hook of hooksOf[direction]) {
    const here = chains.filter((base) => base.hook === hook && sees(base.table.family, family));
    here.sort(
      (a, b) =>
        runsAt(a) - runsAt(b) ||
        a.priority - b.priority ||
        // nf_register_net_hook puts a hook before others of its priority.
        b.chain.registered - a.chain.registered,
    );
    for (const base of here) {
      stages.push({
        name: `${base.table.family} ${base.table.name} ${base.chain.name}`,
        hook: modelHook(hook),
        priority: hook === 'egress' ? 2 ** 31 + base.priority : runsAt(base),
        chain: base.id,
        ...(base.chain.hook?.type === 'nat'
          ? { kind: 'nat', natPriority: base.priority }
          : { kind: 'filter' }),
        ...(base.guard === undefined ? {} : { guard: base.guard }),
      });
    }
  }
  return stages;
}

/**
 * Chains of type nat do not run at their own priority: the kernel's NAT hook runs them all, at dstnat on prerouting and output, at
 * srcnat on input and postrouting; their priorities order them among each other (nf_nat_proto.c, nf_nat_register_fn).
 */
function runsAt(base: BaseChain): number {
  if (base.chain.hook?.type !== 'nat') return base.priority;
  return base.hook === 'prerouting' || base.hook === 'output' ? -100 : 100;
}

function modelHook(hook: string): Hook {
  return hook === 'egress' ? 'postrouting' : (hook as Hook);
}

function sees(tableFamily: string, family: Family): boolean {
  if (tableFamily === 'ip') return family === 'ipv4';
  if (tableFamily === 'ip6') return family === 'ipv6';
  return tableFamily === 'inet' || tableFamily === 'netdev';
}

/** Ingress and egress chains see the packets of their devices only. */
export function deviceGuard(devices: readonly Expression[], hook: string): Match {
  const field = hook === 'egress' ? 'outInterface' : 'inInterface';
  if (devices.length === 0) return and();
  return or(
    ...devices.map((device): Match => {
      const text = 'text' in device ? device.text : printExpression(device);
      const prefix = text.endsWith('*');
      if (device.kind === 'variable')
        return {
          kind: 'unknown',
          scope: 'packet',
          key: `device ${text}`,
          reason: `the device ${text} is not known`,
        };
      return { kind: 'name', field, name: prefix ? text.slice(0, -1) : text, prefix };
    }),
  );
}
