import type { PortKnowledge } from '../ports/describe.ts';
import { transportOf } from '../ports/describe.ts';
import { cutRow } from './lazy-row.ts';
import type { Exposure } from './report.ts';

/** The row cut so that each part has one assignment status. */
export function expanded(exposure: Exposure, knowledge: PortKnowledge): readonly Exposure[] {
  const { ports, protocol } = exposure;
  const transport = transportOf(protocol);
  if (ports === null || transport === undefined || exposure.assignment?.status !== 'mixed') return [exposure];
  return knowledge.registry
    .statusRuns(ports.from, ports.to, transport)
    .map(({ from, to }) => cutRow(exposure, { ports: [from, to] }));
}
