import type { Family } from '../../packets/fields.ts';
import type { Form, Row } from '../form.ts';
import { nothing, words } from '../form.ts';
import { both, isAnybody, listenerAt, readEndpoint } from '../endpoint.ts';

/** `sockstat -46l` of FreeBSD and `sockstat -ln` of NetBSD; sockstat(1). */
export const sockstat: Form = {
  command: 'sockstat -46l',
  heading: (line) =>
    /^USER\s+COMMAND\s+PID\s+FD\s+PROTO\s+LOCAL ADDRESS\s+FOREIGN ADDRESS/.test(line) ? row : undefined,
  bare: (line) =>
    /^\S+\s+\S.*\s(\d+|\?)\s+(\d+|\?)\s+(tcp|udp)(4|6|46)?\s+\S+\s+\S+/.test(line) ? row(line) : undefined,
};

function row(line: string): Row | undefined {
  const all = words(line);
  // The command may hold blanks, so the columns are counted from the protocol.
  const at = all.findIndex(
    (word, i) =>
      i >= 3 && /^(tcp|udp|sctp|udplite|divert|icm6?|raw|stream|dgram|seqpack)(4|6|46)?$/.test(word),
  );
  if (at < 3) return undefined;
  const [, protocol, suffix] = /^(tcp|udp|sctp)(4|6|46)?$/.exec(all[at]!) ?? [];
  const local = all[at + 1];
  const foreign = all[at + 2];
  if (protocol === undefined) return nothing;
  if (local === undefined || foreign === undefined)
    return { kind: 'unreadable', expected: 'a local and a foreign address' };
  if (!isAnybody(foreign) || /[:.]\*$/.test(local)) return nothing;
  const families: readonly Family[] = suffix === '46' ? both : suffix === '6' ? ['ipv6'] : ['ipv4'];
  const separator = /:[^:.]+$/.test(local) ? ':' : '.';
  const endpoint = readEndpoint(local, separator, protocol, { star: families, any6: families });
  if (endpoint === undefined) return { kind: 'unreadable', expected: `address:port, not ${local}` };
  const known = (cell: string | undefined): string | undefined => (cell === '?' ? undefined : cell);
  const pid = known(all[at - 2]);
  return {
    kind: 'listeners',
    listeners: [
      listenerAt(
        protocol,
        endpoint,
        {
          user: known(all[0]),
          process: known(all.slice(1, at - 2).join(' ')),
          pid: pid === undefined ? undefined : Number(pid),
        },
        true,
      ),
    ],
  };
}
