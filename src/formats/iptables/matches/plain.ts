import type { AddressField, AddressRange, Family } from '../../../packets/fields.ts';
import { all, and, none, not, or, type Match } from '../../../model/match.ts';
import type { OptionSyntax } from '../../../../grammars/iptables/syntax.ts';
import { allOnes, parseAddress } from '../addresses.ts';
import {
  canonicalText,
  optionNamed,
  packetUnknown,
  ruleUnknown,
  type ModuleUse,
  type RuleContext,
} from '../lowering.ts';
import { parseMarkAndMask } from '../numbers.ts';

/** Matches that hold for every packet: comments and counters. */
export function lowerAlways(): Match {
  return all;
}

/** A property of the packet or its sender that the model has no dimension for: length, owner, MAC, payload. */
export function lowerPacketProperty(use: ModuleUse): Match {
  const [option] = use.options;
  if (use.options.length === 1 && option !== undefined) {
    const match = packetUnknown(
      `${use.name} ${canonicalText({ ...use, options: [{ ...option, negated: false }] })}`,
    );
    return option.negated ? not(match) : match;
  }
  return packetUnknown(use.options.length === 0 ? use.name : `${use.name} ${canonicalText(use)}`);
}

/** A condition that changes from packet to packet: rates, counts, dice. */
export function lowerChanging(use: ModuleUse): Match {
  return ruleUnknown(use.options.length === 0 ? use.name : `${use.name} ${canonicalText(use)}`);
}

/** `-m limit`, worded as people read it. */
export function lowerLimit(use: ModuleUse): Match {
  const rate = optionNamed(use, 'limit')?.values[0] ?? '3/hour';
  const burst = optionNamed(use, 'limit-burst')?.values[0] ?? '5';
  const match = ruleUnknown(`limit: avg ${rate} burst ${burst}`);
  return optionNamed(use, 'limit')?.negated === true ? not(match) : match;
}

/** `-m recent`: `--set` only notes the address and is true; the other questions depend on what came before. */
export function lowerRecent(use: ModuleUse): Match {
  const set = optionNamed(use, 'set');
  if (set !== undefined) return set.negated ? none : all;
  const list = optionNamed(use, 'name')?.values[0] ?? 'DEFAULT';
  return ruleUnknown(`recent list ${list}: ${canonicalText(use)}`);
}

/** `-m statistic`: certain only at probability 0 and 1. */
export function lowerStatistic(use: ModuleUse): Match {
  const probability = optionNamed(use, 'probability');
  if (probability !== undefined) {
    const value = Number(probability.values[0]);
    if (value === 0) return probability.negated ? all : none;
    if (value === 1) return probability.negated ? none : all;
  }
  // The counter starts anew at every packet (statistic_mt).
  const every = optionNamed(use, 'every');
  if (every !== undefined && Number(every.values[0]) === 1) return every.negated ? none : all;
  return lowerChanging(use);
}

/** `-m mark --mark value[/mask]`: the packet's own mark, 0 unless a rule sets it. */
export function lowerMark(use: ModuleUse, context: RuleContext): Match {
  return and(
    ...use.options.map((option) => {
      const text = option.values[0] ?? '';
      const mark = parseMarkAndMask(text);
      if (mark === undefined) {
        context.refuse('a mark was expected: value or value/mask, both of 32 bits', text);
        return packetUnknown(`mark ${text}`);
      }
      // (mark & mask) == value never holds for a value with bits outside the mask (mark_mt).
      const match: Match =
        (mark.value & ~mark.mask) !== 0
          ? none
          : mark.mask === 0
            ? all
            : { kind: 'bits', field: 'mark', mask: mark.mask >>> 0, value: mark.value >>> 0 };
      return option.negated ? not(match) : match;
    }),
  );
}

/** `-m iprange`: a range that runs backwards holds no address, so its negation holds for all. */
export function lowerIprange(use: ModuleUse, context: RuleContext): Match {
  if (use.options.length === 0) context.refuse('-m iprange needs --src-range or --dst-range');
  return and(
    ...use.options.map((option) => {
      const text = option.values[0] ?? '';
      const dash = text.indexOf('-');
      const from = parseAddress(dash < 0 ? text : text.slice(0, dash), context.family);
      const to = dash < 0 ? from : parseAddress(text.slice(dash + 1), context.family);
      if (from === undefined || to === undefined) {
        context.refuse('a range of two addresses was expected: from-to', text);
        return packetUnknown(`iprange ${text}`);
      }
      const field: AddressField = option.name === 'src-range' ? 'source' : 'destination';
      let match: Match;
      if (from > to) {
        context.remark({
          code: 'FW1111',
          severity: 'warning',
          message: `the address range ${text} runs backwards and holds no address`,
          word: text,
        });
        match = none;
      } else if (from === 0n && to === allOnes(context.family)) match = all;
      else match = { kind: 'address', field, family: context.family, ranges: [[from, to]] };
      return option.negated ? not(match) : match;
    }),
  );
}

const multicast: Readonly<Record<Family, AddressRange>> = {
  ipv4: [0xe0000000n, 0xefffffffn],
  ipv6: [0xffn << 120n, allOnes('ipv6')],
};

