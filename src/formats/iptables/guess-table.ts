import type { Family } from '../../packets/fields.ts';
import { builtinChains, tableNames, type TableName } from './ruleset.ts';
import type { Workbench } from './workbench.ts';

/** What a listing of one table shows that tells which table it is. */
export interface TableSigns {
  readonly builtins: ReadonlySet<string>;
  readonly targets: ReadonlySet<string>;
}

const natTargets = ['DNAT', 'SNAT', 'MASQUERADE', 'REDIRECT', 'NETMAP'];
const rawTargets = ['CT', 'NOTRACK'];

/** The table of a listing that does not name it: the one whose built-in chains are those listed, filter before security. */
export function guessTable(signs: TableSigns): { readonly table: TableName; readonly sure: boolean } {
  const { builtins, targets } = signs;
  const order: readonly TableName[] = ['filter', 'nat', 'mangle', 'raw'];
  const exact = order.find(
    (name) =>
      builtins.size === builtinChains[name].length &&
      builtinChains[name].every((chain) => builtins.has(chain)),
  );
  if (exact !== undefined) return { table: exact, sure: true };
  if (natTargets.some((target) => targets.has(target))) return { table: 'nat', sure: true };
  if (rawTargets.some((target) => targets.has(target))) return { table: 'raw', sure: true };
  const fitting = order.filter((name) => [...builtins].every((chain) => builtinChains[name].includes(chain)));
  return { table: fitting[0] ?? 'filter', sure: false };
}

const allBuiltins = new Set(tableNames.flatMap((name) => builtinChains[name]));

export function isBuiltinAnywhere(name: string): boolean {
  return allBuiltins.has(name);
}

/** The family of a part, and an assumption if nothing tells it. */
export function settleFamily(bench: Workbench, ...candidates: readonly (Family | undefined)[]): Family {
  const family = candidates.find((candidate) => candidate !== undefined);
  if (family === undefined)
    bench.assumptions.add('Nothing in the input tells IPv4 from IPv6; IPv4 is assumed');
  return family ?? 'ipv4';
}
