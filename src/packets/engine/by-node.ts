// Records by node, all zero at first.

import { larger, take } from './memory';
import { size } from './nodes';

export class ByNode {
  private records: usize;
  private room: i32;
  /** Bytes of a record. */
  private each: i32;

  static make(each: i32): ByNode {
    const made = changetype<ByNode>(take(offsetof<ByNode>()));
    made.each = each;
    return made;
  }

  /** The address of a node's record, until there are others. */
  at(node: i32): usize {
    if (node >= this.room) this.makeRoom();
    return this.records + <usize>node * <usize>this.each;
  }

  /** For all nodes there are, and some that will follow. */
  private makeRoom(): void {
    const room = max(size() + (size() >> 3), this.room * 2);
    this.records = larger(this.records, <usize>this.room * this.each, <usize>room * this.each);
    this.room = room;
  }
}
