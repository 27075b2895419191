import { type Bdd, type Node, TRUE } from './bdd.ts';
import { numberIn } from './field-diagrams.ts';
import type { Interval, IntervalSet } from './interval.ts';
import { PairTable } from './pair-table.ts';

/**
 * Sets of ports, with or without a set of packets besides, numbered from 1. Rules ask for ports in as many ways as there are rules, and
 * as diagrams each would cost a score of nodes, only to be taken apart into the same ports again.
 */
export class ServiceTests {
  private readonly bdd: Bdd;
  /** Intervals of ports, from the first on: each with the rest of its list; 0 is the end. */
  private readonly lists = new PairTable();
  /** A list of intervals, and the set that must hold besides. */
  private readonly services = new PairTable();
  private readonly nodes: (Node | undefined)[] = [];
  /** The variables of the one field that is asked about. */
  private levels: readonly number[] = [];

  constructor(bdd: Bdd) {
    this.bdd = bdd;
  }

  /** `levels`: the variables of the field, of 16 bits, the same in each call. */
  ports(levels: readonly number[], values: IntervalSet): number {
    this.levels = levels;
    let list = 0;
    for (let i = values.length - 1; i >= 0; i--) {
      const [from, to] = values[i]!;
      list = this.lists.index((from << 16) | to, list);
    }
    return this.services.index(list, TRUE);
  }

  /** The ports of a service where `besides` holds too. */
  with(service: number, besides: Node): number {
    return this.services.index(
      this.services.first(service),
      this.bdd.and(this.services.second(service), besides),
    );
  }

  /** What must hold besides. */
  besides(service: number): Node {
    return this.services.second(service);
  }

  portsOf(service: number): readonly Interval[] {
    const list = this.services.first(service);
    // Most services are one port, and an array that `push` begins has room for 17.
    if (list !== 0 && this.lists.second(list) === 0) return [this.intervalOf(list)];
    const found: Interval[] = [];
    for (let at = list; at !== 0; at = this.lists.second(at)) found.push(this.intervalOf(at));
    return found;
  }

  private intervalOf(list: number): Interval {
    const interval = this.lists.first(list);
    return [interval >>> 16, interval & 0xffff];
  }

  /** Whether the port is one of the service's. */
  holds(service: number, port: number): boolean {
    for (let list = this.services.first(service); list !== 0; list = this.lists.second(list)) {
      const interval = this.lists.first(list);
      if (port <= (interval & 0xffff)) return port >= interval >>> 16;
    }
    return false;
  }

  node(service: number): Node {
    return (this.nodes[service] ??= this.bdd.and(
      this.services.second(service),
      numberIn(this.bdd, this.levels, this.portsOf(service), TRUE),
    ));
  }

  /** The first variable of the port, and how far it is from one to the next. */
  get firstLevel(): number {
    return this.levels[0]!;
  }

  get step(): number {
    return this.levels[1]! - this.levels[0]!;
  }
}
