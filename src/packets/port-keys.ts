import { FALSE, type Node, TRUE } from './bdd.ts';
import type { Interval } from './interval.ts';
import type { PacketSpace } from './packet-space.ts';
import { type PortMap, runOf } from './port-map.ts';
import type { Test, Tests } from './tests.ts';

/** A run of keys, and what a test still asks of packets with these keys. */
export interface Cut {
  readonly from: number;
  readonly to: number;
  readonly rest: Node;
}

const PORTS = 65536;

/** A test that falls into more runs than this (a mask on low port bits) makes keys useless. */
const MOST_RUNS = 4096;

/**
 * Numbers the values of the two topmost fields, (protocol, destination port), so that lists of rules can be cut along them by sorting
 * rather than bit by bit. Protocols that no test tells apart share their keys: key = class of protocols × 65,536 + port.
 */
export class PortKeys {
  /** Keys run from 0 to `total - 1`. */
  readonly total: number;
  private readonly space: PacketSpace;
  private readonly protocolLevels: readonly number[];
  private readonly portLevels: readonly number[];
  /** The first level below both fields; 0 where keys are not in use. */
  private below: number;
  private readonly classes: readonly Interval[];
  private readonly cuts = new Map<Test, readonly Cut[]>();
  private readonly runs = new Map<Node, readonly Cut[]>();
  /** `classesIn` of what services ask besides ports: few sets. */
  private readonly wanted = new Map<Node, readonly number[] | 'some packets'>();

  /** `tests`: all that will be cut. `useful` is false where original ports lie between the bits of destination ports. */
  constructor(space: PacketSpace, tests: Iterable<Node>, useful: boolean) {
    this.space = space;
    this.protocolLevels = space.levelsOf('protocol');
    this.portLevels = space.levelsOf('destinationPort');
    const last = Math.max(...this.portLevels, ...space.levelsOf('originalDestinationPort'));
    const tops = useful
      ? new Set([...tests].filter((test) => space.bdd.levelOf(test) <= last))
      : new Set<Node>();
    this.classes = this.protocolClasses(tops);
    this.below = last + 1;
    const inUse = useful && this.areSimple(tops);
    if (!inUse) this.below = 0;
    this.total = inUse ? this.classes.length * PORTS : 1;
  }

  /** The test asks about protocol or destination port. */
  looksAtKey(test: Node): boolean {
    return this.space.bdd.levelOf(test) < this.below;
  }

  /** All that an entry asks of the key, as one test that `cut` and `Tests.holds` understand, and its other tests, none of them a service. */
  separated(all: readonly Test[], tests: Tests): readonly [onKeys: Test, others: readonly Test[]] {
    let onKeys: Node = TRUE;
    let service: Test | undefined;
    // What is asked of keys comes first.
    let first = 0;
    for (; first < all.length; first++) {
      const test = all[first]!;
      if (tests.isService(test) && this.below > 0) service = test;
      else if (!tests.isService(test) && this.looksAtKey(test)) onKeys = this.space.bdd.and(onKeys, test);
      else break;
    }
    const others = first === 0 ? all : all.slice(first);
    if (service === undefined)
      return [onKeys, others.some((test) => tests.isService(test)) ? nodesOf(others, tests) : others];
    if (onKeys !== TRUE) service = tests.serviceWith(service, onKeys);
    if (!this.cuts.has(service)) this.cuts.set(service, this.cutService(service, tests));
    return [service, others];
  }

  private cutService(service: Test, tests: Tests): readonly Cut[] {
    const { ports, besides } = tests.serviceOf(service);
    let wanted = this.wanted.get(besides);
    if (wanted === undefined) this.wanted.set(besides, (wanted = this.classesIn(besides)));
    if (wanted === 'some packets') return this.cut(tests.node(service));
    const [only] = wanted;
    if (wanted.length === 1)
      return ports.map(([from, to]) => ({ from: from + only! * PORTS, to: to + only! * PORTS, rest: TRUE }));
    const cuts: Cut[] = [];
    for (const i of wanted)
      for (const [from, to] of ports) append(cuts, from + i * PORTS, to + i * PORTS, TRUE);
    return cuts;
  }

  /** The classes of protocols whose packets are in the set, by number, where it tells no more of a packet than that. */
  private classesIn(set: Node): readonly number[] | 'some packets' {
    const sides = this.classes.map(([protocol]) => this.under(set, protocol));
    if (sides.some((side) => side !== TRUE && side !== FALSE)) return 'some packets';
    return sides.flatMap((side, i) => (side === TRUE ? [i] : []));
  }

  /** The key of one packet. */
  keyOf(valueOf: (level: number) => boolean): number {
    if (this.below === 0) return 0;
    const protocol = numberAt(this.protocolLevels, valueOf);
    const known = this.classes.findIndex(([from, to]) => from <= protocol && protocol <= to);
    return known * PORTS + numberAt(this.portLevels, valueOf);
  }

  /** The class of protocols that a key lies in, by number. */
  classOf(key: number): number {
    return Math.floor(key / PORTS);
  }

