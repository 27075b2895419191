import type { Family } from '../packets/fields.ts';
import { formatAddress, parseAddress } from '../packets/address-text.ts';
import { portByName } from '../ports/service-names.ts';
import { transportOf } from '../ports/describe.ts';
import type { FoundListener } from './host-listener.ts';

/** Where a socket is bound. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly families: readonly Family[];
  readonly loopback: boolean;
  readonly wildcard: boolean;
}

export const both: readonly Family[] = ['ipv4', 'ipv6'];

/**
 * Reads `*:22`, `0.0.0.0:22`, `[::]:22`, `:::22`, `fe80::1%eth0:546`, and with the separator `.` the BSD forms `*.22`, `127.0.0.1.22`.
 *
 * `wildcard` says which families `*` and `::` answer in this list. The port may be a service name (the command was run without `-n`).
 * Undefined for `*:*` and for what is no endpoint.
 */
export function readEndpoint(
  text: string,
  separator: ':' | '.',
  protocol: string,
  wildcard: { readonly star: readonly Family[]; readonly any6: readonly Family[] },
): Endpoint | undefined {
  const at = text.lastIndexOf(separator);
  if (at < 1) return undefined;
  const port = readPort(text.slice(at + 1), protocol);
  if (port === undefined) return undefined;
  const bare = text.slice(0, at).replace(/^\[|\](?=%|$)/g, '');
  const percent = bare.indexOf('%');
  const zone = percent < 0 ? '' : bare.slice(percent + 1).replace(/\]$/, '');
  const address = percent < 0 ? bare : bare.slice(0, percent).replace(/\]$/, '');
  const onLoopback = /^lo[0-9]*$/.test(zone);
  if (address === '*' || address === '') {
    return { address: '*', port, families: wildcard.star, loopback: onLoopback, wildcard: true };
  }
  if (address === 'localhost') return { address, port, families: both, loopback: true, wildcard: false };
  const parsed = parseAddress(address);
  // A host name (the command was run without -n) or an address that the tool cut to its column.
  if (parsed === undefined) {
    const families = address.includes(':') ? (['ipv6'] as const) : both;
    return { address, port, families, loopback: false, wildcard: false };
  }
  const mapped = parsed.family === 'ipv6' && parsed.address >> 32n === 0xffffn;
  const value = mapped ? parsed.address & 0xffffffffn : parsed.address;
  const family: Family = mapped ? 'ipv4' : parsed.family;
  if (value === 0n) {
    const families = family === 'ipv4' ? (['ipv4'] as const) : wildcard.any6;
    return { address: formatAddress(value, family), port, families, loopback: onLoopback, wildcard: true };
  }
  const loopback = onLoopback || (family === 'ipv4' ? value >> 24n === 127n : value === 1n);
  return { address: formatAddress(value, family), port, families: [family], loopback, wildcard: false };
}

function readPort(text: string, protocol: string): number | undefined {
  if (/^[0-9]{1,5}$/.test(text)) {
    const port = Number(text);
    return port > 0 && port <= 65535 ? port : undefined;
  }
  const transport = transportOf(protocol);
  return transport === undefined || text === '*' ? undefined : portByName(text, transport);
}

/** A listener at an endpoint; absent parts are left out. */
export function listenerAt(
  protocol: string,
  endpoint: Endpoint,
  owner: {
    readonly process?: string | undefined;
    readonly pid?: number | undefined;
    readonly user?: string | undefined;
  },
  processShown: boolean,
): FoundListener {
  const { process, pid, user } = owner;
  return {
    protocol,
    ...endpoint,
    ...(process !== undefined && process !== '' && { process }),
    ...(pid !== undefined && { pid }),
    ...(user !== undefined && user !== '' && { user }),
    processShown,
  };
}

/** True for a peer that says "anybody": `*:*`, `0.0.0.0:*`, `[::]:*`, `:::*`, `*.*`, `0.0.0.0:0`, `[::]:0`. */
export function isAnybody(peer: string): boolean {
  return /^(\*|0\.0\.0\.0|\[?::\]?)(%[^:]*)?[:.](\*|0)$/.test(peer);
}
