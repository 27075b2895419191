import { fc } from '../property-testing.ts';
import { expect, test } from 'vitest';
import { interpret } from '../../src/analysis/interpret.ts';
import { packetBits } from '../../src/analysis/packet-bits.ts';
import { FALSE, TRUE } from '../../src/packets/bdd.ts';
import { evaluatedOrRefused } from './evaluated-or-refused.ts';
import { randomFirewall, randomPacket } from './random-firewall.ts';

/** Looked up by networks and services in the evaluation, met one after the other in the interpretation. */
test('the rule that leads is the one that a packet of the set meets', () => {
  let compared = 0;
  const refused = new Set<unknown>();
  fc.assert(
    fc.property(
      randomFirewall,
      fc.array(randomPacket, { minLength: 20, maxLength: 20 }),
      ({ firewall, entry }, packets) => {
        for (const packet of packets) {
          const evaluation = evaluatedOrRefused(firewall, entry, {
            state: packet.state,
            tcpFlags: 2,
            hostAddresses: [],
            maxNodes: 1e6,
          });
          if (evaluation === undefined) {
            refused.add(firewall);
            continue;
          }
          const { bdd, questionBase } = evaluation.space;
          const bits = packetBits(evaluation.space, packet);
          let alone = TRUE;
          for (let level = questionBase - 1; level >= 0; level--)
            alone = bits(level) ? bdd.node(level, FALSE, alone) : bdd.node(level, alone, FALSE);
          // Questions are answered no.
          if (!bdd.holds(evaluation.accepted, (level) => level < questionBase && bits(level))) continue;
          const leading = evaluation.leading(alone);
          if (leading === undefined) continue;
          compared++;
          if (evaluation.changesPackets) {
            // Which way changed packets go may hang on the questions, all answers of which a trace names.
            const { decisions } = evaluation.trace(alone);
            expect(decisions).toContainEqual(leading);
            continue;
          }
          const { path } = interpret(firewall, entry, packet, {
            oracle: { packet: () => false, visit: () => false, pick: (_rule, from) => from },
            hostAddresses: [],
            markIsTracked: evaluation.markIsTracked,
          });
          const met = path.find(({ stage }) => stage === leading.stage);
          expect(leading.rule?.id).toBe(met?.rule?.id);
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(compared).toBeGreaterThan(100);
  expect(refused.size).toBeLessThanOrEqual(3);
});
