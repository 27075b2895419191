import type { Node } from './bdd.ts';

/**
 * Results of one walk over a diagram, by node. Clearing is free: each walk has a number, and only results of the current one count.
 * A walk that starts another walk over the same memo loses its results, so each recursive operation has a memo of its own.
 */
export class NodeMemo {
  private results: Int32Array;
  private walks: Int32Array;
  private walk = 0;

  /** `room`: for so many nodes at first; growing step by step costs more than starting large. */
  constructor(room = 1 << 10) {
    this.results = new Int32Array(room);
    this.walks = new Int32Array(room);
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
    let length = this.walks.length;
    while (length <= node) length *= 2;
    const results = new Int32Array(length);
    const walks = new Int32Array(length);
    results.set(this.results);
    walks.set(this.walks);
    this.results = results;
    this.walks = walks;
  }
}
