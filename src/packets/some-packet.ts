import { type Bdd, FALSE, type Node, TRUE } from './bdd.ts';
import { meeting } from './intersects.ts';

/** A packet by the values of all variables. */
export type PacketValues = (level: number) => boolean;

/** A packet of the set, which holds one, with as few variables true as may be. */
export function somePacket(bdd: Bdd, packets: Node): PacketValues {
  return valuesOf(levelsTrue(bdd, packets));
}

/**
 * The same of what two sets share, without making that set; undefined where they share nothing. `high`: variables above those of the sets
 * that are true.
 */
export function someCommonPacket(bdd: Bdd, a: Node, b: Node, high: number[] = []): PacketValues | undefined {
  const rest = meeting(bdd, a, b, high);
  return rest === undefined ? undefined : valuesOf(levelsTrue(bdd, rest, high));
}

/**
 * One packet of a set, which holds some: as `wanted` tells each variable, as far as the set allows. Variables that neither the set asks
 * for nor `levels` names stay open.
 */
export function packetLike(bdd: Bdd, packets: Node, wanted: PacketValues, levels: readonly number[]): Node {
  const values = new Map(levels.map((level) => [level, wanted(level)]));
  for (const [level, isHigh] of valuesLike(bdd, packets, wanted)) values.set(level, isHigh);
  let packet: Node = TRUE;
  for (const [level, isHigh] of [...values].sort(([a], [b]) => b - a))
    packet = isHigh ? bdd.node(level, FALSE, packet) : bdd.node(level, packet, FALSE);
  return packet;
}

/** The variables that the set, which holds a packet, asks for on the way to one that is as `wanted` as far as the set allows. */
export function valuesLike(bdd: Bdd, packets: Node, wanted: PacketValues): ReadonlyMap<number, boolean> {
  const values = new Map<number, boolean>();
  for (let at = packets; !bdd.isLeaf(at);) {
    const [low, high] = [bdd.lowOf(at), bdd.highOf(at)];
    const isHigh = wanted(bdd.levelOf(at)) ? high !== FALSE : low === FALSE;
    values.set(bdd.levelOf(at), isHigh);
    at = isHigh ? high : low;
  }
  return values;
}

/** `high` and the variables that are true on the way to one of the packets, as few as may be. */
export function levelsTrue(bdd: Bdd, packets: Node, high: number[] = []): readonly number[] {
  for (let at = packets; !bdd.isLeaf(at);) {
    if (bdd.missOf(at) === FALSE) {
      for (const level of bdd.levelsHigh(at, bdd.bitsOf(at))) high.push(level);
      at = bdd.matchOf(at);
      continue;
    }
    const isHigh = bdd.lowOf(at) === FALSE;
    if (isHigh) high.push(bdd.levelOf(at));
    at = isHigh ? bdd.highOf(at) : bdd.lowOf(at);
  }
  return high;
}

/** `high`: the variables that are true. */
function valuesOf(high: readonly number[]): PacketValues {
  const values = new Uint8Array(high.reduce((last, level) => Math.max(last, level), -1) + 1);
  for (const level of high) values[level] = 1;
  return (level) => values[level] === 1;
}
