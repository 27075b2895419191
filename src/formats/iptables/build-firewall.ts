import type { Direction, Family } from '../../packets/fields.ts';
import type { Chain, ChainId, EntryPoint, Firewall, Hook, Stage } from '../../model/firewall.ts';
import type { NamedSet } from '../../model/named-set.ts';
import { chainSides } from './chain-sides.ts';
import type { Ruleset, TableName } from './ruleset.ts';

/** Where each table's chain sits: hook, priority (nf_ip_hook_priorities), built-in chain. */
const places: readonly { hook: Hook; priority: number; table: TableName; chain: string }[] = [
  { hook: 'prerouting', priority: -300, table: 'raw', chain: 'PREROUTING' },
  { hook: 'prerouting', priority: -150, table: 'mangle', chain: 'PREROUTING' },
  { hook: 'prerouting', priority: -100, table: 'nat', chain: 'PREROUTING' },
  { hook: 'input', priority: -150, table: 'mangle', chain: 'INPUT' },
  { hook: 'input', priority: 0, table: 'filter', chain: 'INPUT' },
  { hook: 'input', priority: 50, table: 'security', chain: 'INPUT' },
  { hook: 'input', priority: 100, table: 'nat', chain: 'INPUT' },
  { hook: 'forward', priority: -150, table: 'mangle', chain: 'FORWARD' },
  { hook: 'forward', priority: 0, table: 'filter', chain: 'FORWARD' },
  { hook: 'forward', priority: 50, table: 'security', chain: 'FORWARD' },
  { hook: 'output', priority: -300, table: 'raw', chain: 'OUTPUT' },
  { hook: 'output', priority: -150, table: 'mangle', chain: 'OUTPUT' },
  { hook: 'output', priority: -100, table: 'nat', chain: 'OUTPUT' },
  { hook: 'output', priority: 0, table: 'filter', chain: 'OUTPUT' },
  { hook: 'output', priority: 50, table: 'security', chain: 'OUTPUT' },
  { hook: 'postrouting', priority: -150, table: 'mangle', chain: 'POSTROUTING' },
  { hook: 'postrouting', priority: 100, table: 'nat', chain: 'POSTROUTING' },
];

const hooksOf: Readonly<Record<Direction, readonly Hook[]>> = {
  in: ['prerouting', 'input'],
  forward: ['prerouting', 'forward', 'postrouting'],
  out: ['output', 'postrouting'],
};

const familyNames: Readonly<Record<Family, string>> = { ipv4: 'IPv4', ipv6: 'IPv6' };

/** Everything the rules say, as a firewall: an entry point for each direction and family that has tables. */
export function buildFirewall(
  dialect: string,
  ruleset: Ruleset,
  sets: ReadonlyMap<string, NamedSet>,
  remarks: readonly string[],
): Firewall {
  const families = coveredFamilies(ruleset);
  const entries: EntryPoint[] = [];
  const assumptions = [...remarks];
  for (const family of families) {
    for (const direction of ['in', 'forward', 'out'] as const)
      entries.push({ direction, family, stages: stagesOf(ruleset, family, direction) });
    if (!ruleset.tables.has(`${family}/filter`))
      assumptions.push(
        `The ${familyNames[family]} filter table is not in this input; it is taken to accept everything`,
      );
  }
  for (const family of ['ipv4', 'ipv6'] as const)
    if (families.length > 0 && !families.includes(family))
      assumptions.push(`${familyNames[family]} is not covered by this input`);
  const chains = new Map<string, Chain>();
  for (const table of ruleset.tables.values()) {
    const sides = chainSides(table);
    for (const state of table.chains.values())
      chains.set(state.id, state.toChain(ruleset.expansions, sides.get(state) ?? 'either'));
  }
  for (const [family, rule] of ruleset.unreadTables)
    chains.set(unreadChain(family), {
      id: unreadChain(family),
      name: 'nft',
      order: 'first-match',
      rules: [rule],
      fallthrough: { kind: 'accept' },
    });
  return { format: 'iptables', dialect, entries, chains, sets, assumptions };
}

export function coveredFamilies(ruleset: Ruleset): readonly Family[] {
  return (['ipv4', 'ipv6'] as const).filter(
    (family) =>
      ruleset.unreadTables.has(family) ||
      [...ruleset.tables.values()].some((table) => table.family === family),
  );
}

function unreadChain(family: Family): ChainId {
  return `${family}/nft`;
}

/** Hooks that a packet of each direction passes one of: a table that was not read may drop it there. */
const filterHooks: readonly Hook[] = ['input', 'forward', 'output'];

function stagesOf(ruleset: Ruleset, family: Family, direction: Direction): Stage[] {
  return hooksOf[direction].flatMap((hook) => [
    ...places
      .filter((place) => place.hook === hook && ruleset.tables.has(`${family}/${place.table}`))
      .map((place): Stage => ({
        name: `${place.table} ${place.chain}`,
        hook,
        priority: place.priority,
        chain: `${family}/${place.table}/${place.chain}`,
        kind: place.table === 'nat' ? 'nat' : 'filter',
      })),
    ...(filterHooks.includes(hook) && ruleset.unreadTables.has(family)
      ? [{ name: 'nft', hook, priority: 100, chain: unreadChain(family), kind: 'filter' } as const]
      : []),
  ]);
}
