import { type Bdd, FALSE, type Node, TRUE } from './bdd.ts';
import { PairTable } from './pair-table.ts';

/** A packet by the values of all variables. */
export type PacketValues = (level: number) => boolean;

/** A packet of the set, which holds one, with as few variables true as may be. */
export function somePacket(bdd: Bdd, packets: Node): PacketValues {
  const high: number[] = [];
  for (let at = packets; !bdd.isLeaf(at);) {
    const isHigh = bdd.lowOf(at) === FALSE;
    if (isHigh) high.push(bdd.levelOf(at));
    at = isHigh ? bdd.highOf(at) : bdd.lowOf(at);
  }
  return valuesOf(high);
}

/** The same of what two sets share, without making that set; undefined where they share nothing. */
export function someCommonPacket(bdd: Bdd, a: Node, b: Node): PacketValues | undefined {
  const high: number[] = [];
  let disjoint: PairTable | undefined;
  const walk = (f: Node, g: Node): boolean => {
    if (f === FALSE || g === FALSE) return false;
    if (f === TRUE && g === TRUE) return true;
    if (disjoint?.has(f, g) === true) return false;
    const level = Math.min(bdd.levelOf(f), bdd.levelOf(g));
    const splitsF = bdd.levelOf(f) === level;
    const splitsG = bdd.levelOf(g) === level;
    if (walk(splitsF ? bdd.lowOf(f) : f, splitsG ? bdd.lowOf(g) : g)) return true;
    high.push(level);
    if (walk(splitsF ? bdd.highOf(f) : f, splitsG ? bdd.highOf(g) : g)) return true;
    high.pop();
    (disjoint ??= new PairTable(16)).add(f, g);
    return false;
  };
  return walk(a, b) ? valuesOf(high) : undefined;
}

/** `high`: the variables that are true, ascending. */
function valuesOf(high: readonly number[]): PacketValues {
  const values = new Uint8Array((high[high.length - 1] ?? -1) + 1);
  for (const level of high) values[level] = 1;
  return (level) => values[level] === 1;
}
