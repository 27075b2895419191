import type { Action } from './action.ts';
import type { Chain, ChainId, EntryPoint, Firewall, Rule, Stage } from './firewall.ts';
import type { NamedSet } from './named-set.ts';
import { withUnknownOrder } from './unknown-order.ts';

/**
 * Several exports of one host as one firewall: a packet passes every stage of all of them, each hook's by priority, and sets of one
 * file serve the rules of another. Rule ids and chain ids are made unique again; spans keep pointing at their own files.
 */
export function mergeFirewalls(
  firewalls: readonly Firewall[],
  sets: ReadonlyMap<string, NamedSet> = new Map(),
): Firewall {
  const [first, ...others] = firewalls;
  if (first === undefined) throw new Error('nothing to merge');
  if (others.length === 0 && sets.size === 0) return first;
  const chains = new Map<ChainId, Chain>();
  const allSets = new Map(sets);
  const entries = new Map<string, { readonly entry: EntryPoint; readonly exports: Stage[][] }>();
  let nextRule = 0;
  firewalls.forEach((firewall, index) => {
    const clash = [...firewall.chains.keys()].some((id) => chains.has(id));
    const rename = (id: ChainId): ChainId => (clash ? `${index}:${id}` : id);
    let top = -1;
    for (const [id, chain] of firewall.chains) {
      for (const rule of chain.rules) top = Math.max(top, rule.id);
      chains.set(rename(id), renamedChain(chain, rename, nextRule));
    }
    nextRule += top + 1;
    for (const [name, set] of firewall.sets) allSets.set(name, set);
    for (const entry of firewall.entries) {
      const key = `${entry.direction} ${entry.family}`;
      let merged = entries.get(key);
      if (merged === undefined) entries.set(key, (merged = { entry, exports: [] }));
      merged.exports.push(entry.stages.map((stage) => ({ ...stage, chain: rename(stage.chain) })));
    }
  });
  const merged = [...entries.values()].map(({ entry, exports }) => ({
    ...entry,
    stages: withUnknownOrder(exports, chains),
  }));
  const covered = new Set(merged.map((entry) => entry.family));
  const assumptions = new Set(firewalls.flatMap((firewall) => firewall.assumptions));
  if (covered.has('ipv6')) assumptions.delete('IPv6 is not covered by this input');
  if (covered.has('ipv4')) assumptions.delete('IPv4 is not covered by this input');
  for (const sentence of heldTwice([...entries.values()], chains)) assumptions.add(sentence);
  return {
    format: first.format,
    dialect: [...new Set(firewalls.map((firewall) => firewall.dialect))].join(' + '),
    entries: merged,
    chains,
    sets: allSets,
    assumptions: [...assumptions],
  };
}

/** Chains that several exports hold are all asked; but one may be an older state of the other. */
function heldTwice(
  entries: readonly { readonly entry: EntryPoint; readonly exports: readonly (readonly Stage[])[] }[],
  chains: ReadonlyMap<ChainId, Chain>,
): readonly string[] {
  const isTelling = ({ chain }: Stage): boolean => {
    const { rules, fallthrough } = chains.get(chain)!;
    return rules.length > 0 || fallthrough.kind !== 'accept';
  };
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const twice = new Set<string>();
    for (const { entry, exports } of entries) {
      if (entry.family !== family) continue;
      const once = new Set<string>();
      for (const stages of exports)
        for (const name of new Set(stages.filter(isTelling).map((stage) => stage.name)))
          (once.has(name) ? twice : once).add(name);
    }
    if (twice.size === 0) return [];
    const of = family === 'ipv4' ? 'IPv4' : 'IPv6';
    return [
      `Several inputs hold ${[...twice].join(', ')} of ${of}: a packet must pass all of them (where one replaces another, give that one alone)`,
    ];
  });
}

function renamedChain(chain: Chain, rename: (id: ChainId) => ChainId, firstRule: number): Chain {
  return {
    ...chain,
    id: rename(chain.id),
    fallthrough: renamedAction(chain.fallthrough, rename),
    rules: chain.rules.map((rule): Rule => ({
      ...rule,
      id: rule.id + firstRule,
      action: renamedAction(rule.action, rename),
    })),
  };
}

function renamedAction(action: Action, rename: (id: ChainId) => ChainId): Action {
  return action.kind === 'jump' || action.kind === 'goto'
    ? { ...action, chain: rename(action.chain) }
    : action;
}
