import { type Bdd, FALSE, type Node, TRUE, WORD } from '../packets/bdd.ts';
import { NodeNumbers } from './node-numbers.ts';

/** The part of all addresses in which so many bits are given. */
const shareOfBits = Array.from({ length: WORD + 1 }, (_, bits) => 2 ** -bits);

/** Stands for a share of 0 where 0 says that nothing is known. */
const NONE = -1;

/**
 * How many sources the packets of sets have, as a part of all addresses: a double, exact up to 53 bits. The sets ask for nothing above
 * the source.
 */
export class SourceShares {
  private readonly bdd: Bdd;
  private readonly lastSource: number;
  private readonly holds: (node: Node) => boolean;
  private readonly known: NodeNumbers;

  /** `holds`: what is left of a set below its sources, `lastSource` the lowest of their levels, holds packets that count. */
  constructor(bdd: Bdd, lastSource: number, holds: (node: Node) => boolean) {
    this.bdd = bdd;
    this.lastSource = lastSource;
    this.holds = holds;
    this.known = new NodeNumbers(bdd.size);
  }

  of(set: Node): number {
    if (set <= TRUE) return this.holds(set) ? 1 : 0;
    const known = this.known.get(set);
    if (known !== 0) return known === NONE ? 0 : known;
    const share = this.worked(set);
    this.known.set(set, share === 0 ? NONE : share);
    return share;
  }

  private worked(set: Node): number {
    const { bdd } = this;
    if (bdd.levelOf(set) > this.lastSource) return this.holds(set) ? 1 : 0;
    const match = shareOfBits[bdd.bitsOf(set)]!;
    return this.of(bdd.missOf(set)) * (1 - match) + this.of(bdd.matchOf(set)) * match;
  }

  /** The same for the sources that are in `ranges` too: a few prefixes, so that few pairs are met. */
  within(set: Node, ranges: Node): number {
    if (set === FALSE || ranges === FALSE) return 0;
    if (ranges === TRUE) return this.of(set);
    const { bdd } = this;
    const level = Math.min(bdd.levelOf(set), bdd.levelOf(ranges));
    const bits = bdd.bitsTogether(set, ranges);
    if (bits === 0) {
      const low = this.within(bdd.lowOf(set), bdd.lowOf(ranges));
      return (low + this.within(bdd.highOf(set), bdd.highOf(ranges))) / 2;
    }
    const match = shareOfBits[bits]!;
    const miss = this.within(bdd.missAt(set, level), bdd.missAt(ranges, level));
    const rest = this.within(bdd.afterAt(set, level, bits), bdd.afterAt(ranges, level, bits));
    return miss * (1 - match) + rest * match;
  }
}
