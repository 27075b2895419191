import { float64s } from '../packets/large-arrays.ts';
import type { Node } from '../packets/bdd.ts';

/** A number other than 0 for each node, kept for good. */
export class NodeNumbers {
  private values = float64s(0);
  private readonly room: number;

  /** `nodes`: how many there are by now; some more will follow. */
  constructor(nodes: number) {
    this.room = nodes + (nodes >> 3);
  }

  /** 0: not known. */
  get(node: Node): number {
    return node < this.values.length ? this.values[node]! : 0;
  }

  set(node: Node, value: number): void {
    if (node >= this.values.length) {
      const larger = float64s(Math.max(node + 1, this.room, this.values.length * 2));
      larger.set(this.values);
      this.values = larger;
    }
    this.values[node] = value;
  }
}
