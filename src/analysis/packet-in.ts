import type { Node } from '../packets/bdd.ts';
import type { AddressField, NameField } from '../packets/fields.ts';
import type { SpaceField, PacketSpace } from '../packets/packet-space.ts';
import { valuesLike } from '../packets/some-packet.ts';
import type { Packet } from './packet.ts';
import { packetBits } from './packet-bits.ts';

const nameFields: readonly NameField[] = [
  'inInterface',
  'outInterface',
  'profile',
  'interfaceType',
  'program',
  'service',
  'package',
];

/** A packet of the set, as like `wanted` as the set allows. The set must not be empty, and hang on no open question. */
export function packetIn(space: PacketSpace, set: Node, wanted: Packet): Packet {
  const bits = packetBits(space, wanted);
  const chosen = valuesLike(space.bdd, set, bits);
  const value = (field: SpaceField): bigint =>
    space.levelsOf(field).reduce((sum, level) => (sum << 1n) | BigInt(chosen.get(level) ?? bits(level)), 0n);
  const names: Partial<Record<NameField, string>> = { ...wanted.names };
  for (const field of nameFields) {
    const table = space.namesOf(field);
    if (table === undefined) continue;
    const code = Number(value(field));
    const index = table.classes.findIndex((_, i) => {
      const [from, to] = table.codes(i);
      return code >= from && code <= to;
    });
    const name = wanted.names[field];
    // A name that the set does not tell from the wanted one stays.
    if (name === undefined || table.classOf(name) !== index) {
      const asked = space.levelsOf(field).some((level) => chosen.has(level));
      if (asked || field === 'profile') names[field] = table.example(index, name ?? 'other');
    }
  }
  const address = (field: AddressField): bigint => value(field);
  return {
    ...wanted,
    protocol: Number(value('protocol')),
    source: address('source'),
    destination: address('destination'),
    sourcePort: Number(value('sourcePort')),
    destinationPort: Number(value('destinationPort')),
    names,
  };
}
