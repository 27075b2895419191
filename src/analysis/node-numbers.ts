import { float64s } from '../packets/large-arrays.ts';
import type { Node } from '../packets/bdd.ts';

/** A number other than 0 for each node, kept for good. */
export class NodeNumbers {
  private values = float64s(0);
  private readonly room: number;

  /** `room`: for so many nodes, once there is a number to keep. */
  constructor(room: number) {
    this.room = room;
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
