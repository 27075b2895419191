import type { Expression } from '../../../grammars/nftables/syntax.ts';
import { printExpression } from '../../../grammars/nftables/print.ts';
import { extensionHeaders, headerFields } from '../../../grammars/nftables/vocabulary.ts';
import {
  type AddressField,
  type Family,
  type NameField,
  numericFields,
  type NumericField,
} from '../../packets/fields.ts';
import { type DataType, dataTypes, dataTypeNamed } from './datatypes.ts';

/** What nft adds to a rule by itself so that a selector makes sense (nft(8), "implicit dependencies"). */
export interface Needs {
  readonly family?: Family;
  readonly protocol?: number;
  /** The protocol that has it: loading it fails for others, but nft adds no test (evaluate.c, __expr_evaluate_exthdr). */
  readonly carrier?: number;
  /** True where the rule must have said of which family the packet is, or nft refuses it. */
  readonly someFamily?: boolean;
  /** The family that the protocol belongs to, for rules that have tested neither (payload.c, payload_gen_dependency). */
  readonly usualFamily?: Family;
  /** True of link layer headers, which nft asks for on Ethernet devices only. */
  readonly ethernet?: boolean;
  /** True of `meta protocol`, beside which nft takes tests of the other family. */
  readonly ofEthertype?: boolean;
  /** False of packets that no connection is tracked for: loading the value fails, and so does the rule. */
  readonly tracked?: boolean;
  /** True of the connection's ports: what they are of protocols without ports, the model does not know. */
  readonly ports?: boolean;
}

/**
 * What an expression loads, in terms of the model. The value of a number is `((field & and) ^ xor) >> shift`; a negative shift goes
 * left. `width` is how many bits the value has.
 */
export type Selector =
  | {
      readonly kind: 'number';
      readonly field: NumericField;
      readonly and: number;
      readonly xor: number;
      readonly shift: number;
      readonly width: number;
      readonly type: DataType;
      readonly needs: Needs;
    }
  | {
      readonly kind: 'address';
      readonly field: AddressField;
      readonly family: Family;
      /** Bit operations on the left; both absent for a plain look. */
      readonly and?: bigint;
      readonly xor?: bigint;
      readonly type: DataType;
      readonly needs: Needs;
    }
  | { readonly kind: 'name'; readonly field: NameField; readonly type: DataType; readonly needs: Needs }
  /** `meta nfproto`, `meta protocol`: values are families. */
  | { readonly kind: 'family'; readonly type: DataType; readonly needs: Needs }
  /** `ct status`, `ct direction`, `fib … type`: compared by hand. */
  | {
      readonly kind: 'special';
      readonly what: 'ct status' | 'ct direction' | 'fib type';
      readonly field?: 'source' | 'destination';
      readonly type: DataType;
      readonly needs: Needs;
    }
  /** Nothing the model holds; `perPacket` false for what changes each time it is asked. */
  | {
      readonly kind: 'unknown';
      readonly text: string;
      readonly perPacket: boolean;
      readonly type: DataType;
      readonly needs: Needs;
      /** False where fw-audit does not know the expression at all. */
      readonly known: boolean;
      /** Of packets of other protocols it is missing: a truth value, so that loading it never fails (nft_exthdr.c). */
      readonly missingBut?: number;
    };

const none: Needs = {};

/** Protocols by the header that needs them. */
const headerProtocols: ReadonlyMap<string, number> = new Map([
  ['tcp', 6],
  ['udp', 17],
  ['udplite', 136],
  ['sctp', 132],
  ['dccp', 33],
  ['icmp', 1],
  ['icmpv6', 58],
  ['igmp', 2],
  ['ah', 51],
  ['esp', 50],
  ['comp', 108],
  ['gre', 47],
  ['gretap', 47],
]);

const headerFamilies: ReadonlyMap<string, Family> = new Map([
  ['ip', 'ipv4'],
  ['ip6', 'ipv6'],
]);

const usualFamilies: ReadonlyMap<string, Family> = new Map([
  ['icmp', 'ipv4'],
  ['igmp', 'ipv4'],
  ['icmpv6', 'ipv6'],
]);

function plain(field: NumericField, width: number, type: DataType, needs: Needs = none): Selector {
  return { kind: 'number', field, and: (2 ** width - 1) >>> 0, xor: 0, shift: 0, width, type, needs };
}

