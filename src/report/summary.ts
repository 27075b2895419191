import { type Interval, normalize, size } from '../packets/interval.ts';
import type { Exposure, Finding, ReportInput, Summary } from './report.ts';

/** The counts of the report's last lines. Ports are counted once a protocol, whatever the family, direction or number of rows. */
export function summaryOf(
  exposures: readonly Exposure[],
  findings: readonly Finding[],
  inputs: readonly ReportInput[],
): Summary {
  const counts = { note: 0, low: 0, medium: 0, high: 0 };
  for (const { severity, suppressed } of findings) {
    if (severity !== 'none' && suppressed === undefined) counts[severity]++;
  }
  const certain = exposures.filter((row) => row.certainty === 'certain');
  const openPorts = portCount(certain);
  return {
    openPorts,
    possiblePorts: certain.length === exposures.length ? 0 : portCount(exposures) - openPorts,
    openToInternet: portCount(certain.filter((row) => row.scope === 'internet')),
    openToPrivate: portCount(certain.filter((row) => row.scope === 'private')),
    deserveALook: portCount(exposures.filter((row) => row.scrutiny.flag)),
    rules: inputs.reduce((sum, input) => sum + input.rules, 0),
    understood: inputs.reduce((sum, input) => sum + input.understood, 0),
    findings: counts,
  };
}

function portCount(exposures: readonly Exposure[]): number {
  const byProtocol = new Map<string, Interval[]>();
  for (const { protocol, ports } of exposures) {
    if (ports === null) continue;
    const list = byProtocol.get(protocol);
    if (list === undefined) byProtocol.set(protocol, [[ports.from, ports.to]]);
    else list.push([ports.from, ports.to]);
  }
  let total = 0;
  for (const list of byProtocol.values()) total += size(normalize(list));
  return total;
}