const loopback: Readonly<Record<Family, AddressRange>> = {
  ipv4: [0x7f000000n, 0x7fffffffn],
  ipv6: [1n, 1n],
};

const unspecified: AddressRange = [0n, 0n];

const limitedBroadcast: AddressRange = [0xffffffffn, 0xffffffffn];

function addressType(type: string, field: 'source' | 'destination', context: RuleContext): Match {
  const { family, localAddresses } = context;
  const inRange = (...ranges: readonly AddressRange[]): Match => ({ kind: 'address', field, family, ranges });
  const notUnicast = family === 'ipv4' ? inRange(multicast.ipv4, limitedBroadcast) : inRange(multicast.ipv6);
  const key = `${field} address type ${type}`;
  switch (type) {
    case 'MULTICAST':
      return inRange(multicast[family]);
    case 'LOCAL': {
      const own = localAddresses.filter((address) => address.family === family);
      if (own.length > 0) return inRange(loopback[family], ...own.map((address) => address.range));
      return or(
        inRange(loopback[family]),
        and(not(notUnicast), packetUnknown(`the ${field} is an address of this host`)),
      );
    }
    case 'UNICAST':
      if (family === 'ipv6') return not(inRange(multicast.ipv6, unspecified));
      return and(not(notUnicast), not(inRange(loopback.ipv4)), packetUnknown(key));
    case 'BROADCAST':
      if (family === 'ipv6') return none;
      return or(inRange(limitedBroadcast), and(not(inRange(multicast.ipv4)), packetUnknown(key)));
    default:
      if (family === 'ipv6' && type === 'UNSPEC') return inRange(unspecified);
      return and(not(inRange(multicast[family])), packetUnknown(key));
  }
}

const addressTypes = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
];

/** `-m addrtype`: what kind of address the host's routing table says it is. */
export function lowerAddrtype(use: ModuleUse, context: RuleContext): Match {
  const limited = use.options.find((option) => option.name.startsWith('limit-iface'));
  if (use.options.every((option) => option.name.startsWith('limit-iface')))
    context.refuse('-m addrtype needs --src-type or --dst-type');
  return and(
    ...use.options
      .filter((option) => option !== limited)
      .map((option) => {
        const types = (option.values[0] ?? '').toUpperCase().split(',');
        const field = option.name === 'src-type' ? 'source' : 'destination';
        const wrong = types.find((type) => !addressTypes.includes(type));
        if (wrong !== undefined)
          context.refuse(`an address type was expected: ${addressTypes.join(', ')}`, wrong);
        const match = typesTogether(types, context.family, (type) =>
          limited === undefined
            ? addressType(type, field, context)
            : packetUnknown(`${field} address type ${type} on the interface (--${limited.name})`),
        );
        return option.negated ? not(match) : match;
      }),
  );
}

/**
 * Several types are alternatives, but of IPv6 only those that the routing table knows: an address must be of all the others
 * (match_type6 in xt_addrtype.c), so that none is LOCAL,MULTICAST.
 */
function typesTogether(types: readonly string[], family: Family, matchOf: (type: string) => Match): Match {
  const isRouted = (type: string): boolean => ['LOCAL', 'ANYCAST', 'UNREACHABLE'].includes(type);
  if (family === 'ipv4') return or(...types.map(matchOf));
  const routed = types.filter(isRouted);
  return and(
    ...types.filter((type) => !isRouted(type)).map(matchOf),
    routed.length === 0 ? all : or(...routed.map(matchOf)),
  );
}

/** `-m set`: look-ups by flags, one for each dimension of the set; counters of elements are not in any file. */
export function lowerSet(use: ModuleUse, context: RuleContext): Match {
  const lookup = optionNamed(use, 'match-set');
  if (lookup === undefined) {
    context.refuse('-m set needs --match-set');
    return packetUnknown('set without --match-set');
  }
  const [name = '', flags = ''] = lookup.values;
  const again = use.options.find((option) => option.name === lookup.name && option !== lookup);
  if (again !== undefined) context.refuse('one -m set takes one --match-set', again.text);
  const keys = flags.split(',').map((flag) => flag.trim());
  const wrong = keys.find((flag) => !flag.startsWith('src') && !flag.startsWith('dst'));
  if (wrong !== undefined || keys.length > 6) {
    context.refuse('up to six of src and dst were expected, separated by commas', flags);
    return packetUnknown(`set ${name} ${flags}`);
  }
  const inSet: Match = {
    kind: 'in-set',
    set: name,
    keys: keys.map((flag) => ({ side: flag.startsWith('src') ? 'source' : 'destination' })),
    ...(optionNamed(use, 'return-nomatch') === undefined ? {} : { exceptionsOnly: true }),
  };
  const counting = use.options.filter((option) => isCounterTest(option));
  const match =
    counting.length === 0
      ? inSet
      : and(inSet, ruleUnknown(`set ${name} ${canonicalText({ ...use, options: counting })}`));
  return lookup.negated ? not(match) : match;
}

function isCounterTest(option: OptionSyntax): boolean {
  return option.name.startsWith('packets-') || option.name.startsWith('bytes-');
}
