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
import type { PacketSpace, SpaceField } from '../packets/packet-space.ts';
import { intersects } from '../packets/intersects.ts';
import type { Projection } from '../packets/projection.ts';

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

type Side = 'outward' | 'inward' | 'away';

/** Reads scope and sources of rows off the diagram. What rows share is looked at once. */
export class SourceOutlines {
  private readonly space: PacketSpace;
  private readonly known = new Map<Node, SourceOutline>();
  private readonly sources: readonly number[];
  /** Of all packets, and of those that arrive on interfaces of one side, which `filters` says. */
  private readonly all: Projection;
  private readonly sides: Readonly<Record<Side, Projection>>;
  private readonly filters: Readonly<Record<Side, Node>>;
  private readonly someFaceInward: boolean;
  /** Interfaces are tested after the source: a projection looks at them when it gets there. */
  private readonly interfacesBelow: boolean;
  private readonly special: Readonly<Record<SpecialSources, Node>>;
  /** Packets on interfaces that face outward which a router may have forwarded. */
  private readonly fromAfar: Node;

  constructor(space: PacketSpace) {
    this.space = space;
    this.sources = space.levelsOf('source');
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
    space.bdd.leaveOut(
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
    const side = (intervals: readonly Interval[]): Node =>
      table === undefined ? TRUE : numberIn(space.bdd, levels, intervals, TRUE);
    this.filters = { outward: side(outward), inward: side(inward), away: side(away) };
    const lastSource = this.sources[this.sources.length - 1]!;
    this.all = space.bdd.projection(TRUE, lastSource);
    const projection = (filter: Node): Projection =>
      filter === TRUE ? this.all : space.bdd.projection(filter, lastSource);
    this.sides = {
      outward: projection(this.filters.outward),
      inward: projection(this.filters.inward),
      away: projection(this.filters.away),
    };
    this.interfacesBelow = levels.length > 0 && levels[0]! > lastSource;
    const onLink = space.addressIn('destination', linkDestinations(space.family));
    this.fromAfar = space.bdd.diff(this.filters.outward, onLink);
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
      paths: () => this.space.bdd.paths(rest),
    };
  }

  private sourcesOf(rest: Node): OutlinedSources {
    const all = this.all.sources(rest);
    const first: string[] = [];
    this.collect(all, 0, 0n, first);
    return { any: all === TRUE, prefixes: this.space.bdd.paths(all), first };
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

  private projectSide(node: Node, side: Side): Node {
    const projection = this.sides[side];
    if (projection === this.all || this.interfacesBelow) return projection.sources(node);
    return this.all.sources(this.space.bdd.and(node, this.filters[side]));
  }

  /** The scope of those packets of a set that arrive on interfaces of one side; undefined where none does. */
  private scopeOf(rest: Node, side: Side): Scope | undefined {
    const { family, bdd } = this.space;
    // Most sets ask for nothing above the source: how many sources they have is told without making the set of these.
    const isPlain = bdd.levelOf(rest) >= this.sources[0]!;
    const set = isPlain ? rest : this.projectSide(rest, side);
    const projection = isPlain ? this.sides[side] : this.all;
    const share = projection.share(set);
    if (share === 0) return undefined;
    const size = 2 ** this.sources.length;
    return classifySources(family, {
      // All of IPv6 but a few addresses are 1 as well, and the internet too.
      all: share === 1,
      addresses: share * size,
      private: projection.shareWithin(set, this.special.private) * size,
      loopback: projection.shareWithin(set, this.special.loopback) * size,
    });
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
