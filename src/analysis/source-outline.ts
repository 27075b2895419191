import {
  type Scope,
  classifySources,
  type SpecialSources,
  specialSources,
} from '../packets/address-scope.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import { formatPrefix } from '../packets/address-text.ts';
import { faceInward } from '../packets/inward-interfaces.ts';
import { numberIn } from '../packets/field-diagrams.ts';
import type { Interval } from '../packets/interval.ts';
import { NodeMemo } from '../packets/node-memo.ts';
import type { PacketSpace, SpaceField } from '../packets/packet-space.ts';
import { intersects } from '../packets/intersects.ts';

/** Who a row lets in, without listing every prefix. */
export interface SourceOutline {
  readonly scope: Scope;
  /** Every packet arrives on an interface that by its name faces inward. */
  readonly inward: boolean;
  /** Sources as a number of prefixes, and the first of them; `any` for all sources. */
  readonly any: boolean;
  readonly prefixes: number;
  readonly first: readonly string[];
  /** The ways through the whole diagram: no list of who gets where is longer. */
  readonly paths: () => number;
}

const SHOWN = 3;

/** Packets that a projection is of: all, or those that arrive on interfaces of one side. */
interface Projection {
  /** The side's interfaces. */
  readonly filter: Node;
  /** Their sources, by what is left of a set. */
  readonly sources: NodeMemo;
  /** What is left of a set below its sources holds some of them. */
  readonly holds: (node: Node) => boolean;
}

type Side = 'outward' | 'away';

/** Reads scope and sources of rows off the diagram. What rows share is looked at once. */
export class SourceOutlines {
  private readonly space: PacketSpace;
  private readonly known = new Map<Node, SourceOutline>();
  private readonly sources: readonly number[];
  private readonly lastSource: number;
  /** Fields that the diagram tests before the source. */
  private readonly above: ReadonlySet<number>;
  private readonly all: Projection;
  private readonly sides: Readonly<Record<Side, Projection>>;
  /** Interfaces are tested after the source: a projection looks at them when it gets there. */
  private readonly interfacesBelow: boolean;
  private readonly shares: NodeNumbers;
  private readonly paths: NodeNumbers;
  private readonly special: Readonly<Record<SpecialSources, Node>>;

  constructor(space: PacketSpace) {
    this.space = space;
    this.shares = new NodeNumbers(space.bdd.size);
    this.paths = new NodeNumbers(space.bdd.size);
    this.sources = space.levelsOf('source');
    this.lastSource = this.sources[this.sources.length - 1]!;
    const above: SpaceField[] = [
      'inInterface',
      'outInterface',
      'profile',
      'program',
      'service',
      'package',
      'interfaceType',
      'destination',
    ];
    this.above = new Set(
      above.flatMap((field) => space.levelsOf(field)).filter((level) => level < this.sources[0]!),
    );
    const table = space.namesOf('inInterface');
    const away: Interval[] = [];
    const outward: Interval[] = [];
    table?.classes.forEach((one, index) => {
      const isLoopback = one.kind === 'name' && (one.name === 'lo' || one.name === 'lo0');
      if (!isLoopback) away.push(table.codes(index));
      if (!isLoopback && (one.kind === 'other' || !faceInward([one.name]))) outward.push(table.codes(index));
    });
    const levels = space.levelsOf('inInterface');
    const side = (intervals: readonly Interval[]): Projection => {
      const filter = table === undefined ? TRUE : numberIn(space.bdd, levels, intervals, TRUE);
      if (filter === TRUE) return this.all;
      const sources = new NodeMemo(space.bdd.size).begin();
      return { filter, sources, holds: (node) => this.meets(node, filter, sources) };
    };
    this.all = {
      filter: TRUE,
      sources: new NodeMemo(space.bdd.size).begin(),
      holds: (node) => node !== FALSE,
    };
    this.sides = { outward: side(outward), away: side(away) };
    this.interfacesBelow = levels.length > 0 && levels[0]! > this.lastSource;
    const ranges = specialSources(space.family);
    this.special = {
      private: space.addressIn('source', ranges.private),
      loopback: space.addressIn('source', ranges.loopback),
    };
  }

  of(rest: Node): SourceOutline {
    let outline = this.known.get(rest);
    if (outline === undefined) {
      outline = this.make(rest);
      this.known.set(rest, outline);
    }
    return outline;
  }

  private make(rest: Node): SourceOutline {
    const all = this.project(rest, this.all);
    const outside = this.projectSide(rest, 'outward');
    const first: string[] = [];
    this.collect(all, 0, 0n, first);
    return {
      scope: outside === FALSE ? this.inwardScope(rest) : this.scopeOf(outside),
      inward: outside === FALSE,
      any: all === TRUE,
      prefixes: this.pathsOf(all),
      first,
      paths: () => this.pathsOf(rest),
    };
  }

  /** What arrives on docker0 or a LAN bridge comes from a private network, whatever its source address may be. */
  private inwardScope(rest: Node): Scope {
    const away = this.projectSide(rest, 'away');
    if (away === FALSE) return 'loopback';
    const scope = this.scopeOf(away);
    return scope === 'internet' ? 'private' : scope;
  }

