import type { Interval } from '../../packets/interval.ts';
import { portByName } from '../../ports/service-names.ts';
import type { Remark } from './lowering.ts';
import { parseDecimal, parseNumber } from './numbers.ts';

const transports: ReadonlyMap<number, 'tcp' | 'udp' | 'sctp' | 'dccp'> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [132, 'sctp'],
]);

/** Names as the tools on a host know them, from the service table of fw-audit. */
export const lookupService: ServiceLookup = (name, protocol) => portByName(name, transports.get(protocol));

/** The port of a service name in one transport protocol (number); undefined when the name is unknown. */
export type ServiceLookup = (name: string, protocol: number) => number | undefined;

/** What a port operand says: numbers, a name nobody knows, or nothing that the tool would take. */
export type PortReading =
  | { readonly kind: 'ports'; readonly ports: Interval }
  | { readonly kind: 'unknown-name'; readonly name: string }
  /** A range that holds no port, which the tool loads all the same. */
  | { readonly kind: 'backwards' }
  | { readonly kind: 'invalid'; readonly reason: string };

/**
 * How an extension reads numbers: its own parser as C does (`022` is 18: tcp, sctp, multiport, NAT targets), the shared one by
 * getaddrinfo, which knows decimal alone (`022` is 22 and `0x16` refused: udp, dccp, conntrack; xtopt_parse_port in xtables 1.8).
 */
export type PortNumbers = 'as-in-c' | 'decimal';

/** `port`, `from:to`, `:to`, `from:`; numbers or service names (xtables_parse_port). */
export function parsePorts(
  text: string,
  protocol: number,
  lookup: ServiceLookup,
  numbers: PortNumbers = 'as-in-c',
): PortReading {
  const colon = text.indexOf(':');
  const low = colon < 0 ? text : text.slice(0, colon);
  const high = colon < 0 ? text : text.slice(colon + 1);
  const from = colon >= 0 && low === '' ? 0 : parsePort(low, protocol, lookup, numbers);
  const to = colon >= 0 && high === '' ? 65535 : parsePort(high, protocol, lookup, numbers);
  if (typeof from === 'object') return from;
  if (typeof to === 'object') return to;
  // The shared parser of ports takes it up to release 1.8.9; the parsers of tcp, sctp and multiport never did.
  if (from > to)
    return numbers === 'decimal'
      ? { kind: 'backwards' }
      : { kind: 'invalid', reason: `the range ${text} runs backwards` };
  return { kind: 'ports', ports: [from, to] };
}

/** One port by number or service name. */
export function parsePort(
  text: string,
  protocol: number,
  lookup: ServiceLookup,
  numbers: PortNumbers = 'as-in-c',
): number | Exclude<PortReading, { kind: 'ports' | 'backwards' }> {
  const number = numbers === 'decimal' ? decimalPort(text) : parseNumber(text, 65535);
  if (number !== undefined) return number;
  if (!/^[A-Za-z0-9][A-Za-z0-9_.+-]*$/.test(text) || /^\d+$/.test(text) || /^0x/i.test(text))
    return { kind: 'invalid', reason: `${JSON.stringify(text)} is no port` };
  // Every name of a service has a letter (RFC 6335 §5.1).
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (from !== undefined)
    return {
      kind: 'invalid',
      reason: `${JSON.stringify(text)} is no port; a range is written ${from}:${to}`,
    };
  return lookup(text, protocol) ?? { kind: 'unknown-name', name: text };
}

/** As glibc's getaddrinfo: what is left of a number of at most 64 bits in its lowest 16; -1, of 32 bits, is an error. */
function decimalPort(text: string): number | undefined {
  const digits = /^\s*\+?(\d+)$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const small = digits.length <= 5 ? parseDecimal(digits) : undefined;
  if (small !== undefined && small <= 0xffff) return small;
  const number = BigInt(digits);
  return number > 0xffffffffffffffffn || (number & 0xffffffffn) === 0xffffffffn
    ? undefined
    : Number(number & 0xffffn);
}

/** What there is to say of ports that were read, and of a range that holds none. */
export function remarksOn(text: string, reading: PortReading, numbers: PortNumbers): readonly Remark[] {
  const remarks: Remark[] = [];
  if (reading.kind !== 'invalid' && numbers === 'decimal') {
    const large = text.split(':').find((part) => /^\d{5,}$/.test(part) && Number(part) > 0xffff);
    if (large !== undefined) remarks.push(tooLarge(text, large));
  }
  if (reading.kind === 'backwards') remarks.push(backwardsRange(text));
  return remarks;
}

function tooLarge(text: string, port: string): Remark {
  return {
    code: 'FW1119',
    severity: 'warning',
    message: `no port is as large as ${port}; iptables with glibc loads it as ${String(decimalPort(port))}`,
    help: 'Write a port from 0 to 65535.',
    word: text,
  };
}

function backwardsRange(text: string): Remark {
  return {
    code: 'FW1111',
    severity: 'warning',
    message: `the port range ${text} runs backwards and holds no port; iptables since 1.8.10 refuses it`,
    help: 'Write the lower port first.',
    word: text,
  };
}
