import {
  type Scope,
  classifySources,
  linkDestinations,
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
import { NodeNumbers } from './node-numbers.ts';
import { SourceShares } from './source-shares.ts';

/** Who a row lets in, without listing every prefix. Every row is asked for its scope; the sources of most rows nobody looks at. */
export interface SourceOutline {
  readonly scope: Scope;
  /** Every packet arrives on an interface that by its name faces inward. */
  readonly inward: boolean;
  readonly sources: () => OutlinedSources;
  /** The ways through the whole diagram: no list of who gets where is longer. */
  readonly paths: () => number;
}

/** Sources as a number of prefixes, and the first of them; `any` for all sources. */
export interface OutlinedSources {
  readonly any: boolean;
  readonly prefixes: number;
  readonly first: readonly string[];
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
  readonly shares: SourceShares;
}

type Side = 'outward' | 'inward' | 'away';

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
  private readonly someFaceInward: boolean;
  /** Interfaces are tested after the source: a projection looks at them when it gets there. */
  private readonly interfacesBelow: boolean;
  private readonly paths: NodeNumbers;
  private readonly special: Readonly<Record<SpecialSources, Node>>;
  /** Packets on interfaces that face outward which a router may have forwarded. */
  private readonly fromAfar: Node;

  constructor(space: PacketSpace) {
    this.space = space;
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
    const inward: Interval[] = [];
    table?.classes.forEach((one, index) => {
      const isLoopback = one.kind === 'name' && (one.name === 'lo' || one.name === 'lo0');
      if (isLoopback) return;
      away.push(table.codes(index));
      const facesInward = one.kind !== 'other' && faceInward([one.name]);
      (facesInward ? inward : outward).push(table.codes(index));
    });
    this.someFaceInward = inward.length > 0;
    const levels = space.levelsOf('inInterface');
    const side = (intervals: readonly Interval[]): Projection => {
      const filter = table === undefined ? TRUE : numberIn(space.bdd, levels, intervals, TRUE);
      if (filter === TRUE) return this.all;
      const sources = new NodeMemo(space.bdd.size).begin();
      const holds = (node: Node): boolean => this.meets(node, filter, sources);
      return { filter, sources, holds, shares: new SourceShares(space.bdd, this.lastSource, holds) };
    };
    const holds = (node: Node): boolean => node !== FALSE;
    this.all = {
      filter: TRUE,
      sources: new NodeMemo(space.bdd.size).begin(),
      holds,
      shares: new SourceShares(space.bdd, this.lastSource, holds),
    };
    this.sides = { outward: side(outward), inward: side(inward), away: side(away) };
    this.interfacesBelow = levels.length > 0 && levels[0]! > this.lastSource;
    const onLink = space.addressIn('destination', linkDestinations(space.family));
    this.fromAfar = space.bdd.diff(this.sides.outward.filter, onLink);
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
    const outside = this.scopeOf(rest, 'outward');
    const scope = outside === undefined ? this.inwardScope(rest, 'away') : this.widest(rest, outside);
    return {
      // To 224.0.0.251 anybody on the link gets, and nobody else.
      scope: scope === 'internet' && !intersects(this.space.bdd, rest, this.fromAfar) ? 'private' : scope,
      inward: outside === undefined,
      sources: () => this.sourcesOf(rest),
      paths: () => this.pathsOf(rest),
    };
  }

  private sourcesOf(rest: Node): OutlinedSources {
    const all = this.project(rest, this.all);
    const first: string[] = [];
    this.collect(all, 0, 0n, first);
    return { any: all === TRUE, prefixes: this.pathsOf(all), first };
  }

  /** `outside`: the scope of what arrives on interfaces that face outward. A few hosts there do not make what arrives inside any narrower. */
  private widest(rest: Node, outside: Scope): Scope {
    if (outside === 'internet' || outside === 'private' || !this.someFaceInward) return outside;
    const inside = this.inwardScope(rest, 'inward');
    return inside === 'loopback' ? outside : inside;
  }

  /** What arrives on docker0 or a LAN bridge comes from a private network, whatever its source address may be. */
  private inwardScope(rest: Node, side: 'inward' | 'away'): Scope {
    const scope = this.scopeOf(rest, side);
    if (scope === undefined) return 'loopback';
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
    if (filter === FALSE || node === FALSE) return false;
    if (node === TRUE) return true;
    if (bdd.levelOf(node) >= bdd.levelOf(filter)) return intersects(bdd, node, filter);
    const before = known.get(node);
    if (before !== undefined) return before === TRUE;
    const found = this.meets(bdd.missOf(node), filter, known) || this.meets(bdd.matchOf(node), filter, known);
    known.set(node, found ? TRUE : FALSE);
    return found;
  }

  /** The scope of those packets of a set that arrive on interfaces of one side; undefined where none does. */
  private scopeOf(rest: Node, side: Side): Scope | undefined {
    const { family, bdd } = this.space;
    // Most sets ask for nothing above the source: how many sources they have is told without making the set of these.
    const isPlain = bdd.levelOf(rest) >= this.sources[0]!;
    const set = isPlain ? rest : this.projectSide(rest, side);
    const { shares } = isPlain ? this.sides[side] : this.all;
    const share = shares.of(set);
    if (share === 0) return undefined;
    const size = 2 ** this.sources.length;
    return classifySources(family, {
      // All of IPv6 but a few addresses are 1 as well, and the internet too.
      all: share === 1,
      addresses: share * size,
      private: shares.within(set, this.special.private) * size,
      loopback: shares.within(set, this.special.loopback) * size,
    });
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
