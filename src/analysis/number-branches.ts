import { formatPrefix } from '../packets/address-text.ts';
import { FALSE, type Node } from '../packets/bdd.ts';
import type { PacketSpace, SpaceField } from '../packets/packet-space.ts';

/** A masked value of a field of at most 32 bits, in whole numbers: the bits of `mask` are fixed to those of `value`. */
export type MaskedNumber = readonly [value: number, mask: number];

/** `branches` of a field of at most 32 bits in whole numbers, which take a tenth of the time: large reports have millions of prefixes. */
export function numberBranches(
  space: PacketSpace,
  node: Node,
  field: SpaceField,
): ReadonlyMap<Node, readonly MaskedNumber[]> {
  const { bdd } = space;
  const levels = space.levelsOf(field);
  const last = levels[levels.length - 1] ?? -1;
  const bitAt = new Map(levels.map((level, i) => [level, 2 ** (levels.length - 1 - i)]));
  const found = new Map<Node, MaskedNumber[]>();
  const walk = (at: Node, value: number, mask: number): void => {
    if (at === FALSE) return;
    const level = bdd.levelOf(at);
    if (level > last) {
      const known = found.get(at);
      if (known === undefined) found.set(at, [[value, mask]]);
      else known.push([value, mask]);
      return;
    }
    const bit = bitAt.get(level);
    if (bit === undefined) throw new Error(`a set of packets tests ${field} out of order`);
    for (const [child, values, bits] of bdd.ways(at)) {
      const lowest = bit / 2 ** (bits - 1);
      walk(child, value + values * lowest, mask + (2 ** bits - 1) * lowest);
    }
  };
  walk(node, 0, 0);
  return found;
}

/** Prefixes of IPv4 as text. Each is written once: rows of many ports name the same ones. */
export class Ipv4Prefixes {
  private readonly written = new Map<number, string>();

  /** Undefined if the mask has holes. */
  of([value, mask]: MaskedNumber): string | undefined {
    const hosts = 2 ** 32 - mask;
    const length = Math.clz32(hosts - 1);
    if (hosts !== 2 ** (32 - length)) return undefined;
    const key = value * 64 + length;
    let text = this.written.get(key);
    if (text === undefined) this.written.set(key, (text = formatPrefix(BigInt(value), length, 'ipv4')));
    return text;
  }
}
