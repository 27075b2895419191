import type { Family } from '../../packets/fields.ts';
import type { Form, Row, RowReader } from '../form.ts';
import { nothing, words } from '../form.ts';
import { both, listenerAt, readEndpoint } from '../endpoint.ts';

/** `netstat -an` of FreeBSD, OpenBSD, NetBSD and macOS: the port follows the last dot; with macOS' `-v` also the process. */
export const bsdNetstat: Form = {
  command: 'netstat -an',
  heading: (line) => {
    if (
      !/^Proto\s+Recv-Q\s+Send-Q\s+Local Address\s+Foreign Address\s+(\(state\)|State|TCP-State)/.test(line)
    )
      return undefined;
    // Linux has the same heading; its rows are told by their colons.
    return reader(words(line.slice(line.search(/\(state\)|State|TCP-State/))).slice(1));
  },
  bare: (line) =>
    /^(tcp|udp)(4|6|46)?\s+\d+\s+\d+\s+\S+[.](\d+|\*)\s+\S+[.](\d+|\*)(\s|$)/.test(line)
      ? reader([])(line)
      : undefined,
};

function reader(columns: readonly string[]): RowReader {
  const processColumn = columns.findIndex((name) => name === 'pid' || name === 'process:pid');
  return (line): Row | undefined => {
    if (/^Active Internet/.test(line)) return nothing;
    const [proto, , , local, foreign, ...rest] = words(line);
    const shape = /^(tcp|udp|sctp)(4|6|46)?$/.exec(proto ?? '');
    if (shape === null || local === undefined || foreign === undefined) return undefined;
    if (local.includes(':') && /:(\d+|\*)$/.test(foreign)) return undefined; // Linux
    const protocol = shape[1]!;
    const state = /^[A-Z][A-Z_0-9]+$/.test(rest[0] ?? '') ? rest.shift() : undefined;
    const waits = state === 'LISTEN' || (protocol === 'udp' && state === undefined);
    if (!waits || !/^(\*|0\.0\.0\.0|::)\.\*$/.test(foreign) || local.endsWith('.*')) return nothing;
    const families = familiesOf(shape[2]);
    const endpoint = readEndpoint(local, '.', protocol, { star: families, any6: families });
    if (endpoint === undefined) return { kind: 'unreadable', expected: `address.port, not ${local}` };
    const cell = processColumn < 0 ? undefined : rest[processColumn];
    const owner = /^(?:(.*):)?(\d+)$/.exec(cell ?? '');
    return {
      kind: 'listeners',
      listeners: [
        listenerAt(
          protocol,
          endpoint,
          { process: owner?.[1], pid: owner === null ? undefined : Number(owner[2]) },
          columns[processColumn] === 'process:pid',
        ),
      ],
    };
  };
}

/** tcp4, tcp6, tcp46 (FreeBSD and macOS); OpenBSD and NetBSD write tcp for IPv4. */
function familiesOf(suffix: string | undefined): readonly Family[] {
  return suffix === '46' ? both : suffix === '6' ? ['ipv6'] : ['ipv4'];
}
