import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Expression, Relation } from '../../../grammars/nftables/syntax.ts';
import { all, and, type Match, none, not, or } from '../../model/match.ts';
import type { AddressRange } from '../../packets/fields.ts';
import { question } from './compare.ts';
import { ConstantError, readConstant, readNumber } from './constants.ts';
import type { LoweringContext } from './lowering-context.ts';
import type { Selector } from './selectors.ts';

type Special = Selector & { kind: 'special' };

/** Selectors of which the model knows some values and not others. */
export function specialMatch(
  selector: Special,
  relation: Relation,
  right: Expression,
  context: LoweringContext,
): Match {
  if (right.kind === 'range' || right.kind === 'prefix') {
    const block = readConstant(right, selector.type);
    if (block instanceof ConstantError) context.refuse(block.message, block.at);
    const asked = question(`${selector.what} ${printExpression(right)}`);
    return relation === '!=' ? not(asked) : asked;
  }
  const value = readNumber(right, selector.type);
  if (value instanceof ConstantError) {
    context.refuse(value.message, value.at);
    return question(`${selector.what} ${printExpression(right)}`);
  }
  if (typeof value !== 'number') return question(`${selector.what} ${value.text}`);
  const negated = relation === '!=' || relation === '!';
  const match =
    selector.what === 'ct status'
      ? status(relation, value, right)
      : selector.what === 'ct direction'
        ? direction(value)
        : addressType(selector.field ?? 'destination', value, right, context);
  return negated ? not(match) : match;
}

const dnat = 32;
const translated: Match = { kind: 'number', field: 'destinationTranslated', values: [[1, 1]] };

/** `expected`, `seen-reply`, `assured` and `confirmed`, which no first packet of a new connection finds set (nf_conntrack_core.c). */
const later = 15;
const isNew: Match = { kind: 'number', field: 'state', values: [[0, 0]] };

/** Of the status bits of a connection only `dnat` follows from the rules. */
function status(relation: Relation, value: number, right: Expression): Match {
  if (relation === 'implicit' || relation === '!') {
    const others = value & ~dnat;
    return or(
      (value & dnat) === 0 ? none : translated,
      others === 0
        ? none
        : and((others & ~later) === 0 ? not(isNew) : all, question(`ct status ${printExpression(right)}`)),
    );
  }
  // The kernel sets DST_NAT_DONE (256) together with DST_NAT, so that bit never stands alone (nf_nat_setup_info).
  if ((value & dnat) !== 0 && (value & 256) === 0) return none;
  return question(`ct status == ${printExpression(right)}`);
}

/** A new connection's packet goes in the original direction; later ones may go either way. */
function direction(value: number): Match {
  const reply = question('the packet goes in the reply direction of its connection');
  return value === 0 ? or(isNew, and(not(isNew), not(reply))) : value === 1 ? and(not(isNew), reply) : none;
}

const loopback: Readonly<Record<'ipv4' | 'ipv6', AddressRange>> = {
  ipv4: [0x7f000000n, 0x7fffffffn],
  ipv6: [1n, 1n],
};
const multicast: Readonly<Record<'ipv4' | 'ipv6', AddressRange>> = {
  ipv4: [0xe0000000n, 0xefffffffn],
  ipv6: [0xffn << 120n, (1n << 128n) - 1n],
};
const broadcast: AddressRange = [0xffffffffn, 0xffffffffn];

/** `fib daddr type local`: what kind of address the routing table says it is. */
function addressType(
  field: 'source' | 'destination',
  type: number,
  right: Expression,
  context: LoweringContext,
): Match {
  const within = (family: 'ipv4' | 'ipv6', ...ranges: AddressRange[]): Match => ({
    kind: 'address',
    field,
    family,
    ranges,
  });
  const isMulticast = or(within('ipv4', multicast.ipv4), within('ipv6', multicast.ipv6));
  const isLoopback = or(within('ipv4', loopback.ipv4), within('ipv6', loopback.ipv6));
  const isBroadcast = within('ipv4', broadcast);
  const place = field === 'destination' ? context.hook : undefined;
  const isLocal = (): Match =>
    context.options.localAddresses.length === 0
      ? own('ipv4')
      : or(...(['ipv4', 'ipv6'] as const).map((family) => and({ kind: 'family', family }, own(family))));
  const own = (family: 'ipv4' | 'ipv6'): Match => {
    const ranges = context.options.localAddresses.flatMap((address) =>
      address.family === family ? [address.range] : [],
    );
    if (ranges.length > 0) return or(isLoopback, within(family, ...ranges));
    // What reaches the input hook without having been sent to a group or to all is the host's own; what is forwarded is not.
    if (place === 'input') return and(not(isMulticast), not(isBroadcast));
    if (place === 'forward') return none;
    return or(
      isLoopback,
      and(not(or(isMulticast, isBroadcast)), question(`the ${field} is an address of this host`)),
    );
  };
  switch (type) {
    case 5:
      return isMulticast;
    case 3: {
      if (place === 'forward') return isBroadcast;
      const isDirected =
        // To the host, but to none of its addresses.
        place === 'input' ? not(isLocal()) : question(`${field} address type BROADCAST`);
      return or(isBroadcast, and(not(isMulticast), { kind: 'family', family: 'ipv4' }, isDirected));
    }
    case 2:
      return isLocal();
    case 1:
      return and(
        not(isMulticast),
        not(isBroadcast),
        not(isLoopback),
        place === 'input' ? none : place === 'forward' ? all : question(`${field} address type UNICAST`),
      );
    default:
      return and(not(isMulticast), question(`${field} address type ${printExpression(right).toUpperCase()}`));
  }
}
