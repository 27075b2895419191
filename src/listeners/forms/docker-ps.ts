import type { FoundListener } from '../host-listener.ts';
import type { Form, Row } from '../form.ts';
import { nothing } from '../form.ts';
import { listenerAt, readEndpoint } from '../endpoint.ts';

/** `docker ps` and `podman ps`, as a table or with `--format json`: the ports that containers publish on the host. */
export const dockerPs: Form = {
  command: 'docker ps',
  heading: (line) => (/^CONTAINER ID\s{2,}IMAGE\s{2,}COMMAND\s{2,}/.test(line) ? tableRow : undefined),
  bare: (line) => (line.startsWith('{') ? jsonRow(line) : undefined),
};

function tableRow(line: string): Row | undefined {
  const cells = line.split(/\s{2,}/);
  if (!/^[0-9a-f]{12,64}$/.test(cells[0] ?? '') || cells.length < 4) return undefined;
  return { kind: 'listeners', listeners: published(line, `${cells[cells.length - 1]!} (${cells[1]!})`) };
}

function jsonRow(line: string): Row | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { Ports: ports, Names: names, Image: image } = value as Record<string, unknown>;
  if (typeof ports !== 'string') return undefined;
  const owner = `${typeof names === 'string' ? names : '?'} (${typeof image === 'string' ? image : '?'})`;
  const listeners = published(ports, owner);
  return listeners.length === 0 ? nothing : { kind: 'listeners', listeners };
}

/** `0.0.0.0:8080->80/tcp, [::]:8080->80/tcp, 127.0.0.1:30000-30002->30000-30002/udp`; `6379/tcp` alone is not published. */
function published(text: string, owner: string): FoundListener[] {
  const found: FoundListener[] = [];
  const mapping =
    /(\[[0-9a-fA-F:.]*\]|(?<![0-9.])[0-9.]+|::):([0-9]{1,5})(?:-([0-9]{1,5}))?->[0-9-]+\/(tcp|udp|sctp)/g;
  for (const [, address, from, to, protocol] of text.matchAll(mapping)) {
    const last = Math.min(Number(to ?? from), 65535);
    for (let port = Number(from); port <= last; port++) {
      const endpoint = readEndpoint(`${address!}:${port}`, ':', protocol!, {
        star: ['ipv4'],
        any6: ['ipv6'],
      });
      if (endpoint !== undefined)
        found.push(listenerAt(protocol!, endpoint, { process: `container ${owner}` }, true));
    }
  }
  return found;
}
