import type { NetshField } from '../../../grammars/windows/netsh-language.ts';
import { netshLabelOf, type NetshFieldLine } from '../../../grammars/windows/netsh-text.ts';
import type { Dimension } from './conflicting-values.ts';
import type { Written } from './windows-rule.ts';

/** The two-column table under an ICMP protocol; its translated heading holds no number. */
export function icmpTable(line: NetshFieldLine): readonly Written[] | undefined {
  const types: Written[] = [];
  for (const row of line.more) {
    const [type, code = '*'] = row.trim().split(/\s+/);
    if (type === undefined || !/^\d+$/.test(type)) continue;
    types.push({ text: `${type}:${/^\d+$/.test(code) ? code : '*'}`, at: line.at });
  }
  return types.length === 0 ? undefined : types;
}

/** A list over several lines: a console breaks it anywhere, and goes on at its left edge; who lays it out indents the rest. */
export function unwrapped({ value, more }: NetshFieldLine): string {
  let text = value;
  for (const line of more) {
    if (netshLabelOf(line) !== undefined || line.trim() === '') continue;
    text += /^\s/.test(line) && !text.endsWith(',') ? `,${line.trim()}` : line.trim();
  }
  return text;
}

/** What the lines of a listing say of a rule. */
export const netshDimensions: Readonly<Partial<Record<NetshField, Dimension>>> = {
  enabled: 'enabled',
  direction: 'direction',
  action: 'action',
  profiles: 'profiles',
  protocol: 'protocol',
  localIp: 'localAddresses',
  remoteIp: 'remoteAddresses',
  localPort: 'localPorts',
  remotePort: 'remotePorts',
  program: 'program',
  service: 'service',
  interfaceTypes: 'interfaceTypes',
  security: 'conditions',
};
