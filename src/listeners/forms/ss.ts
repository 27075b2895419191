import type { Family } from '../../packets/fields.ts';
import type { Form, Row, RowReader } from '../form.ts';
import { nothing, words } from '../form.ts';
import { both, isAnybody, listenerAt, readEndpoint } from '../endpoint.ts';

/** `ss -tulpn` of iproute2, with and without heading, netid and process column; ss(8). */
export function ssForm(text: string): Form {
  const star = starFamilies(text);
  return {
    command: 'ss -tulpn',
    heading: (line) => {
      if (!/^(Netid\s+)?State\s+Recv-Q\s+Send-Q\s+Local Address:\s?Port/.test(line)) return undefined;
      return reader(star, /Process\s*$|users:/.test(line) || /users:\(\(/.test(text));
    },
    bare: reader(star, /users:\(\(/.test(text)),
  };
}

/**
 * Up to iproute2 4.14, `*` was the IPv4 wildcard and `:::22` the other one; since then `*` is a socket for both families and `[::]`
 * one for IPv6 only (misc/ss.c, inet_addr_print).
 */
function starFamilies(text: string): readonly Family[] {
  return /^(\S+\s+)?(LISTEN|UNCONN)\s[^\n]*\s:::\d/m.test(text) ? ['ipv4'] : both;
}

const states =
  /^(LISTEN|UNCONN|ESTAB|SYN-SENT|SYN-RECV|NEW-SYN-RECV|FIN-WAIT-1|FIN-WAIT-2|TIME-WAIT|CLOSE-WAIT|LAST-ACK|CLOSING|UNKNOWN)$/;

const protocols = new Map([
  ['tcp', 'tcp'],
  ['udp', 'udp'],
  ['sctp', 'sctp'],
  ['dccp', 'dccp'],
  ['mptcp', 'tcp'],
]);

function reader(star: readonly Family[], processShown: boolean): RowReader {
  const unspecified = { star, any6: star.length === 1 ? both : (['ipv6'] as const) };
  return (line): Row | undefined => {
    // -i, -m and -o continue a row on a line that begins with white space.
    if (/^\s/.test(line)) return nothing;
    const all = words(line);
    const netid = states.test(all[0] ?? '') ? undefined : all[0];
    const [state, , , local, peer] = netid === undefined ? all : all.slice(1);
    if (state === undefined || !states.test(state)) return undefined;
    if (local === undefined || peer === undefined) {
      return { kind: 'unreadable', expected: 'State, Recv-Q, Send-Q, local and peer address' };
    }
    // Without -t and -u together ss prints no netid: only TCP listens, only UDP is unconnected.
    const protocol = netid === undefined ? (state === 'LISTEN' ? 'tcp' : 'udp') : protocols.get(netid);
    const waits = state === 'LISTEN' || (state === 'UNCONN' && protocol === 'udp');
    if (protocol === undefined || !waits || !isAnybody(peer)) return nothing;
    const endpoint = readEndpoint(local, ':', protocol, unspecified);
    if (endpoint === undefined) return { kind: 'unreadable', expected: `address:port, not ${local}` };
    const user = /\suid:(\d+)/.exec(line)?.[1] ?? (/\sino:\d+/.test(line) ? '0' : undefined);
    const owners = usersOf(line);
    const shared = { user };
    return {
      kind: 'listeners',
      listeners:
        owners.length === 0
          ? [listenerAt(protocol, endpoint, shared, processShown)]
          : owners.map((owner) => listenerAt(protocol, endpoint, { ...owner, ...shared }, true)),
    };
  };
}

/** `users:(("sshd",pid=678,fd=3),("systemd",pid=1,fd=40))`, before iproute2 3.x `users:(("sshd",678,3))`; one entry a process. */
function usersOf(line: string): { readonly process: string; readonly pid: number }[] {
  const start = line.indexOf('users:((');
  if (start < 0) return [];
  const found = new Map<number, string>();
  for (const [, process, pid] of line.slice(start).matchAll(/\("([^"]*)",(?:pid=)?(\d+),/g)) {
    found.set(Number(pid), process!);
  }
  return [...found].map(([pid, process]) => ({ process, pid }));
}
