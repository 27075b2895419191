import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Expression } from '../../../grammars/nftables/syntax.ts';
import type { LoweringContext } from './lowering-context.ts';
import { parseNftNumber } from './number-text.ts';

/**
 * Bits of the numbers that the model does not hold, by selector as nft prints it (nft's proto.c, meta.c and ct.c). What exceeds them
 * nft refuses, and a file with such a value is not the one that is loaded.
 */
const widths: ReadonlyMap<string, number> = new Map(
  (
    'ip version:4|ip hdrlength:4|ip dscp:6|ip ecn:2|ip length:16|ip id:16|ip frag-off:16|ip ttl:8|ip checksum:16|' +
    'ip6 version:4|ip6 dscp:6|ip6 ecn:2|ip6 flowlabel:20|ip6 length:16|ip6 hoplimit:8|' +
    'tcp sequence:32|tcp ackseq:32|tcp doff:4|tcp reserved:4|tcp window:16|tcp checksum:16|tcp urgptr:16|' +
    'udp length:16|udp checksum:16|udplite checksum:16|sctp vtag:32|sctp checksum:32|' +
    'ah hdrlength:8|ah reserved:16|ah spi:32|ah sequence:32|esp spi:32|esp sequence:32|comp flags:8|comp cpi:16|' +
    'icmp checksum:16|icmp id:16|icmp sequence:16|icmp mtu:16|icmpv6 checksum:16|icmpv6 id:16|' +
    'icmpv6 sequence:16|icmpv6 mtu:32|icmpv6 max-delay:16|igmp mrt:8|igmp checksum:16|' +
    'vlan id:12|vlan dei:1|vlan pcp:3|meta length:32|meta cpu:32|meta skuid:32|meta skgid:32|' +
    'iifgroup:32|oifgroup:32|meta rtclassid:32|meta cgroup:32|ct mark:32|ct zone:16'
  )
    .split('|')
    .map((entry) => {
      const colon = entry.indexOf(':');
      return [entry.slice(0, colon), Number(entry.slice(colon + 1))] as const;
    }),
);

/** Refuses literal numbers that a selector cannot hold: `ip ttl 300`. `values` may be a value, a range or a list. */
export function checkWidth(selector: string, values: Expression, context: LoweringContext): void {
  const bits = widths.get(selector);
  if (bits === undefined) return;
  const top = 2 ** bits - 1;
  for (const literal of literalsOf(values)) {
    const value = literal.kind === 'number' ? parseNftNumber(literal.text) : undefined;
    if (value !== undefined && value > top)
      context.refuse(
        `read ${printExpression(literal)}, but "${selector}" has ${bits} ${bits === 1 ? 'bit' : 'bits'}: expected at most ${top}`,
        literal.at,
      );
  }
}

function literalsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'range':
      return [expression.from, expression.to];
    case 'list':
      return expression.of.flatMap(literalsOf);
    default:
      return [expression];
  }
}
