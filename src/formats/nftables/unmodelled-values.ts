import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Expression, Relation } from '../../../grammars/nftables/syntax.ts';
import { isDay, isHour, isTime } from './clock-values.ts';
import type { LoweringContext } from './lowering-context.ts';
import { parseNftNumber } from './number-text.ts';

/** What values a selector takes that the model does not hold. */
interface Shape {
  readonly bits: number;
  /** The words that nft has for numbers; undefined where the host has files of them. */
  readonly words: ReadonlySet<string> | undefined;
}

const noWords: ReadonlySet<string> = new Set();
const someWords = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** As `nft describe` prints them. */
const wordLists: ReadonlyMap<string, ReadonlySet<string> | undefined> = new Map([
  ['host', undefined],
  [
    'dscp',
    someWords(
      'cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7 df be lephb af11 af12 af13 af21 af22 af23 af31 af32 af33 af41 af42 af43 va ef',
    ),
  ],
  ['ecn', someWords('not-ect ect1 ect0 ce')],
  ['packet', someWords('host unicast broadcast multicast other')],
]);

/**
 * Selectors as nft prints them, with bits and words (nft's proto.c, exthdr.c, meta.c and ct.c). What does not fit nft refuses, and a
 * file with such a value is not the one that is loaded.
 */
const shapes: ReadonlyMap<string, Shape> = new Map(
  (
    'ip version:4|ip hdrlength:4|ip dscp:6:dscp|ip ecn:2:ecn|ip length:16|ip id:16|ip frag-off:16|ip ttl:8|ip checksum:16|' +
    'ip6 version:4|ip6 dscp:6:dscp|ip6 ecn:2:ecn|ip6 flowlabel:20|ip6 length:16|ip6 hoplimit:8|' +
    'tcp sequence:32|tcp ackseq:32|tcp doff:4|tcp reserved:4|tcp window:16|tcp checksum:16|tcp urgptr:16|' +
    'udp length:16|udp checksum:16|udplite checksum:16|sctp vtag:32|sctp checksum:32|' +
    'ah hdrlength:8|ah reserved:16|ah spi:32|ah sequence:32|esp spi:32|esp sequence:32|comp flags:8|comp cpi:16|' +
    'icmp checksum:16|icmp id:16|icmp sequence:16|icmp mtu:16|icmpv6 checksum:16|icmpv6 id:16|' +
    'icmpv6 sequence:16|icmpv6 mtu:32|icmpv6 max-delay:16|igmp mrt:8|igmp checksum:16|' +
    'hbh hdrlength:8|dst hdrlength:8|rt hdrlength:8|rt type:8|rt seg-left:8|frag frag-off:13|frag id:32|' +
    'frag more-fragments:1|frag reserved:8|srh flags:8|srh tag:16|mh hdrlength:8|mh reserved:8|mh checksum:16|' +
    'vlan id:12|vlan dei:1|vlan pcp:3|meta length:32|meta cpu:32|meta pkttype:8:packet|meta skuid:32:host|meta skgid:32:host|' +
    'iifgroup:32:host|oifgroup:32:host|meta rtclassid:32:host|meta cgroup:32|ct mark:32:host|ct zone:16|' +
    'tcp option maxseg size:16|tcp option window count:8'
  )
    .split('|')
    .map((entry): readonly [string, Shape] => {
      const [name = '', bits, words] = entry.split(':');
      return [name, { bits: Number(bits), words: words === undefined ? noWords : wordLists.get(words) }];
    }),
);

const clocks: ReadonlyMap<string, { readonly holds: (text: string) => boolean; readonly expected: string }> =
  new Map([
    ['meta hour', { holds: isHour, expected: 'a time of day such as "17:30"' }],
    ['meta day', { holds: isDay, expected: 'a day such as "Monday", or 0 to 6' }],
    ['meta time', { holds: isTime, expected: 'a date such as "2030-12-31 23:59:59"' }],
  ]);

/** Refuses values that a selector cannot have: `ip ttl 300`. `values` may be a value, a range or a list. */
export function checkValues(selector: string, values: Expression, context: LoweringContext): void {
  const clock = clocks.get(selector);
  const shape = shapes.get(selector);
  if (clock === undefined && shape === undefined) return;
  for (const literal of literalsOf(values)) {
    if (clock !== undefined) {
      if (isText(literal) && !clock.holds(literal.text))
        context.refuse(`read ${printExpression(literal)}, expected ${clock.expected}`, literal.at);
    } else checkNumber(selector, shape!, literal, context);
  }
  if (shape !== undefined && values.kind === 'range') {
    const [from, to] = [values.from, values.to].map(numberOf);
    if (from !== undefined && to !== undefined && from > to)
      context.refuse('the range runs backwards', values.at);
  }
}

function checkNumber(
  selector: string,
  { bits, words }: Shape,
  literal: Expression,
  context: LoweringContext,
): void {
  const top = 2 ** bits - 1;
  const value = numberOf(literal);
  if (value !== undefined && value > top)
    context.refuse(
      `read ${printExpression(literal)}, but "${selector}" has ${bits} ${bits === 1 ? 'bit' : 'bits'}: expected at most ${top}`,
      literal.at,
    );
  else if (value === undefined && isText(literal) && words?.has(literal.text) === false)
    context.refuse(
      `read ${printExpression(literal)}, but "${selector}" is a number: expected one${words.size === 0 ? '' : ` or one of ${[...words].join(', ')}`}`,
      literal.at,
    );
}

/** nft reads a number in quotes as what it says. */
function numberOf(literal: Expression): number | undefined {
  return literal.kind === 'number' || literal.kind === 'string' ? parseNftNumber(literal.text) : undefined;
}

function isText(literal: Expression): literal is Expression & { readonly text: string } {
  switch (literal.kind) {
    case 'number':
    case 'word':
    case 'string':
    case 'ipv4':
    case 'ipv6':
    case 'mac':
      return true;
    default:
      return false;
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

/** Selectors that always have a value, and the largest one; the lengths of packets of more than 64 KiB are in the header no more. */
function topOf(selector: string): number | undefined {
  if (selector === 'meta day') return 6;
  const shape = /^(?:ip|ip6) \w+$|^meta length$/.test(selector) ? shapes.get(selector) : undefined;
  return shape === undefined ? undefined : 2 ** shape.bits - 1;
}

/** Whether a comparison of such a selector fits all values or none: `ip ttl 0-255`, `ip length > 65535`; else undefined. */
export function fitsAlways(selector: string, relation: Relation, right: Expression): boolean | undefined {
  const top = topOf(selector);
  const from = numberOf(right.kind === 'range' ? right.from : right);
  const to = numberOf(right.kind === 'range' ? right.to : right);
  if (top === undefined || from === undefined || to === undefined) return undefined;
  switch (relation) {
    case '<':
      return from === 0 ? false : undefined;
    case '>':
      return from === top ? false : undefined;
    case '<=':
      return from === top ? true : undefined;
    case '>=':
      return from === 0 ? true : undefined;
    case '!':
      return undefined;
    default:
      return from === 0 && to === top ? relation !== '!=' : undefined;
  }
}
