import { fc } from '../../property-testing.ts';
import { expect, it } from 'vitest';
import { interpret } from '../../../src/analysis/interpret.ts';
import type { Packet } from '../../../src/analysis/packet.ts';
import { parsePfAddress } from '../../../src/formats/pf/pf-address.ts';
import { readPf } from '../../../src/formats/pf/read.ts';
import { ask, source } from './probe.ts';
import { naive, print, randomPacket, randomRules, tableLine } from './random-rules.ts';
import type { RandomPacket } from './random-rules.ts';

const protocolNumbers = { tcp: 6, udp: 17, icmp: 1 } as const;
const destination = '192.0.2.99';

it('random rules with lists, tables, tags, quick and anchors: query, interpreter and a naive pf agree', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomRules,
      fc.array(randomPacket, { minLength: 8, maxLength: 8 }),
      async (rules, packets) => {
        const text = tableLine + print(rules);
        const query = await ask(text, { dialect: 'openbsd' });
        expect(query.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
        const { firewall } = readPf(
          source(text),
          { score: 1, dialect: 'pf.conf' },
          {
            dialect: 'openbsd',
            localAddresses: [],
            tables: new Map(),
            definitions: new Map(),
            include: () => 'no',
          },
        );
        for (const packet of packets) {
          const expected = naive(rules, packet);
          const icmp = packet.protocol === 'icmp';
          const answer = query.query({
            direction: packet.direction,
            protocol: packet.protocol,
            source: packet.source,
            destination,
            ...(icmp
              ? { icmpType: 8, icmpCode: 0, destinationPort: 0 }
              : { sourcePort: 40000, destinationPort: packet.port }),
            [packet.direction === 'in' ? 'inInterface' : 'outInterface']: packet.iface,
          });
          expect({ text, packet, verdict: answer.verdict }).toEqual({ text, packet, verdict: expected });
          const entry = firewall.entries.find(
            ({ direction, family }) => direction === packet.direction && family === 'ipv4',
          )!;
          const walked = interpret(firewall, entry, modelPacket(packet), {
            oracle: { packet: () => false, visit: () => false, pick: (_rule, from) => from },
            hostAddresses: [],
            markIsTracked: false,
          });
          expect(walked.verdict === 'accept' ? 'allow' : 'deny').toBe(expected);
        }
      },
    ),
    { numRuns: 150 },
  );
});

function modelPacket({ direction, iface, protocol, source: from, port }: RandomPacket): Packet {
  return {
    family: 'ipv4',
    protocol: protocolNumbers[protocol],
    source: parsePfAddress(from, undefined)!.range[0],
    destination: parsePfAddress(destination, undefined)!.range[0],
    sourcePort: protocol === 'icmp' ? 8 << 8 : 40000,
    destinationPort: protocol === 'icmp' ? 0 : port,
    tcpFlags: 2,
    state: 'new',
    names: { [direction === 'in' ? 'inInterface' : 'outInterface']: iface },
  };
}
