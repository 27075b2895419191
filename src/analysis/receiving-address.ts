import { chainActions } from '../model/chain-actions.ts';
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
  if (!changes(firewall, 'to-host')) return found;
  for (const [name, [first]] of byInterface(family, addresses)) found.set(name, first);
  return found;
}

/**
 * The address that a masqueraded packet gets, by the interface it leaves by. Of several addresses the kernel takes the one that is
 * nearest to the next hop (inet_select_addr), which no rule tells: only an interface with one address is here.
 */
export function leavingAddresses(
  firewall: Firewall,
  family: Family,
  addresses: readonly HostAddress[],
): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  if (!changes(firewall, 'from-host')) return found;
  for (const [name, [first, second]] of byInterface(family, addresses))
    if (second === undefined) found.set(name, first);
  return found;
}

function byInterface(
  family: Family,
  addresses: readonly HostAddress[],
): ReadonlyMap<string, readonly [bigint, ...bigint[]]> {
  const found = new Map<string, [bigint, ...bigint[]]>();
  for (const { family: its, range, interface: name } of addresses) {
    if (its !== family || name === undefined || range[0] !== range[1]) continue;
    const known = found.get(name);
    if (known === undefined) found.set(name, [range[0]]);
    else if (!known.includes(range[0])) known.push(range[0]);
  }
  return found;
}

function changes(firewall: Firewall, kind: 'to-host' | 'from-host'): boolean {
  for (const chain of firewall.chains.values()) if (chainActions(chain).changes.has(kind)) return true;
  return false;
}