  /** The keys for which a test can hold, ascending. */
  cut(test: Test): readonly Cut[] {
    const known = this.cuts.get(test);
    if (known !== undefined) return known;
    if (!this.looksAtKey(test)) return [{ from: 0, to: this.total - 1, rest: test }];
    const cuts: Cut[] = [];
    this.classes.forEach(([protocol], i) => {
      for (const run of this.runsOf(this.under(test, protocol)))
        append(cuts, run.from + i * PORTS, run.to + i * PORTS, run.rest);
    });
    this.cuts.set(test, cuts);
    return cuts;
  }

  /** The whole diagram that a map stands for. */
  assemble({ starts, nodes }: PortMap): Node {
    if (this.below === 0) return nodes[0]!;
    const { bdd } = this.space;
    const over = (
      levels: readonly number[],
      bit: number,
      from: number,
      size: number,
      nodeAt: (from: number, size: number) => Node | undefined,
    ): Node => {
      const whole = nodeAt(from, size);
      if (whole !== undefined) return whole;
      const half = size / 2;
      const low = over(levels, bit + 1, from, half, nodeAt);
      return bdd.node(levels[bit]!, low, over(levels, bit + 1, from + half, half, nodeAt));
    };
    const ofClass = this.classes.map((_, i) =>
      over(this.portLevels, 0, i * PORTS, PORTS, (from, size) => runOver(starts, nodes, from, size)),
    );
    const firsts = this.classes.map(([first]) => first);
    return over(this.protocolLevels, 0, 0, 256, (from, size) => runOver(firsts, ofClass, from, size));
  }

  /** The test once the protocol is known. */
  private under(test: Node, protocol: number): Node {
    const { bdd } = this.space;
    let node = test;
    this.protocolLevels.forEach((level, i) => {
      if (bdd.levelOf(node) !== level) return;
      node = (protocol >> (7 - i)) & 1 ? bdd.highOf(node) : bdd.lowOf(node);
    });
    return node;
  }

  private runsOf(test: Node): readonly Cut[] {
    let runs = this.runs.get(test);
    if (runs === undefined) {
      const found: Cut[] = [];
      this.walk(test, this.portLevels, this.below, 0, 0, PORTS, found);
      runs = found.filter(({ rest }) => rest !== FALSE);
      this.runs.set(test, runs);
    }
    return runs;
  }

  /** `size` values from `from` on, told apart by the levels from `bit` on, up to what lies at `below` or deeper. Stops after `most` runs. */
  private walk(
    node: Node,
    levels: readonly number[],
    below: number,
    bit: number,
    from: number,
    size: number,
    found: Cut[],
    most = Infinity,
  ): void {
    if (found.length > most) return;
    const { bdd } = this.space;
    const level = bdd.levelOf(node);
    if (level >= below) return append(found, from, from + size - 1, node);
    const tested = level === levels[bit];
    const half = size / 2;
    this.walk(tested ? bdd.lowOf(node) : node, levels, below, bit + 1, from, half, found, most);
    this.walk(tested ? bdd.highOf(node) : node, levels, below, bit + 1, from + half, half, found, most);
  }

  private protocolClasses(tops: ReadonlySet<Node>): readonly Interval[] {
    const starts = new Set([0]);
    for (const test of tops) {
      const found: Cut[] = [];
      this.walk(test, this.protocolLevels, this.portLevels[0]!, 0, 0, 256, found);
      for (const { from } of found) starts.add(from);
    }
    const sorted = [...starts].sort((a, b) => a - b);
    return sorted.map((from, i) => [from, (sorted[i + 1] ?? 256) - 1]);
  }

  private areSimple(tops: ReadonlySet<Node>): boolean {
    for (const test of tops) {
      for (const [protocol] of this.classes) {
        const found: Cut[] = [];
        this.walk(this.under(test, protocol), this.portLevels, this.below, 0, 0, PORTS, found, MOST_RUNS);
        // Those for which the test fails count too: they are what makes the others so many.
        if (found.length > MOST_RUNS) return false;
      }
    }
    return true;
  }
}

function nodesOf(all: readonly Test[], tests: Tests): readonly Test[] {
  return all.map((test) => (tests.isService(test) ? tests.node(test) : test));
}

function numberAt(levels: readonly number[], valueOf: (level: number) => boolean): number {
  let value = 0;
  for (const level of levels) value = value * 2 + (valueOf(level) ? 1 : 0);
  return value;
}

/** Adds a run, or lengthens the last one where it goes on. */
function append(found: Cut[], from: number, to: number, rest: Node): void {
  const last = found.at(-1);
  if (last?.rest === rest && last.to === from - 1) found[found.length - 1] = { from: last.from, to, rest };
  else found.push({ from, to, rest });
}

/** The node of the one run that holds all `size` keys from `from` on, if one does. */
function runOver(
  starts: readonly number[],
  nodes: readonly Node[],
  from: number,
  size: number,
): Node | undefined {
  const run = runOf(starts, from);
  const end = starts[run + 1];
  return end === undefined || end >= from + size ? nodes[run] : undefined;
}
