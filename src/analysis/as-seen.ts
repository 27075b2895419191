import type { Firewall, Stage } from '../model/firewall.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import { absentInterface } from './absent-interface.ts';

/** The packets in the guise in which a hook's rules see them: without the interface that they do not have there. */
export function asSeen(firewall: Firewall, stage: Stage, space: PacketSpace, packets: Node): Node {
  const field = absentInterface(firewall, stage);
  if (field === undefined) return packets;
  const levels = new Set(space.levelsOf(field));
  if (levels.size === 0) return packets;
  const { bdd } = space;
  const table = space.namesOf(field);
  const code = table === undefined ? 0 : table.codes(table.classOf(''))[0];
  const empty = [...levels].reduce<Node>(
    (node, level, i) =>
      bdd.and(
        node,
        (code >>> (levels.size - 1 - i)) & 1 ? bdd.variable(level) : bdd.node(level, TRUE, FALSE),
      ),
    TRUE,
  );
  return bdd.and(
    bdd.exists(packets, (level) => levels.has(level)),
    empty,
  );
}
