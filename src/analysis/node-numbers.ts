import type { Node } from '../packets/bdd.ts';

/** A number other than 0 for each node, kept for good. */
export class NodeNumbers {
  private values: Float64Array;

  /** `room`: for so many nodes at first. */
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
