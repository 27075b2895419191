import type { Exposure, Report } from '../report/report.ts';
import { fromText, portsText } from '../report/row-text.ts';

/** One line of the evidence: something open, and who answers for it. */
export interface EvidenceLine {
  readonly input: string;
  readonly direction: Exposure['direction'];
  readonly ports: string;
  readonly service: string;
  readonly from: string;
  readonly families: readonly string[];
  readonly reason: string;
  readonly owner: string;
  readonly approval: string;
  readonly expires: string;
  readonly entry: string;
  readonly rules: string;
}

/**
 * What is open and justified: services, protocols and ports with their business need and approval, as PCI DSS 1.2.5 asks for.
 * IPv4 and IPv6 stand on one line where they agree. In the order of the report.
 */
export function evidenceOf(report: Report): readonly EvidenceLine[] {
  const lines = new Map<string, EvidenceLine>();
  for (const row of report.exposures) {
    if (row.policy?.verdict !== 'justified') continue;
    const { reason = '', owner = '', ticket = '', expires = '', entry = '' } = row.policy;
    const line = {
      input: report.inputs[row.input]?.path ?? '',
      direction: row.direction,
      ports: portsText(row),
      service: row.assignment?.service ?? '',
      from: fromText(row),
      reason,
      owner,
      approval: ticket,
      expires,
      entry,
      rules: row.rules.map(({ path, line: number }) => `${path}:${number}`).join(' '),
    };
    const { rules: _rules, ...same } = line;
    const key = JSON.stringify(same);
    const known = lines.get(key);
    const family = row.family === 'ipv4' ? 'IPv4' : 'IPv6';
    lines.set(
      key,
      known === undefined
        ? { ...line, families: [family] }
        : {
            ...known,
            families: [...new Set([...known.families, family])],
            rules: [...new Set([...known.rules.split(' '), ...line.rules.split(' ')])].join(' '),
          },
    );
  }
  return [...lines.values()];
}

/** How many exposures are open without a justification in force: evidence is complete when there is none. */
export function unjustifiedCount(report: Report): number {
  return report.exposures.filter(({ policy }) => policy?.verdict !== 'justified').length;
}
