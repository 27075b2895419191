import type { HostTerm, Redirection } from '../../../grammars/pf/syntax.ts';
import { refuse } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';

const kinds = new Set(['bitmask', 'random', 'source-hash', 'round-robin', 'least-states']);

/** What pfctl checks of an address pool and its options (apply_redirspec; natrule of the older parse.y). */
export function checkPool({ keyword, hosts, port, pool }: Redirection, notes: RuleNotes): void {
  const option = (name: string): (typeof pool)[number] | undefined =>
    pool.find(({ image }) => image === name);
  const types = pool.filter(({ image }) => kinds.has(image));
  if (types.length > 1) refuse(notes, types[1], 'pool type cannot be redefined');
  const fixed = option('static-port');
  const mape = option('map-e-portset');
  const source = keyword.image === '->' || keyword.image === 'nat-to';
  if (fixed !== undefined) {
    if (!source) refuse(notes, fixed, "'static-port' is only valid with nat rules");
    else if (port !== undefined) refuse(notes, fixed, "'static-port' cannot be used with a port range");
  }
  if (mape !== undefined) {
    if (!source) refuse(notes, mape, "'map-e-portset' is only valid with nat rules");
    else if (port !== undefined) refuse(notes, mape, "'map-e-portset' cannot be used with a port range");
    else if (fixed !== undefined)
      refuse(notes, mape, "'map-e-portset' and 'static-port' cannot be used together");
  }
  // A bit mask is laid over one network: a pool that changes while pf runs has none.
  if (types[0]?.image !== 'bitmask') return;
  const moving = hosts.find(isMoving);
  if (moving?.kind === 'table') refuse(notes, moving.token, 'tables are not supported by pool type bitmask');
  else if (moving !== undefined)
    refuse(notes, moving.token, `interface (${moving.token.image}) is not supported by pool type bitmask`);
  else if (hosts.length > 1) refuse(notes, hosts[1]!.token, 'pool type bitmask takes a single network');
}

/** DYNIF_MULTIADDR: `(em0)` may have several addresses, `(em0:0)` has one. */
function isMoving(host: HostTerm): boolean {
  if (host.kind === 'table') return true;
  return host.kind === 'dynamic' && !/^[^:]*[0-9](:[a-z]+)*:0$/.test(host.token.image);
}
