import type { Form, Row } from '../form.ts';
import { nothing } from '../form.ts';
import { isAnybody, listenerAt, readEndpoint } from '../endpoint.ts';

/**
 * `netstat -ano` of Windows, with `-b` too. Headings and states are in the system's language, so rows are known by their shape and
 * listening by its peer, 0.0.0.0:0 or [::]:0.
 */
export const windowsNetstat: Form = {
  command: 'netstat -ano',
  // Indented, unlike the headings of every other netstat.
  heading: (line) => (/^\s+Proto\s+\S/.test(line) ? row : undefined),
  bare: (line) => (/^\s*(TCP|UDP)\s/.test(line) ? row(line) : undefined),
};

function row(line: string): Row | undefined {
  const owner = /^\s+\[([^\]]+)\]\s*$/.exec(line);
  if (owner !== null) return { kind: 'owner', process: owner[1]! };
  const match = /^\s*(TCP|UDP)\s+(\S+)\s+(\S+)(?:\s+(\S.*))?$/.exec(line);
  // -b prints the service of a svchost on a line of its own.
  if (match === null) return /^\s+[A-Za-z][\w .]*$/.test(line) ? nothing : undefined;
  const protocol = match[1]!.toLowerCase();
  if (!isAnybody(match[3]!)) return nothing;
  const endpoint = readEndpoint(match[2]!, ':', protocol, { star: ['ipv4'], any6: ['ipv6'] });
  if (endpoint === undefined) return { kind: 'unreadable', expected: `address:port, not ${match[2]!}` };
  const pid = /(?:^|\s)(\d+)\s*$/.exec(match[4] ?? '')?.[1];
  // PID 4 is the kernel: SMB, and http.sys for web services.
  const process = pid === '4' ? 'System' : undefined;
  return {
    kind: 'listeners',
    listeners: [
      listenerAt(protocol, endpoint, { process, pid: pid === undefined ? undefined : Number(pid) }, false),
    ],
  };
}
