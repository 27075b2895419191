import { type Scope, classifySources } from '../packets/address-scope.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import { formatPrefix } from '../packets/address-text.ts';
import { faceInward } from '../packets/inward-interfaces.ts';
import { numberIn } from '../packets/field-diagrams.ts';
import type { Interval } from '../packets/interval.ts';
import type { PacketSpace, SpaceField } from '../packets/packet-space.ts';

/** Who a row lets in, without listing every prefix. */
export interface SourceOutline {
  readonly scope: Scope;
  /** Every packet arrives on an interface that by its name faces inward. */
  readonly inward: boolean;
  /** Sources as a number of prefixes, and the first of them; `any` for all sources. */
  readonly any: boolean;
  readonly prefixes: number;
  readonly first: readonly string[];
}

const SHOWN = 3;

/** Reads scope and sources of rows off the diagram. What rows share is looked at once. */
export class SourceOutlines {
  private readonly space: PacketSpace;
  private readonly known = new Map<Node, SourceOutline>();
  private readonly projected = new Map<Node, Node>();
  private readonly sources: readonly number[];
  private readonly above: ReadonlySet<number>;
  private readonly outward: Node;
  private readonly loopback: Node;

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
    ];
    this.above = new Set(
      above.flatMap((field) => space.levelsOf(field)).filter((level) => level < this.sources[0]!),
    );
    const table = space.namesOf('inInterface');
    const loopback: Interval[] = [];
    const outward: Interval[] = [];
    table?.classes.forEach((one, index) => {
      const isLoopback = one.kind === 'name' && (one.name === 'lo' || one.name === 'lo0');
      if (isLoopback) loopback.push(table.codes(index));
      else if (one.kind === 'other' || !faceInward([one.name])) outward.push(table.codes(index));
    });
    const levels = space.levelsOf('inInterface');
    this.outward = table === undefined ? TRUE : numberIn(space.bdd, levels, outward, TRUE);
    this.loopback = numberIn(space.bdd, levels, loopback, TRUE);
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
    const { bdd } = this.space;
    const outside = bdd.and(rest, this.outward);
    const all = this.project(rest);
    const first: string[] = [];
    this.collect(all, 0, 0n, first);
    return {
      scope: outside === FALSE ? this.inwardScope(rest) : this.scopeOf(this.project(outside)),
      inward: outside === FALSE,
      any: all === TRUE,
      prefixes: this.count(all),
      first,
    };
  }

  /** What arrives on docker0 or a LAN bridge comes from a private network, whatever its source address may be. */
  private inwardScope(rest: Node): Scope {
    const away = this.space.bdd.diff(rest, this.loopback);
    if (away === FALSE) return 'loopback';
    const scope = this.scopeOf(this.project(away));
    return scope === 'internet' ? 'private' : scope;
  }

  /** The sources for which the set holds with some values of all other fields. */
  private project(node: Node): Node {
    if (node <= TRUE) return node;
    const known = this.projected.get(node);
    if (known !== undefined) return known;
    const { bdd } = this.space;
    const level = bdd.levelOf(node);
    let result: Node;
    if (level > this.sources[this.sources.length - 1]!) result = TRUE;
    else {
      const low = this.project(bdd.lowOf(node));
      const high = this.project(bdd.highOf(node));
      result = this.above.has(level) ? bdd.or(low, high) : bdd.node(level, low, high);
    }
    this.projected.set(node, result);
    return result;
  }

  private scopeOf(sources: Node): Scope {
    const { family } = this.space;
    return classifySources(family, {
      all: sources === TRUE,
      addressesIn: (ranges) =>
        this.addresses(this.space.bdd.and(sources, this.space.addressIn('source', ranges))),
      addresses: () => this.addresses(sources),
    });
  }

  /** How many addresses the set holds; a double, exact up to 2^53. */
  private addresses(node: Node): number {
    const { bdd } = this.space;
    const memo = new Map<Node, number>();
    const share = (at: Node): number => {
      if (at <= TRUE) return at === TRUE ? 1 : 0;
      let found = memo.get(at);
      if (found === undefined) memo.set(at, (found = (share(bdd.lowOf(at)) + share(bdd.highOf(at))) / 2));
      return found;
    };
    return share(node) * 2 ** this.sources.length;
  }

  /** The paths that lead to TRUE: as many disjoint prefixes (or masked addresses) as the set falls into. */
  private count(node: Node): number {
    const { bdd } = this.space;
    const memo = new Map<Node, number>();
    const paths = (at: Node): number => {
      if (at <= TRUE) return at === TRUE ? 1 : 0;
      let found = memo.get(at);
      if (found === undefined) memo.set(at, (found = paths(bdd.lowOf(at)) + paths(bdd.highOf(at))));
      return found;
    };
    return paths(node);
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
    this.collect(bdd.lowOf(node), at + 1, value, found);
    this.collect(bdd.highOf(node), at + 1, value | (1n << BigInt(this.sources.length - 1 - at)), found);
  }
}