  /** The sources of those packets of the set that the projection is of. */
  private project(node: Node, projection: Projection): Node {
    const { bdd } = this.space;
    const level = bdd.levelOf(node);
    if (level > this.lastSource) return projection.holds(node) ? TRUE : FALSE;
    const known = projection.sources.get(node);
    if (known !== undefined) return known;
    const miss = this.project(bdd.missOf(node), projection);
    const match = this.project(bdd.matchOf(node), projection);
    const result = this.above.has(level) ? bdd.or(miss, match) : bdd.like(node, miss, match);
    projection.sources.set(node, result);
    return result;
  }

  private projectSide(node: Node, side: Side): Node {
    const projection = this.sides[side];
    if (projection === this.all || this.interfacesBelow) return this.project(node, projection);
    return this.project(this.space.bdd.and(node, projection.filter), this.all);
  }

  /** Some packet of the set is one of `filter`, whose first level lies below many of the set's. */
  private meets(node: Node, filter: Node, known: NodeMemo): boolean {
    const { bdd } = this.space;
    if (filter === FALSE) return false;
    if (bdd.levelOf(node) >= bdd.levelOf(filter)) return intersects(bdd, node, filter);
    const before = known.get(node);
    if (before !== undefined) return before === TRUE;
    const found = this.meets(bdd.missOf(node), filter, known) || this.meets(bdd.matchOf(node), filter, known);
    known.set(node, found ? TRUE : FALSE);
    return found;
  }

  private scopeOf(sources: Node): Scope {
    const size = 2 ** this.sources.length;
    return classifySources(this.space.family, {
      all: sources === TRUE,
      addresses: this.shareOf(sources) * size,
      private: this.shareIn(sources, this.special.private) * size,
      loopback: this.shareIn(sources, this.special.loopback) * size,
    });
  }

  /** The part of all addresses that the set holds; a double, exact up to 53 bits. */
  private shareOf(node: Node): number {
    if (node <= TRUE) return node;
    const known = this.shares.get(node);
    if (known > 0) return known;
    const { bdd } = this.space;
    const match = 2 ** -bdd.bitsOf(node);
    const share = this.shareOf(bdd.missOf(node)) * (1 - match) + this.shareOf(bdd.matchOf(node)) * match;
    this.shares.set(node, share);
    return share;
  }

  /** The same for the addresses that are in `ranges` too: a few prefixes, so that few pairs are met. */
  private shareIn(node: Node, ranges: Node): number {
    if (node === FALSE || ranges === FALSE) return 0;
    if (ranges === TRUE || node === ranges) return this.shareOf(node);
    const { bdd } = this.space;
    const level = Math.min(bdd.levelOf(node), bdd.levelOf(ranges));
    const bits = bdd.bitsTogether(node, ranges);
    if (bits === 0) {
      const low = this.shareIn(bdd.lowOf(node), bdd.lowOf(ranges));
      return (low + this.shareIn(bdd.highOf(node), bdd.highOf(ranges))) / 2;
    }
    const match = 2 ** -bits;
    const miss = this.shareIn(bdd.missAt(node, level), bdd.missAt(ranges, level));
    const rest = this.shareIn(bdd.afterAt(node, level, bits), bdd.afterAt(ranges, level, bits));
    return miss * (1 - match) + rest * match;
  }

  /** The paths that lead to TRUE: as many disjoint prefixes (or masked addresses) as the set falls into. */
  private pathsOf(node: Node): number {
    if (node <= TRUE) return node;
    const known = this.paths.get(node);
    if (known > 0) return known;
    const { bdd } = this.space;
    const paths = this.pathsOf(bdd.missOf(node)) * bdd.bitsOf(node) + this.pathsOf(bdd.matchOf(node));
    this.paths.set(node, paths);
    return paths;
  }

  private collect(node: Node, bit: number, value: bigint, found: string[]): void {
    if (node === FALSE || found.length === SHOWN) return;
    const { bdd, family } = this.space;
    if (node === TRUE) {
      found.push(formatPrefix(value, bit, family));
      return;
    }
    // Bits that the diagram skips are free; the first address of each block stands for it.
    const at = this.sources.indexOf(bdd.levelOf(node));
    for (const [child, high, bits] of bdd.ways(node)) {
      const left = BigInt(this.sources.length - at - bits);
      this.collect(child, at + bits, value | (BigInt(high) << left), found);
    }
  }
}

/** A number above 0 for each node, kept for good. */
class NodeNumbers {
  private values: Float64Array;

  constructor(room: number) {
    this.values = new Float64Array(room);
  }

  /** 0: not known. */
  get(node: Node): number {
    return node < this.values.length ? this.values[node]! : 0;
  }

  set(node: Node, value: number): void {
    if (node >= this.values.length) {
      const larger = new Float64Array(Math.max(node + 1, this.values.length * 2));
      larger.set(this.values);
      this.values = larger;
    }
    this.values[node] = value;
  }
}
