import type { Firewall, Stage } from '../model/firewall.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import type { PacketValues } from '../packets/some-packet.ts';
import { absentInterface } from './absent-interface.ts';

/** The packets in the guise in which a hook's rules see them: without the interface that they do not have there. */
export function asSeen(firewall: Firewall, stage: Stage, space: PacketSpace, packets: Node): Node {
  const bits = bitsOfAbsent(firewall, stage, space);
  if (bits.size === 0) return packets;
  const { bdd } = space;
  let empty: Node = TRUE;
  for (const [level, isSet] of bits)
    empty = bdd.and(empty, isSet ? bdd.variable(level) : bdd.node(level, TRUE, FALSE));
  return bdd.and(
    bdd.exists(packets, (level) => bits.has(level)),
    empty,
  );
}

/** The same of one packet; `bits`: the hook's `bitsOfAbsent`. */
export function oneAsSeen(packet: PacketValues, bits: ReadonlyMap<number, boolean>): PacketValues {
  return bits.size === 0 ? packet : (level) => bits.get(level) ?? packet(level);
}

/** The variables of the interface that a packet does not have at a stage, as they are for the empty name. */
export function bitsOfAbsent(
  firewall: Firewall,
  stage: Stage,
  space: PacketSpace,
): ReadonlyMap<number, boolean> {
  const field = absentInterface(firewall, stage);
  if (field === undefined) return new Map();
  const table = space.namesOf(field);
  return new Map(space.bitsOf(field, table === undefined ? 0 : table.codes(table.classOf(''))[0]));
}
