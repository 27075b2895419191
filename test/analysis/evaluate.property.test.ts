import { fc } from '../property-testing.ts';
import { describe, expect, test } from 'vitest';
import type { Evaluation } from '../../src/analysis/evaluate.ts';
import { interpret } from '../../src/analysis/interpret.ts';
import type { Packet } from '../../src/analysis/packet.ts';
import { packetBits } from '../../src/analysis/packet-bits.ts';
import type { Firewall } from '../../src/model/firewall.ts';
import { evaluatedOrRefused } from './evaluated-or-refused.ts';
import { randomFirewall, randomPacket } from './random-firewall.ts';

/** Answers every open question the same way, so that both ways of evaluating ask the same world. */
function agrees(evaluation: Evaluation, packet: Packet, answer: boolean): boolean {
  const bits = packetBits(evaluation.space, packet);
  return evaluation.space.bdd.holds(evaluation.accepted, (level) =>
    level >= evaluation.space.questionBase ? answer : bits(level),
  );
}

const range = [0x0a000001n, 0x0a000001n] as const;
const hostAddresses = [{ family: 'ipv4', range }];
/** Where packets leave by. */
const withInterface = [{ family: 'ipv4', range, interface: 'eth9' }];

describe('evaluate and interpret agree', () => {
  for (const order of [
    'names-first',
    'names-then-destinations',
    'addresses-first',
    'destinations-first',
  ] as const) {
    for (const answer of [false, true]) {
      test(`on every packet, ${order}, open questions answered ${answer}`, () => {
        const refused = new Set<Firewall>();
        fc.assert(
          fc.property(
            randomFirewall,
            fc.array(randomPacket, { minLength: 20, maxLength: 20 }),
            ({ firewall, entry }, packets) => {
              for (const known of [hostAddresses, withInterface, []]) {
                const byState = new Map<string, Evaluation | undefined>();
                for (const packet of packets) {
                  if (!byState.has(packet.state))
                    byState.set(
                      packet.state,
                      evaluatedOrRefused(firewall, entry, {
                        state: packet.state,
                        tcpFlags: 2,
                        hostAddresses: known,
                        maxNodes: 1e6,
                        order,
                      }),
                    );
                  const evaluation = byState.get(packet.state);
                  if (evaluation === undefined) {
                    refused.add(firewall);
                    continue;
                  }
                  const walked = interpret(firewall, entry, packet, {
                    oracle: {
                      packet: () => answer,
                      visit: () => answer,
                      pick: (_rule, from, to) => pick(from, to, answer),
                    },
                    hostAddresses: known,
                    markIsTracked: evaluation.markIsTracked,
                  });
                  expect(agrees(evaluation, packet, answer)).toBe(walked.verdict === 'accept');
                }
              }
            },
          ),
          { numRuns: 300 },
        );
        expect(refused.size).toBeLessThanOrEqual(3);
      });
    }
  }
});

/** The value that equal answers to all bit questions pick: all ones where that is inside the range, else its start. */
function pick(from: bigint, to: bigint, answer: boolean): bigint {
  const top = to > 65535n ? 0xffffffffn : 65535n;
  const value = answer ? top : 0n;
  return value >= from && value <= to ? value : from;
}
