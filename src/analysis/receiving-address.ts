import type { Firewall } from '../model/firewall.ts';
import type { AddressRange, Family } from '../packets/fields.ts';

/** An address of the host, and the interface that holds it where that is known. */
export interface HostAddress {
  readonly family: string;
  readonly range: AddressRange;
  readonly interface?: string;
}

/**
 * Where a redirected packet goes, by the interface it came in: that interface's first address (nf_nat_redirect_ipv4). Empty when the
 * rules redirect nothing, so that names nobody asks about cost nothing.
 */
export function receivingAddresses(
  firewall: Firewall,
  family: Family,
  addresses: readonly HostAddress[],
): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  if (!redirects(firewall)) return found;
  for (const { family: its, range, interface: name } of addresses) {
    if (its === family && name !== undefined && range[0] === range[1] && !found.has(name))
      found.set(name, range[0]);
  }
  return found;
}

function redirects(firewall: Firewall): boolean {
  for (const chain of firewall.chains.values()) {
    for (const { action } of chain.rules) {
      if (action.kind === 'change' && action.changes.some(({ kind }) => kind === 'to-host')) return true;
    }
  }
  return false;
}
