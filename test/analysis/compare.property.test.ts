import { fc } from '../property-testing.ts';
import { expect, test } from 'vitest';
import { compareEntries, type PacketVerdict } from '../../src/analysis/compare.ts';
import { interpret } from '../../src/analysis/interpret.ts';
import { markIsTracked } from '../../src/analysis/mark-is-tracked.ts';
import type { Packet } from '../../src/analysis/packet.ts';
import { packetBits } from '../../src/analysis/packet-bits.ts';
import { packetIn } from '../../src/analysis/packet-in.ts';
import type { EntryPoint, Firewall } from '../../src/model/firewall.ts';
import { randomFirewall, randomPacket } from './random-firewall.ts';

interface One {
  readonly firewall: Firewall;
  readonly entry: EntryPoint;
}

/** In each of these worlds every open question has an answer of its own. */
const worlds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] as const;

function answerTo(question: string, world: number): boolean {
  if (world < 2) return world === 1;
  let hash = Math.imul(world, 0x9e3779b1);
  for (let i = 0; i < question.length; i++) hash = Math.imul(hash ^ question.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 13)) & 1) === 1;
}

function accepts({ firewall, entry }: One, packet: Packet, world: number): boolean {
  const { verdict } = interpret(firewall, entry, packet, {
    oracle: {
      packet: (key) => answerTo(key, world),
      visit: (rule, reason, visit) => answerTo(`${rule} ${reason} ${visit}`, world),
      pick: (rule, from, to, visit) => (answerTo(`pick ${rule} ${visit}`, world) ? to : from),
    },
    hostAddresses: [],
    markIsTracked: markIsTracked(firewall, entry),
  });
  return verdict === 'accept';
}

/** No world may contradict the verdict. */
function contradicts(verdict: PacketVerdict, one: One, packet: Packet): boolean {
  if (verdict === 'conditional') return false;
  return worlds.some((world) => accepts(one, packet, world) !== (verdict === 'allow'));
}

const pair = fc
  .tuple(randomFirewall, randomFirewall, fc.boolean(), fc.boolean())
  // The second firewall is often the first without one rule.
  .map(([a, b, twin, turned]): readonly [One, One] => {
    if (!twin) return [a, b];
    const chains = new Map(a.firewall.chains);
    const filter = chains.get('s2')!;
    chains.set('s2', { ...filter, rules: filter.rules.slice(1) });
    const less: One = { entry: a.entry, firewall: { ...a.firewall, chains } };
    return turned ? [less, a] : [a, less];
  })
  .filter(([a, b]) => a.entry.direction === b.entry.direction);

test('packets change verdict exactly where the two firewalls, asked one by one, decide otherwise', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(pair, fc.array(randomPacket, { minLength: 20, maxLength: 20 }), ([a, b], packets) => {
      const { changes, evaluation } = compareEntries(a, b, {
        state: 'new',
        tcpFlags: 2,
        hostAddresses: [],
        maxNodes: 1e6,
      });
      const { space } = evaluation;
      const changeOf = (packet: Packet): (typeof changes)[number] | undefined => {
        const bits = packetBits(space, packet);
        const found = changes.filter((change) => space.bdd.holds(change.packets, bits));
        expect(found.length).toBeLessThan(2);
        return found[0];
      };
      for (const packet of packets.map((one) => ({ ...one, state: 'new' as const }))) {
        const change = changeOf(packet);
        if (change !== undefined) {
          seen.add(`${change.before} ${change.after}`);
          expect(contradicts(change.before, a, packet)).toBe(false);
          expect(contradicts(change.after, b, packet)).toBe(false);
        } else {
          const certain = (one: One): string => {
            const said = new Set(worlds.map((world) => accepts(one, packet, world)));
            return said.size === 2 ? 'both' : said.has(true) ? 'accept' : 'drop';
          };
          const both = [certain(a), certain(b)].sort().join(' ');
          expect(both).not.toBe('accept drop');
        }
      }
      for (const change of changes) {
        const packet = packetIn(space, change.packets, { ...packets[0]!, state: 'new' });
        expect(changeOf(packet)).toBe(change);
      }
      expect(
        compareEntries(a, a, { state: 'new', tcpFlags: 2, hostAddresses: [], maxNodes: 1e6 }).changes,
      ).toEqual([]);
    }),
    { numRuns: 150 },
  );
  // Most ways in which a verdict can change were met.
  expect(seen.size).toBeGreaterThan(3);
});
