import type { Transport } from './port-types.ts';
import type { PortFact, PortTable, RegistryStatus } from './port-table.ts';
import { lastRegisteredPort, statusLetters, transportBits, transports } from './port-table.ts';

/**
 * Compiles facts, one or more a port and transport, to the compact table.
 *
 * A later fact about the same port and transport replaces the earlier one. Ports without any fact become `otherwise` for TCP and UDP.
 * For SCTP and DCCP silence means Unassigned only where neither TCP nor UDP is listed (the registry's rows without a transport), else
 * not listed. Facts above 49151 are ignored: RFC 6335 section 6 never assigns those.
 */
export function compileTable(
  source: string,
  asOf: string,
  facts: Iterable<PortFact>,
  otherwise: RegistryStatus,
): PortTable {
  const slots = new Map<Transport, (PortFact | undefined)[]>(
    transports.map((transport) => [transport, new Array<PortFact | undefined>(lastRegisteredPort + 1)]),
  );
  for (const fact of facts) {
    for (const transport of fact.transports) {
      const slot = slots.get(transport)!;
      for (let port = fact.from; port <= fact.to && port <= lastRegisteredPort; port++) slot[port] = fact;
    }
  }
  const statusAt = (transport: Transport, port: number): RegistryStatus => {
    const fact = slots.get(transport)![port];
    if (fact !== undefined) return fact.status;
    if (transport === 'tcp' || transport === 'udp') return otherwise;
    const silent = statusAt('tcp', port) === 'unassigned' && statusAt('udp', port) === 'unassigned';
    return silent ? 'unassigned' : 'not-listed';
  };
  const letterAt = (transport: Transport, port: number): string => {
    const status = statusAt(transport, port);
    const letter = statusLetters[status];
    if (status !== 'reserved' && status !== 'de-assigned' && status !== 'not-listed') return letter;
    const elsewhere = transports.some((other) => statusAt(other, port) === 'assigned');
    return elsewhere ? letter.toUpperCase() : letter;
  };
  const runs = (transport: Transport): string => {
    let text = '';
    let from = 0;
    let letter = letterAt(transport, 0);
    for (let port = 1; port <= lastRegisteredPort + 1; port++) {
      const next = port <= lastRegisteredPort ? letterAt(transport, port) : '';
      if (next === letter) continue;
      text += letter + String(port - from);
      from = port;
      letter = next;
    }
    return text;
  };
  const lines: string[] = [];
  for (let port = 0; port <= lastRegisteredPort; port++) {
    const masks = new Map<string, number>();
    for (const transport of transports) {
      const fact = slots.get(transport)![port];
      if (fact === undefined) continue;
      const { names, description, note } = fact;
      const named = names.length > 0 || fact.status === 'assigned-private-use';
      if (!named && note === '') continue;
      const text = [
        names.length > 0 ? `|${names.map(clean).join('|')}|` : '',
        named ? clean(description) : '',
        clean(note),
      ].join('\t');
      masks.set(text, (masks.get(text) ?? 0) | transportBits[transport]);
    }
    for (const [text, mask] of masks) lines.push(`${port}\t${mask.toString(16)}\t${text}`);
  }
  return {
    source,
    asOf,
    statuses: { tcp: runs('tcp'), udp: runs('udp'), sctp: runs('sctp'), dccp: runs('dccp') },
    records: lines.join('\n') + '\n',
  };
}

/** Tabs, line ends and bars are the record syntax; the registry uses none of them for meaning. */
function clean(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f|]+/g, ' ').trim();
}
