/**
 * The two answers of the audit are one: a packet lies in a certain row of the report exactly if a query says `allow`. Over the random
 * rulesets and edge packets of the kernel tests, but without a kernel, so that it runs everywhere.
 */
import { describe, expect, it } from 'vitest';
import { auditCase } from '../kernel/audit-case.ts';
import { probesFor } from '../kernel/conformance.ts';
import { generateCase } from '../kernel/generate.ts';
import { queryLine, stateOf } from '../kernel/probe-packet.ts';
import { rowHolds } from '../kernel/row-holds.ts';

const rulesets = 12;
const firstSeed = 5000;

describe('rows hold what a query allows', () => {
  for (const kind of ['iptables', 'ip6tables', 'nft', 'nft6'] as const) {
    it(`for ${String(rulesets)} random ${kind} rulesets`, async () => {
      let compared = 0;
      for (let seed = firstSeed; seed < firstSeed + rulesets; seed++) {
        const kernelCase = generateCase(kind, seed);
        const { query, exposures } = await auditCase(kernelCase);
        if (exposures === undefined) continue;
        const certain = exposures.filter(({ certainty }) => certainty === 'certain');
        for (const packet of probesFor(kernelCase, seed, 200)) {
          if (stateOf(packet) !== 'new' || (packet.protocol === 6 && packet.tcpFlags.join() !== 'syn'))
            continue;
          for (const direction of ['in', 'forward'] as const) {
            const line = queryLine(packet, direction, 'docker0');
            const allowed = query(line).verdict === 'allow';
            const held = certain.some((row) => rowHolds(row, packet, direction, 'docker0'));
            expect(held, `${kernelCase.name}: ${JSON.stringify(line)}`).toBe(allowed);
            compared++;
          }
        }
      }
      expect(compared).toBeGreaterThan(1000);
    });
  }
});
