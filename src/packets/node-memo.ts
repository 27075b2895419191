import { int32s } from './large-arrays.ts';
import type { Node } from './bdd.ts';

/**
 * Results of one walk over a diagram, by node. Clearing is free: each walk has a number, and only results of the current one count.
 * A walk that starts another walk over the same memo loses its results, so each recursive operation has a memo of its own.
 */
export class NodeMemo {
  private results = int32s(0);
  private walks = int32s(0);
  private walk = 0;
  private readonly room: number;

  /** `room`: for so many nodes, once there is something to remember; growing step by step costs more than starting large. */
  constructor(room = 1 << 10) {
    this.room = room;
  }

  /** Begins a new walk. */
  begin(): this {
    this.walk++;
    return this;
  }

  get(node: Node): Node | undefined {
    return node < this.walks.length && this.walks[node] === this.walk ? this.results[node] : undefined;
  }

  set(node: Node, result: Node): void {
    if (node >= this.walks.length) this.grow(node);
    this.walks[node] = this.walk;
    this.results[node] = result;
  }

  private grow(node: Node): void {
    let length = Math.max(this.walks.length, this.room);
    while (length <= node) length *= 2;
    const results = int32s(length);
    const walks = int32s(length);
    results.set(this.results);
    walks.set(this.walks);
    this.results = results;
    this.walks = walks;
  }
}
