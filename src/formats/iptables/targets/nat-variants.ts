import type { Action, Change, NatSide } from '../../../model/action.ts';
import { all, and, type Match } from '../../../model/match.ts';
import { optionNamed, type ModuleUse, type RuleContext } from '../lowering.ts';
import { addressMatch, parseMaskedAddress } from '../addresses.ts';
import { netmapField, parseMapping, translated, type Mapping } from './changes.ts';

/** A part of the packets that a target matches, with what it does to those. */
export interface Variant {
  readonly match: Match;
  readonly action: Action;
}

/** The packet stays what it is, and its connection is settled all the same. */
function untouched(side: NatSide): Action {
  return { kind: 'change', changes: [{ kind: 'bind', side }], then: 'accept' };
}

function portIn(from: number, to: number): Match {
  return { kind: 'number', field: 'destinationPort', values: [[from, Math.min(to, 65535)]] };
}

/**
 * A mapping leaves alone what already lies in its range: a port of the range stays, and a packet that nothing changes counts as not
 * translated. A shifted range moves the ports it was made for by a fixed distance. (nf_nat_core.c: get_unique_tuple, nf_nat_setup_info)
 */
function variantsOf(
  mapping: Mapping,
  moved: readonly Change[],
  same: Match | undefined,
  random: boolean,
): readonly Variant[] {
  const { ports, base } = mapping;
  const rewrite = (...changes: readonly Change[]): Action => ({
    kind: 'change',
    changes: [...moved, ...changes, ...translated.destination],
    then: 'accept',
  });
  if (ports === undefined)
    return same === undefined ? [] : [{ match: same, action: untouched('destination') }];
  const [from, to] = ports;
  if (from < to && random) return [];
  if (base !== undefined) {
    const shift: readonly Change[] =
      from === base ? [] : [{ kind: 'add', field: 'destinationPort', by: from - base }];
    return [{ match: portIn(base, base + to - from), action: rewrite(...shift) }];
  }
  const kept = portIn(from, to);
  return [
    ...(same === undefined ? [] : [{ match: and(same, kept), action: untouched('destination') }]),
    ...(from < to ? [{ match: kept, action: rewrite() }] : []),
  ];
}

function isRandom(use: ModuleUse): boolean {
  return optionNamed(use, 'random') !== undefined;
}

/** Packets that a DNAT leaves as they are, or whose port it keeps. */
export function dnatVariants(use: ModuleUse, context: RuleContext): readonly Variant[] {
  const given = use.options.filter((option) => option.name === 'to-destination');
  const mapping = given.length === 1 ? parseMapping(given[0]?.values[0] ?? '', context) : undefined;
  if (mapping === undefined) return [];
  const { family } = context;
  const { addresses } = mapping;
  if (addresses === undefined) return variantsOf(mapping, [], all, isRandom(use));
  const moved: Change = { kind: 'address', field: 'destination', family, range: addresses };
  const same: Match | undefined =
    addresses[0] === addresses[1]
      ? { kind: 'address', field: 'destination', family, ranges: [addresses] }
      : undefined;
  return variantsOf(mapping, [moved], same, isRandom(use));
}

/** Packets whose port a REDIRECT keeps; whether they were for the chosen address of the host already is not known. */
export function redirectVariants(use: ModuleUse, context: RuleContext): readonly Variant[] {
  const text = optionNamed(use, 'to-ports')?.values[0];
  const mapping = text === undefined ? undefined : parseMapping(`:${text}`, { ...context, family: 'ipv4' });
  return mapping === undefined ? [] : variantsOf(mapping, [{ kind: 'to-host' }], undefined, isRandom(use));
}

/** Packets that NETMAP leaves as they are, since they are in the network already: nothing is translated. */
export function netmapVariants(use: ModuleUse, context: RuleContext): readonly Variant[] {
  const field = netmapField(context);
  const network = parseMaskedAddress(optionNamed(use, 'to')?.values[0] ?? '', context.family);
  return field === undefined || network === undefined
    ? []
    : [{ match: addressMatch(field, context.family, network), action: untouched(field) }];
}
