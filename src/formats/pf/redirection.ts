import type { HostTerm, Redirection } from '../../../grammars/pf/syntax.ts';
import type { Change } from '../../model/action.ts';
import { and, not } from '../../model/match.ts';
import type { Match } from '../../model/match.ts';
import type { AddressRange, Family } from '../../packets/fields.ts';
import type { Interval } from '../../packets/interval.ts';
import { interfaceRanges, parseReference, widened } from './local-addresses.ts';
import { parsePfAddress } from './pf-address.ts';
import { refuse, unknownFact } from './pf-context.ts';
import type { RuleNotes } from './pf-context.ts';
import { readPort } from './ports.ts';

/** One way a translation may go; `match` says for which packets, beyond the rule's own criteria. */
export interface Translation {
  readonly match: Match;
  readonly changes: readonly Change[];
}

export type Target = { readonly family: Family; readonly range: AddressRange } | { readonly unknown: string };

/** The addresses of a pool. */
export function targets(hosts: readonly HostTerm[], family: Family | undefined, notes: RuleNotes): Target[] {
  const found: Target[] = [];
  for (const host of hosts) {
    if (host.kind === 'name') {
      const address = parsePfAddress(host.token.image, host.prefix?.image);
      if (address !== undefined) {
        found.push(address);
        continue;
      }
    }
    if (host.kind === 'range') {
      const from = parsePfAddress(host.token.image, undefined);
      const to = parsePfAddress(host.to.image, undefined);
      if (
        from !== undefined &&
        to !== undefined &&
        from.family === to.family &&
        from.range[0] <= to.range[1]
      ) {
        found.push({ family: from.family, range: [from.range[0], to.range[1]] });
        continue;
      }
    }
    const ranges = host.kind === 'name' || host.kind === 'dynamic' ? localRanges(host, notes) : undefined;
    if (ranges === undefined) found.push({ unknown: `an address of ${host.token.image}` });
    else found.push(...ranges);
  }
  const fitting = found.filter(
    (target) => 'unknown' in target || family === undefined || target.family === family,
  );
  if (fitting.length === 0 && found.length > 0) {
    refuse(notes, hosts[0]?.token, 'no translation address with a matching address family');
    return [{ unknown: 'an address of the other family' }];
  }
  return fitting;
}

function localRanges(
  host: Extract<HostTerm, { kind: 'name' | 'dynamic' }>,
  notes: RuleNotes,
): Target[] | undefined {
  const reference = parseReference(host.token.image);
  const ranges = reference === undefined ? undefined : interfaceRanges(reference, notes.context.options);
  const usable = ranges?.filter(({ zone }) => zone === undefined);
  if (usable === undefined || usable.length === 0) return undefined;
  return host.prefix === undefined ? usable : widened(usable, Number(host.prefix.image));
}

/**
 * `field := one of the pool`, one translation for each stretch of addresses. Which one is taken nobody knows before, but it is one: a
 * match rule changes the packet at once, so the ways exclude each other. `key` names the pool.
 */
export function addressChoices(
  pool: readonly Target[],
  field: 'source' | 'destination',
  rest: readonly Change[],
  key: string,
): Translation[] {
  const passed: Match[] = [];
  return pool.map((target, index): Translation => {
    const change: Change =
      'unknown' in target
        ? { kind: 'unknown', field, reason: target.unknown }
        : { kind: 'address', field, family: target.family, range: target.range };
    const taken = unknownFact(`pool ${key} ${index}`, 'which address of the pool is taken');
    const match = index === pool.length - 1 ? and(...passed) : and(...passed, taken);
    passed.push(not(taken));
    return { match, changes: [change, ...rest] };
  });
}

/** A name for the pool of one rule. */
export function poolKey({ keyword }: Redirection, { source }: RuleNotes): string {
  return `${source}:${keyword.startOffset}`;
}

/** Above this many blocks a wrapping port range is given as "any port of it". */
const mostBlocks = 64;

/**
 * What `port` does to the destination ports in `item` (pf_get_translation): `port 80` is always 80; `port 2000:*` shifts; `port
 * 2000:2099` shifts and begins anew at its end. Undefined ports: nothing changes.
 */
export function portShifts(
  redirection: Redirection,
  item: Interval | undefined,
  notes: RuleNotes,
): { readonly ports?: Interval; readonly change?: Change }[] {
  const { port } = redirection;
  if (port === undefined) return [{}];
  const field = 'destinationPort';
  const colon = port.image.indexOf(':');
  const first = readPort(colon < 0 ? port.image : port.image.slice(0, colon), port, notes);
  const unknown: Change = { kind: 'unknown', field, reason: `port ${port.image}` };
  if (first === undefined) {
    notes.obscure = true;
    return [{ change: unknown }];
  }
  if (colon < 0) return [{ change: { kind: 'number', field, from: first, to: first } }];
  const end = port.image.slice(colon + 1);
  const [low, high] = item ?? [0, 65535];
  if (end === '*') {
    // Without a range to shift, the target is the one port.
    if (item === undefined || low === high)
      return [{ change: { kind: 'number', field, from: first, to: first } }];
    return [{ change: { kind: 'add', field, by: first - low } }];
  }
  const last = readPort(end, port, notes);
  if (last === undefined || last < first) {
    notes.obscure = true;
    return [{ change: unknown }];
  }
  const size = last - first + 1;
  if ((high - low + 1) / size > mostBlocks)
    return [{ change: { kind: 'number', field, from: first, to: last } }];
  const shifts: { ports: Interval; change: Change }[] = [];
  for (let start = low; start <= high; start += size) {
    shifts.push({
      ports: [start, Math.min(high, start + size - 1)],
      change: { kind: 'add', field, by: first - start },
    });
  }
  return shifts.length === 1 ? [{ change: shifts[0]!.change }] : shifts;
}

/** Ports that `nat` picks from when none are given (PF_NAT_PROXY_PORT_LOW and _HIGH). */
const natPorts: Interval = [50001, 65535];

/** The source port change of nat and nat-to; undefined for `static-port`. It concerns TCP and UDP only. */
export function natPortChange(redirection: Redirection, notes: RuleNotes): Change | undefined {
  if (redirection.pool.some(({ image }) => image === 'static-port')) return undefined;
  const field = 'sourcePort';
  const { port } = redirection;
  if (port === undefined) return { kind: 'number', field, from: natPorts[0], to: natPorts[1] };
  const [low = '', high = low] = port.image.split(':');
  const from = readPort(low, port, notes);
  const to = high === '*' ? from : readPort(high, port, notes);
  if (from === undefined || to === undefined || from > to)
    return { kind: 'unknown', field, reason: `port ${port.image}` };
  return { kind: 'number', field, from, to };
}
