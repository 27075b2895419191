import { fc } from '../../property-testing.ts';
import { expect, it } from 'vitest';
import { interpret } from '../../../src/analysis/interpret.ts';
import type { Packet } from '../../../src/analysis/packet.ts';
import { parsePfAddress } from '../../../src/formats/pf/pf-address.ts';
import { naive, questionsOf } from './naive-pf.ts';
import { print } from './print-rules.ts';
import { ask, host, read } from './probe.ts';
import { familyOf, randomPacket, randomPolicy } from './random-rules.ts';
import type { RandomPacket } from './random-rules.ts';

const protocolNumbers = { tcp: 6, udp: 17, icmp: 1 } as const;
/** More questions have more ways to answer them than are tried. */
const mostQuestions = 4;

it('random rules of both generations: query, interpreter and a naive pf agree', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomPolicy,
      fc.array(randomPacket, { minLength: 8, maxLength: 8 }),
      async (policy, packets) => {
        const text = print(policy);
        const { dialect } = policy;
        const query = await ask(text, { dialect });
        const errors = query.diagnostics.filter(({ severity }) => severity === 'error');
        expect({ text, errors: errors.map(({ message }) => message) }).toEqual({ text, errors: [] });
        const { firewall } = read(text, { dialect, localAddresses: host });
        for (const packet of packets) {
          const questions = questionsOf(policy, packet).slice(0, mostQuestions);
          const verdicts = new Set<string>();
          for (let way = 0; way < 1 << questions.length; way++) {
            const yes = questions.filter((_question, index) => ((way >> index) & 1) === 1);
            // A packet carries one tag at most.
            if (yes.includes('tag A') && yes.includes('tag B')) continue;
            const expected = naive(policy, packet, (question) => yes.includes(question));
            verdicts.add(expected);
            const answer = (reason: string): boolean => yes.includes(questionOf(reason));
            const entry = firewall.entries.find(
              ({ direction, family }) =>
                direction === packet.direction && family === `ipv${familyOf(packet.source)}`,
            )!;
            const walked = interpret(firewall, entry, modelPacket(packet), {
              oracle: {
                packet: (_key, reason) => answer(reason),
                visit: (_rule, reason) => answer(reason),
                pick: (_rule, from) => from,
              },
              hostAddresses: [],
              markIsTracked: false,
            });
            const verdict = walked.verdict === 'accept' ? 'allow' : 'deny';
            expect({ text, packet, yes, verdict }).toEqual({ text, packet, yes, verdict: expected });
          }
          if (questionsOf(policy, packet).length > mostQuestions) continue;
          const { verdict } = query.query(question(packet));
          const expected = verdicts.size > 1 ? 'conditional' : [...verdicts][0];
          expect({ text, packet, verdict }).toEqual({ text, packet, verdict: expected });
        }
      },
    ),
    { numRuns: 250 },
  );
});

/** The naive pf's name of what fw-audit asks in words. */
function questionOf(reason: string): string {
  if (reason.startsWith('the socket belongs to')) return 'user';
  if (reason.startsWith('the packet was received on')) return 'received-on';
  if (reason.startsWith('the packet carries')) return reason.replace('the packet carries ', '');
  return reason.includes('(once)') ? 'once' : reason;
}

function question(packet: RandomPacket): Parameters<Awaited<ReturnType<typeof ask>>['query']>[0] {
  const icmp = packet.protocol === 'icmp';
  return {
    direction: packet.direction,
    protocol: packet.protocol,
    source: packet.source,
    destination: packet.destination,
    ...(icmp
      ? { icmpType: 8, icmpCode: 0, destinationPort: 0 }
      : { sourcePort: 40000, destinationPort: packet.port }),
    [packet.direction === 'in' ? 'inInterface' : 'outInterface']: packet.iface,
  };
}

function modelPacket({ direction, iface, protocol, source, destination, port }: RandomPacket): Packet {
  return {
    family: `ipv${familyOf(source) as 4 | 6}`,
    protocol: protocolNumbers[protocol],
    source: parsePfAddress(source, undefined)!.range[0],
    destination: parsePfAddress(destination, undefined)!.range[0],
    sourcePort: protocol === 'icmp' ? 8 << 8 : 40000,
    destinationPort: protocol === 'icmp' ? 0 : port,
    tcpFlags: 2,
    state: 'new',
    names: { [direction === 'in' ? 'inInterface' : 'outInterface']: iface },
  };
}