/** Some bits of a field: `width` bits above the lowest `shift` ones. */
function part(field: NumericField, shift: number, width: number, type: DataType, needs: Needs): Selector {
  return {
    kind: 'number',
    field,
    and: ((2 ** width - 1) * 2 ** shift) >>> 0,
    xor: 0,
    shift,
    width,
    type,
    needs,
  };
}

function unknown(expression: Expression, needs: Needs = none, type: DataType = dataTypes.string): Selector {
  return { kind: 'unknown', text: printExpression(expression), perPacket: true, type, needs, known: true };
}

/** The selector an expression is; undefined if it is none (a literal). `tableFamily` gives raw offsets their meaning. */
export function selectorOf(expression: Expression, tableFamily: string): Selector | undefined {
  switch (expression.kind) {
    case 'payload':
      return expression.inner === undefined ? payload(expression) : inner(expression);
    case 'raw':
      return raw(expression, tableFamily);
    case 'meta':
      return meta(expression);
    case 'ct':
      return connection(expression, tableFamily);
    case 'fib':
      return fib(expression);
    case 'exists':
      return exists(expression);
    case 'other':
      return other(expression, tableFamily);
    default:
      return undefined;
  }
}

function payload(expression: Expression & { kind: 'payload' }): Selector {
  const { header, field } = expression;
  const protocol = headerProtocols.get(header);
  const family = headerFamilies.get(header) ?? (extensionHeaders.has(header) ? 'ipv6' : undefined);
  const usualFamily = usualFamilies.get(header);
  const needs: Needs = {
    ...(family === undefined ? {} : { family }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(usualFamily === undefined ? {} : { usualFamily }),
  };
  switch (`${header} ${field}`) {
    case 'ip saddr':
    case 'ip daddr':
    case 'ip6 saddr':
    case 'ip6 daddr':
      return {
        kind: 'address',
        field: field === 'saddr' ? 'source' : 'destination',
        family: family!,
        type: family === 'ipv4' ? dataTypes.ipv4_addr : dataTypes.ipv6_addr,
        needs,
      };
    case 'ip protocol':
    case 'ip6 nexthdr':
      return plain('protocol', 8, dataTypes.inet_proto, needs);
    // What the kernel takes for IPv4 has that version, or it is dropped before (ip_input.c, ip_rcv_core).
    case 'ip version':
    case 'ip6 version':
      return constant(family === 'ipv4' ? 4 : 6, { ...dataTypes.integer, bits: 4 }, needs);
    case 'tcp flags':
      return plain('tcpFlags', 8, dataTypes.tcp_flag, needs);
    case 'icmp type':
    case 'icmpv6 type':
    case 'igmp type':
      return part('sourcePort', 8, 8, dataTypeNamed(`${header}_type`)!, needs);
    case 'icmp code':
    case 'icmpv6 code':
      return part('sourcePort', 0, 8, dataTypeNamed(`${header}_code`)!, needs);
    case 'ip frag-off':
      return unknown(expression, needs, { ...dataTypes.integer, bits: 16 });
    case 'ether type':
      return { kind: 'family', type: dataTypes.ether_type, needs: { ...needs, ethernet: true } };
    default:
      break;
  }
  if (field === 'sport') return plain('sourcePort', 16, dataTypes.inet_service, needs);
  if (field === 'dport') return plain('destinationPort', 16, dataTypes.inet_service, needs);
  const known = headerFields.get(header)?.has(field.replace(/\[\d+\]$/, '')) === true || header === 'rt';
  return {
    ...(unknown(expression, needs, typeOfHeaderField(header, field)) as Selector & { kind: 'unknown' }),
    known,
  };
}

function typeOfHeaderField(header: string, field: string): DataType {
  if (header === 'ether' && field !== 'type') return dataTypes.ether_addr;
  if (field === 'nexthdr') return dataTypes.inet_proto;
  return dataTypes.string;
}

function inner(expression: Expression & { kind: 'payload' }): Selector {
  const protocol = expression.inner === 'gre' || expression.inner === 'gretap' ? 47 : 17;
  return unknown(expression, { protocol });
}

/** Bits at an offset; where they are exactly a field of the model, that field (`@th,16,16` is the destination port). */
function raw(expression: Expression & { kind: 'raw' }, tableFamily: string): Selector {
  const { base, offset, length } = expression;
  const integer: DataType = { ...dataTypes.integer, bits: length };
  if (base === 'th') {
    if (offset + length <= 16) return part('sourcePort', 16 - offset - length, length, integer, none);
    if (offset >= 16 && offset + length <= 32)
      return part('destinationPort', 32 - offset - length, length, integer, none);
  }
  if (base === 'nh' && offset === 0 && length === 4 && (tableFamily === 'ip' || tableFamily === 'ip6'))
    return constant(tableFamily === 'ip' ? 4 : 6, integer, none);
  if (base === 'nh' && tableFamily === 'ip6' && offset === 48 && length === 8)
    return plain('protocol', 8, integer);
  if (base === 'nh' && tableFamily === 'ip') {
    if (offset === 72 && length === 8) return plain('protocol', 8, integer);
    if ((offset === 96 || offset === 128) && length === 32)
      return {
        kind: 'address',
        field: offset === 96 ? 'source' : 'destination',
        family: 'ipv4',
        type: dataTypes.ipv4_addr,
        needs: none,
      };
  }
  return unknown(expression, none, integer);
}

function meta(expression: Expression & { kind: 'meta' }): Selector {
  switch (expression.key) {
    case 'l4proto':
      return plain('protocol', 8, dataTypes.inet_proto);
    case 'nfproto':
      return { kind: 'family', type: dataTypes.nf_proto, needs: none };
    case 'protocol':
      return { kind: 'family', type: dataTypes.ether_type, needs: { ofEthertype: true } };
    case 'mark':
      return plain('mark', 32, dataTypes.mark);
    case 'iifname':
    case 'iif':
      return { kind: 'name', field: 'inInterface', type: dataTypes.ifname, needs: none };
    case 'oifname':
    case 'oif':
      return { kind: 'name', field: 'outInterface', type: dataTypes.ifname, needs: none };
    case 'random':
      return { ...(unknown(expression) as Selector & { kind: 'unknown' }), perPacket: false };
    default: {
      const known = knownMetaKeys.has(expression.key);
      return { ...(unknown(expression) as Selector & { kind: 'unknown' }), known };
    }
  }
}

const knownMetaKeys: ReadonlySet<string> = new Set(
  (
    'length priority iiftype oiftype skuid skgid nftrace rtclassid ibriport obriport ibridgename obridgename ibrname obrname ' +
    'pkttype cpu iifgroup oifgroup cgroup secpath ipsec iifkind oifkind ibrpvid ibrvproto ibrhwaddr sdif sdifname time day hour ' +
    'secmark broute'
  ).split(' '),
);

function connection(expression: Expression & { kind: 'ct' }, tableFamily: string): Selector {
  const { key, direction, family = tableFamily } = expression;
  const tracked: Needs = { tracked: true };
  switch (key) {
    case 'state':
      return plain('state', 8, dataTypes.ct_state);
    case 'status':
      return { kind: 'special', what: 'ct status', type: dataTypes.ct_status, needs: tracked };
    case 'direction':
      return { kind: 'special', what: 'ct direction', type: dataTypes.ct_dir, needs: tracked };
    case 'l3proto':
      return { kind: 'family', type: dataTypes.nf_proto, needs: tracked };
    case 'protocol':
      return plain('protocol', 8, dataTypes.inet_proto, tracked);
    case 'mark':
      return unknown(expression, tracked, dataTypes.mark);
    case 'zone':
      // Of a template, too, which packets have before their connection is looked up.
      return unknown(expression, none, dataTypes.mark);
    default:
      break;
  }
  const ends = direction === 'original' ? originalEnds : direction === 'reply' ? replyEnds : undefined;
  const field = ends?.get(key);
  if (field !== undefined && isPort(field))
    return plain(field, 16, dataTypes.inet_service, { ...tracked, ports: true });
  const from = family === 'ip6' ? 'ipv6' : family === 'ip' ? 'ipv4' : undefined;
  if (field !== undefined && from !== undefined)
    return {
      kind: 'address',
      field,
      family: from,
      type: from === 'ipv4' ? dataTypes.ipv4_addr : dataTypes.ipv6_addr,
      needs: { ...tracked, family: from },
    };
  const needs: Needs = field === undefined ? tracked : { someFamily: true };
  return { ...(unknown(expression, needs) as Selector & { kind: 'unknown' }), known: knownCtKeys.has(key) };
}

type PortField = 'sourcePort' | 'destinationPort' | 'originalSourcePort' | 'originalDestinationPort';
type End = AddressField | PortField;

function isPort(end: End): end is PortField {
  return end in numericFields;
}

/** What the entry of a new connection says of the way there: the packet as it arrived. */
const originalEnds: ReadonlyMap<string, End> = new Map<string, End>([
  ['saddr', 'originalSource'],
  ['daddr', 'originalDestination'],
  ['proto-src', 'originalSourcePort'],
  ['proto-dst', 'originalDestinationPort'],
]);

/** … and of the way back: from where the packet goes now, to where it came from. */
const replyEnds: ReadonlyMap<string, End> = new Map<string, End>([
  ['saddr', 'destination'],
  ['daddr', 'source'],
  ['proto-src', 'destinationPort'],
  ['proto-dst', 'sourcePort'],
]);

const knownCtKeys: ReadonlySet<string> = new Set(
  'saddr daddr proto-src proto-dst expiration helper label id bytes packets avgpkt count secmark event'.split(
    ' ',
  ),
);

function fib(expression: Expression & { kind: 'fib' }): Selector {
  const { inputs, result } = expression;
  if (result === 'type') {
    const [first] = inputs;
    if (inputs.length === 1 && (first === 'daddr' || first === 'saddr'))
      return {
        kind: 'special',
        what: 'fib type',
        field: first === 'daddr' ? 'destination' : 'source',
        type: dataTypes.fib_addrtype,
        needs: none,
      };
    return unknown(expression, none, dataTypes.fib_addrtype);
  }
  // `check` (nft 1.1) is the old `oif` compared with a truth value.
  const text = printExpression({ ...expression, result: result === 'check' ? 'oif' : result });
  return {
    kind: 'unknown',
    text,
    perPacket: true,
    type: dataTypes.boolean,
    needs: none,
    known: fibResults.has(result),
  };
}

const fibResults: ReadonlySet<string> = new Set(['oif', 'oifname', 'check']);

/** The protocol whose packets have such a part (`tcp option`, `sctp chunk`). */
function carrierOf(part: string): number | undefined {
  return part.startsWith('tcp')
    ? 6
    : part.startsWith('sctp')
      ? 132
      : part.startsWith('dccp')
        ? 33
        : undefined;
}

function partNeeds(part: string): Needs {
  const carrier = carrierOf(part);
  if (carrier !== undefined) return { carrier };
  return part.startsWith('ip ') ? { family: 'ipv4' } : none;
}

function exists(expression: Expression & { kind: 'exists' }): Selector {
  const { header } = expression;
  const missingBut = carrierOf(header);
  const needs: Needs =
    missingBut !== undefined ? none : header.startsWith('exthdr') ? { family: 'ipv6' } : partNeeds(header);
  return {
    ...(unknown(expression, needs, dataTypes.boolean) as Selector & { kind: 'unknown' }),
    ...(missingBut === undefined ? {} : { missingBut }),
  };
}

/** What all selectors in an expression need. */
export function needsIn(expression: Expression, tableFamily: string): Needs {
  switch (expression.kind) {
    case 'concat':
      return Object.assign({}, ...expression.of.map((part) => needsIn(part, tableFamily))) as Needs;
    case 'binary':
      return { ...needsIn(expression.left, tableFamily), ...needsIn(expression.right, tableFamily) };
    default:
      return selectorOf(expression, tableFamily)?.needs ?? none;
  }
}

/** The same number for every packet: no bit of the field counts. */
function constant(value: number, type: DataType, needs: Needs): Selector {
  return { kind: 'number', field: 'mark', and: 0, xor: value, shift: 0, width: type.bits, type, needs };
}

function other(expression: Expression & { kind: 'other' }, tableFamily: string): Selector {
  const { what, modulus, offset = 0, of } = expression;
  // A hash of what cannot be loaded cannot be made.
  const needs =
    of !== undefined
      ? needsIn(of, tableFamily)
      : expression.text === 'rt nexthop'
        ? { someFamily: true }
        : partNeeds(what);
  // Of one number there is no choice: `numgen inc mod 1` is 0, or the offset.
  if (modulus === 1) return constant(offset, dataTypes.integer, needs);
  const changing = what === 'numgen';
  const type: DataType = what === 'numgen' || what.endsWith('hash') ? dataTypes.integer : dataTypes.string;
  return { ...(unknown(expression, needs, type) as Selector & { kind: 'unknown' }), perPacket: !changing };
}
