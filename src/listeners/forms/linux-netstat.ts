import type { Form, Row, RowReader } from '../form.ts';
import { nothing, words } from '../form.ts';
import { both, isAnybody, listenerAt, readEndpoint } from '../endpoint.ts';

/** `netstat -tulpn` of net-tools and busybox, with `-e` too; netstat(8). */
export const linuxNetstat: Form = {
  command: 'netstat -tulpn',
  heading: (line) => {
    if (!/^Proto\s+Recv-Q\s+Send-Q\s+Local Address\s+Foreign Address\s+State/.test(line)) return undefined;
    return reader(/\sUser\s/.test(line), /PID\/Program/.test(line));
  },
  bare: (line) =>
    /^(tcp|udp)6?\s+\d+\s+\d+\s+\S+:\S+\s+\S+:\S+(\s|$)/.test(line) ? reader(false, true)(line) : undefined,
};

function reader(users: boolean, processShown: boolean): RowReader {
  return (line): Row | undefined => {
    if (/^Active Internet connections/.test(line)) return nothing;
    const [proto, , , local, foreign, ...rest] = words(line);
    if (proto === undefined || !/^(tcp|udp|udplite|raw|sctp)6?$/.test(proto)) return undefined;
    if (local === undefined || foreign === undefined || !foreign.includes(':')) {
      return { kind: 'unreadable', expected: 'Proto, Recv-Q, Send-Q, local and foreign address' };
    }
    const protocol = proto.replace(/6$/, '');
    const state = /^[A-Z][A-Z_0-9]+$/.test(rest[0] ?? '') ? rest.shift() : undefined;
    const waits = state === 'LISTEN' || (protocol !== 'tcp' && state === undefined);
    if (protocol === 'raw' || !waits || !isAnybody(foreign)) return nothing;
    // tcp6 with `:::22` is a socket for both families unless IPV6_V6ONLY was set, which netstat does not tell.
    const endpoint = readEndpoint(local, ':', protocol, { star: ['ipv4'], any6: both });
    if (endpoint === undefined) return { kind: 'unreadable', expected: `address:port, not ${local}` };
    const user = users ? rest.shift() : undefined;
    if (users) rest.shift(); // the inode
    const owner = /^(\d+)\/(.*)$/.exec(rest.join(' '));
    const process = owner?.[2]?.replace(/:$/, '');
    const pid = owner === null ? undefined : Number(owner[1]);
    return {
      kind: 'listeners',
      listeners: [listenerAt(protocol, endpoint, { process, pid, user }, processShown)],
    };
  };
}
