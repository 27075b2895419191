import type { Form, Row } from '../form.ts';
import { csvFields, nothing } from '../form.ts';
import { listenerAt, readEndpoint } from '../endpoint.ts';

/**
 * `Get-NetTCPConnection` and `Get-NetUDPEndpoint` through Export-Csv, ConvertTo-Csv or ConvertTo-Json.
 *
 * TCP is told from UDP by the columns that only it has (State, RemotePort), by the type that PowerShell writes, or by a column
 * `Protocol`. A selection of columns that has none of these cannot be read: both commands have LocalAddress and LocalPort.
 */
export const powershell: Form = {
  command: 'Get-NetTCPConnection | Export-Csv',
  heading: (line) => {
    if (/^#TYPE /.test(line)) return () => undefined; // the columns follow
    const names = csvFields(line);
    if (!names.includes('LocalAddress') || !names.includes('LocalPort')) return undefined;
    return (text): Row | undefined => {
      const fields = csvFields(text);
      if (fields.length < 2) return undefined;
      return cimRow(new Map(names.map((name, i) => [name, fields[i] ?? ''])));
    };
  },
};

/** The rows of a JSON document that PowerShell wrote; undefined if it is something else. */
export function powershellJson(value: unknown): Row[] | undefined {
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  const records = list.map((item) =>
    typeof item === 'object' && item !== null ? new Map<string, unknown>(Object.entries(item)) : undefined,
  );
  if (
    records.length === 0 ||
    !records.every((record) => record?.has('LocalAddress') && record.has('LocalPort'))
  )
    return undefined;
  return records.map((record) => cimRow(record!));
}

function cimRow(record: ReadonlyMap<string, unknown>): Row {
  const protocol = protocolOf(record);
  if (protocol === undefined) {
    return { kind: 'unreadable', expected: 'a column State (TCP) or Protocol that tells TCP from UDP' };
  }
  // MIB_TCP_STATE: 2 is LISTEN; JSON has the number, CSV the name.
  const state = textOf(record.get('State')).toLowerCase();
  if (protocol === 'tcp' && state !== '' && state !== 'listen' && state !== '2') return nothing;
  const address = textOf(record.get('LocalAddress'));
  const port = textOf(record.get('LocalPort'));
  const endpoint = readEndpoint(`${address}:${port}`, ':', protocol, { star: ['ipv4'], any6: ['ipv6'] });
  if (endpoint === undefined)
    return { kind: 'unreadable', expected: `an address and a port, not ${address} and ${port}` };
  const pid = textOf(record.get('OwningProcess'));
  const process = ['Process', 'ProcessName', 'Name']
    .map((name) => textOf(record.get(name)))
    .find((name) => name !== '');
  return {
    kind: 'listeners',
    listeners: [
      listenerAt(
        protocol,
        endpoint,
        {
          process: process ?? (pid === '4' ? 'System' : undefined),
          pid: /^\d+$/.test(pid) ? Number(pid) : undefined,
        },
        process !== undefined,
      ),
    ],
  };
}

function protocolOf(record: ReadonlyMap<string, unknown>): 'tcp' | 'udp' | undefined {
  const named = textOf(record.get('Protocol') ?? record.get('Transport')).toLowerCase();
  if (named === 'tcp' || named === 'udp') return named;
  const type = ['CimClass', 'PSComputerName', 'CreationClassName', 'CimSystemProperties']
    .map((name) => JSON.stringify(record.get(name) ?? ''))
    .join(' ');
  if (/MSFT_NetUDPEndpoint/i.test(type)) return 'udp';
  if (/MSFT_NetTCPConnection/i.test(type)) return 'tcp';
  if (record.has('State') || record.has('RemotePort')) return 'tcp';
  // Only a full UDP endpoint has a creation time and no peer.
  return record.has('CreationTime') ? 'udp' : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
