import type { Form, Row } from '../form.ts';
import { nothing, words } from '../form.ts';
import { both, listenerAt, readEndpoint } from '../endpoint.ts';

/** `lsof -nP -i`; lsof(8). Commands are cut to nine characters unless `+c 0` was given. */
export const lsof: Form = {
  command: 'lsof -nP -i',
  heading: (line) => (/^COMMAND\s+PID\s.*\sNODE\s+NAME\s*$/.test(line) ? row : undefined),
  bare: (line) => (/^\S+\s+\d+\s.*\sIPv[46]\s.*\s(TCP|UDP|SCTP)\s/.test(line) ? row(line) : undefined),
};

function row(line: string): Row | undefined {
  const all = words(line);
  const type = all.findIndex((word) => word === 'IPv4' || word === 'IPv6');
  if (type < 4 || !/^\d+$/.test(all[1] ?? '')) {
    // Other kinds of files, when lsof was run without -i.
    return /^\S+\s+\d+\s/.test(line) ? nothing : undefined;
  }
  const node = all.findIndex((word, i) => i > type && /^(TCP|UDP|SCTP|ICMP6?|RAW)$/i.test(word));
  const name = node < 0 ? undefined : all[node + 1];
  if (name === undefined) return { kind: 'unreadable', expected: 'a protocol and a name such as *:22' };
  const protocol = all[node]!.toLowerCase();
  const state = all[node + 2];
  const waits = protocol === 'udp' ? !name.includes('->') : state === '(LISTEN)';
  if (!/^(tcp|udp|sctp)$/.test(protocol) || !waits || name.endsWith(':*')) return nothing;
  const families = all[type] === 'IPv4' ? (['ipv4'] as const) : both;
  const endpoint = readEndpoint(name, ':', protocol, { star: families, any6: families });
  if (endpoint === undefined) return { kind: 'unreadable', expected: `address:port, not ${name}` };
  return {
    kind: 'listeners',
    listeners: [
      listenerAt(
        protocol,
        endpoint,
        { process: decoded(all[0]!), pid: Number(all[1]), user: all[type - 2] },
        true,
      ),
    ],
  };
}

/** lsof writes white space in a command as `\x20`. */
function decoded(command: string): string {
  return command.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
