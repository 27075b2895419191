import type { PortKnowledge } from '../ports/describe.ts';
import { transportOf } from '../ports/describe.ts';
import type { Exposure } from './report.ts';

/** The row cut so that each part has one assignment status. */
export function expanded(exposure: Exposure, knowledge: PortKnowledge): readonly Exposure[] {
  const { ports, protocol, scope, direction } = exposure;
  const transport = transportOf(protocol);
  if (ports === null || transport === undefined || exposure.assignment?.status !== 'mixed') return [exposure];
  return knowledge.registry.statusRuns(ports.from, ports.to, transport).map((run) => {
    const part = { from: run.from, to: run.to };
    const described = knowledge.describe({ protocol, ports: part, scope, direction });
    return {
      ...exposure,
      ...described,
      ports: part,
      witness: { ...exposure.witness, destinationPort: part.from },
    };
  });
}
