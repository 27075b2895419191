import { protocolNumbers, protocolsWithPorts } from '../packets/fields.ts';
import type { IntervalSet } from '../packets/interval.ts';

/** Width of one protocol's block on the axis `protocol * 65536 + port`. */
export const blockSize = 65536;

const numbersByName = new Map<string, number>(Object.entries(protocolNumbers));
const withPorts = new Set(protocolsWithPorts);

/** The IP protocol number of a name as reports write it (`tcp`, `icmpv6`, `112`); undefined if there is none. */
export function protocolNumber(name: string): number | undefined {
  const named = numbersByName.get(name);
  if (named !== undefined) return named;
  return /^(0|[1-9][0-9]{0,2})$/.test(name) && Number(name) <= 255 ? Number(name) : undefined;
}

export type PortSpec =
  | { readonly ok: true; readonly axis: IntervalSet }
  | { readonly ok: false; readonly problem: string; readonly help: string };

const form = 'Write 443/tcp, 8000-8100/tcp, 53/udp, 53 (tcp and udp), any/tcp, icmp or any.';

function bad(problem: string, help: string = form): PortSpec {
  return { ok: false, problem, help };
}

/** Reads `443/tcp`, `8000-8100/udp`, `53`, `any/tcp`, `icmp`, `protocol-89`, `any`. */
export function parsePortSpec(value: string | number): PortSpec {
  const text = String(value).trim();
  if (text === 'any') return { ok: true, axis: [[0, 256 * blockSize - 1]] };
  const slash = text.indexOf('/');
  const portText = slash < 0 ? text : text.slice(0, slash);
  const protocolText = slash < 0 ? undefined : text.slice(slash + 1).toLowerCase();

  if (slash < 0 && /^[a-z]/i.test(text)) {
    const name = text.toLowerCase().replace(/^protocol-/, '');
    const number = protocolNumber(name);
    if (number === undefined)
      return bad(`“${text}” is neither a port nor a protocol`, `${form} Other protocols: protocol-89.`);
    if (withPorts.has(number) && name !== String(number))
      return bad(`“${text}” has ports, and none is named`, `Write any/${name} for every ${name} port.`);
    return { ok: true, axis: [[number * blockSize, number * blockSize + blockSize - 1]] };
  }

  const protocols = protocolText === undefined ? [6, 17] : [numbersByName.get(protocolText) ?? -1];
  if (!withPorts.has(protocols[0]!))
    return bad(`“${protocolText}” is not a protocol with ports`, 'Use tcp, udp, sctp, dccp or udplite.');
  if (portText === 'any')
    return { ok: true, axis: protocols.map((p) => [p * blockSize, p * blockSize + 65535] as const) };
  const match = /^([0-9]{1,6})(?:\s*[-:]\s*([0-9]{1,6}))?$/.exec(portText);
  if (match === null) return bad(`“${text}” is not a port`);
  const from = Number(match[1]);
  const to = match[2] === undefined ? from : Number(match[2]);
  const suffix = protocolText === undefined ? '' : `/${protocolText}`;
  if (from > 65535 || to > 65535) return bad(`“${text}” is beyond 65535, the highest port`);
  if (from > to) return bad(`the range “${text}” is reversed`, `Write ${to}-${from}${suffix}.`);
  return { ok: true, axis: protocols.map((p) => [p * blockSize + from, p * blockSize + to] as const) };
}
