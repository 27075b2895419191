import type { Change } from '../../model/action.ts';
import { all, and, type Match } from '../../model/match.ts';

/** A part of the packets that a translation matches, with the less that it does to them. */
export interface NatVariant {
  readonly match: Match;
  readonly changes: readonly Change[];
}

const settled: Change = { kind: 'bind', side: 'destination' };

/**
 * A translation of the destination leaves alone what already lies in its range: a port of the range stays, and a packet that nothing
 * changes counts as not translated. (nf_nat_core.c: get_unique_tuple, nf_nat_setup_info). The variants stand before the translation.
 */
export function natVariants(changes: readonly Change[], isRandom: boolean): readonly NatVariant[] {
  const port = changes.find((change) => 'field' in change && change.field === 'destinationPort');
  if (port !== undefined && port.kind !== 'number') return [];
  const kept: Match =
    port === undefined ? all : { kind: 'number', field: 'destinationPort', values: [[port.from, port.to]] };
  const picks = port !== undefined && port.from < port.to;
  if (picks && isRandom) return [];
  const same = sameAddress(changes);
  return [
    ...(same === undefined ? [] : [{ match: and(same, kept), changes: [settled] }]),
    ...(picks ? [{ match: kept, changes: changes.filter((change) => change !== port) }] : []),
  ];
}

/** The packets whose destination stays what it is; undefined where that is not known. */
function sameAddress(changes: readonly Change[]): Match | undefined {
  const change = changes.find(
    (each) => each.kind === 'to-host' || ('field' in each && each.field === 'destination'),
  );
  switch (change?.kind) {
    case undefined:
      return changes.some((each) => 'field' in each && each.field === 'destinationPort') ? all : undefined;
    case 'address':
      return change.range[0] === change.range[1]
        ? { kind: 'address', field: 'destination', family: change.family, ranges: [change.range] }
        : undefined;
    case 'address-bits':
      return {
        kind: 'address',
        field: 'destination',
        family: change.family,
        ranges: [[change.xor, change.xor | change.and]],
      };
    default:
      return undefined;
  }
}
