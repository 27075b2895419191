// What sets say of sources: which ones have a packet in them, how many these are, and as how many prefixes.

import { ByNode } from './by-node';
import { take } from './memory';
import {
  afterAt,
  bitsOf,
  bitsTogether,
  FALSE,
  highOf,
  levelOf,
  like,
  lowOf,
  matchOf,
  missAt,
  missOf,
  TRUE,
} from './nodes';
import { AND, combine, OR } from './operations';

/** Levels that a set may ask for above the source: a byte each, 1 for those that a projection leaves out. */
const LEVELS: i32 = 6144;
const above: usize = memory.data(LEVELS);

/** Stands for a share of 0 where 0 says that nothing is known. */
const NO_SHARE: f64 = -1;

/** Of the packets of sets, those that are in `filter`, which asks for nothing above the sources. */
class Projection {
  private filter: i32;
  /** The lowest level of a source. */
  private lastSource: i32;
  /** Of each node, as a double; 0: not known. */
  private shares: ByNode;
  /** Of each node, as a word, its projection and 1; of what lies below the sources, TRUE or FALSE and 1. */
  private known: ByNode;

  static make(filter: i32, lastSource: i32): Projection {
    const made = changetype<Projection>(take(offsetof<Projection>()));
    made.filter = filter;
    made.lastSource = lastSource;
    made.shares = ByNode.make(8);
    made.known = ByNode.make(4);
    return made;
  }

  /** Some packet of what is left of a set below its sources is in the filter. */
  private holds(node: i32): bool {
    const filter = this.filter;
    if (filter === TRUE || node === FALSE) return node !== FALSE;
    if (node === TRUE || filter === FALSE) return filter !== FALSE;
    const known = load<i32>(this.known.at(node)) - 1;
    if (known >= 0) return known === TRUE;
    const found =
      levelOf(node) >= levelOf(filter)
        ? combine(AND, node, filter) !== FALSE
        : this.holds(missOf(node)) || this.holds(matchOf(node));
    store<i32>(this.known.at(node), (found ? TRUE : FALSE) + 1);
    return found;
  }

  /** The sources of the packets. */
  sources(node: i32): i32 {
    const level = levelOf(node);
    if (level > this.lastSource) return this.holds(node) ? TRUE : FALSE;
    const known = load<i32>(this.known.at(node)) - 1;
    if (known >= 0) return known;
    const miss = this.sources(missOf(node));
    const match = this.sources(matchOf(node));
    const isAbove = level < LEVELS && load<u8>(above + <usize>level) !== 0;
    const result = isAbove ? combine(OR, miss, match) : like(node, miss, match);
    store<i32>(this.known.at(node), result + 1);
    return result;
  }

  /** How many sources the packets of a set have that asks for nothing above the source, as a part of all addresses. */
  share(set: i32): f64 {
    if (levelOf(set) > this.lastSource) return this.holds(set) ? 1 : 0;
    const known = load<f64>(this.shares.at(set));
    if (known !== 0) return known === NO_SHARE ? 0 : known;
    const match = shareOfBits(bitsOf(set));
    const share = this.share(missOf(set)) * (1 - match) + this.share(matchOf(set)) * match;
    store<f64>(this.shares.at(set), share === 0 ? NO_SHARE : share);
    return share;
  }

  /** The same for the sources that are in `ranges` too: a few prefixes, so that few pairs are met. */
  shareWithin(set: i32, ranges: i32): f64 {
    if (set === FALSE || ranges === FALSE) return 0;
    if (ranges === TRUE) return this.share(set);
    const bits = bitsTogether(set, ranges);
    if (bits === 0) {
      const low = this.shareWithin(lowOf(set), lowOf(ranges));
      return (low + this.shareWithin(highOf(set), highOf(ranges))) / 2;
    }
    const level = min(levelOf(set), levelOf(ranges));
    const match = shareOfBits(bits);
    const miss = this.shareWithin(missAt(set, level), missAt(ranges, level));
    const rest = this.shareWithin(afterAt(set, level, bits), afterAt(ranges, level, bits));
    return miss * (1 - match) + rest * match;
  }
}

/** The part of all addresses in which so many bits are given. */
function shareOfBits(bits: i32): f64 {
  return reinterpret<f64>((<i64>(1023 - bits)) << 52);
}

/** Projections leave out what sets ask for at this level, above the sources. */
export function leaveOut(level: i32): void {
  store<u8>(above + <usize>level, 1);
}

/** A projection to hand to the functions below. */
export function newProjection(filter: i32, lastSource: i32): usize {
  return changetype<usize>(Projection.make(filter, lastSource));
}

export function sources(projection: usize, set: i32): i32 {
  return changetype<Projection>(projection).sources(set);
}

export function share(projection: usize, set: i32): f64 {
  return changetype<Projection>(projection).share(set);
}

export function shareWithin(projection: usize, set: i32, ranges: i32): f64 {
  return changetype<Projection>(projection).shareWithin(set, ranges);
}

@unmanaged
class Paths {
  /** Of each node, as a double; 0: not known. */
  known: ByNode;
}

const allPaths = changetype<Paths>(memory.data(offsetof<Paths>()));

export function beginPaths(): void {
  allPaths.known = ByNode.make(8);
}

/** The paths that lead to TRUE: as many disjoint prefixes (or masked addresses) as the set falls into. */
export function paths(set: i32): f64 {
  if (set <= TRUE) return set;
  const known = load<f64>(allPaths.known.at(set));
  if (known > 0) return known;
  const found = paths(missOf(set)) * bitsOf(set) + paths(matchOf(set));
  store<f64>(allPaths.known.at(set), found);
  return found;
}
