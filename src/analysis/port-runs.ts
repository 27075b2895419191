import { FALSE, type Node } from '../packets/bdd.ts';
import type { PacketSpace } from '../packets/packet-space.ts';

/** Ports of which the same is left. */
export interface PortRun {
  readonly from: number;
  readonly to: number;
  readonly node: Node;
}

/**
 * The destination ports of a set that asks for nothing above them, as runs of one node below the field, ascending; without those that
 * lead to FALSE. A large firewall has thousands of runs: they are found in their order, so that none need be listed bit by bit and sorted.
 */
export function portRuns(space: PacketSpace, node: Node): readonly PortRun[] {
  const { bdd } = space;
  const levels = space.levelsOf('destinationPort');
  const last = levels[levels.length - 1]!;
  const runs: PortRun[] = [];
  const add = (from: number, to: number, rest: Node): void => {
    const before = runs[runs.length - 1];
    if (before !== undefined && before.node === rest && before.to === from - 1)
      runs[runs.length - 1] = { from: before.from, to, node: rest };
    else runs.push({ from, to, node: rest });
  };
  /** The ports from `from` on whose first bits, `bit` of them, are known; so are the first `known` of those that the node asks about. */
  const walk = (at: Node, known: number, bit: number, from: number): void => {
    if (at === FALSE) return;
    const size = 1 << (levels.length - bit);
    const level = bdd.levelOf(at) + (known === 0 ? 0 : known * bdd.stepOf(at));
    if (level > last) return add(from, from + size - 1, at);
    if (level < levels[bit]!) throw new Error('a set of packets tests destination ports out of order');
    const half = size / 2;
    if (level > levels[bit]!) {
      walk(at, known, bit + 1, from);
      walk(at, known, bit + 1, from + half);
      return;
    }
    const bits = bdd.bitsOf(at);
    const matchesHigh = (bdd.patternOf(at) >>> (bits - 1 - known)) & 1;
    const matches = (start: number): void =>
      known + 1 === bits ? walk(bdd.matchOf(at), 0, bit + 1, start) : walk(at, known + 1, bit + 1, start);
    if (matchesHigh === 0) matches(from);
    else walk(bdd.missOf(at), 0, bit + 1, from);
    if (matchesHigh === 1) matches(from + half);
    else walk(bdd.missOf(at), 0, bit + 1, from + half);
  };
  walk(node, 0, 0, 0);
  return runs;
}
