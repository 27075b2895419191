import { protocolNumbers } from '../packets/fields.ts';

const names = new Map<number, string>(
  Object.entries(protocolNumbers).map(([name, number]) => [number, name]),
);

/** The name reports use for an IP protocol, or its number as text. */
export function protocolName(protocol: number): string {
  return names.get(protocol) ?? String(protocol);
}
