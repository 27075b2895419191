import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import type { PacketSpace } from '../packets/packet-space.ts';

/**
 * What a rule makes of a packet: each variable's value afterwards as a function of the packet before.
 * Interned, so that equal changes are the same object; `identity` changes nothing.
 */
export interface Substitution {
  readonly id: number;
  readonly values: ReadonlyMap<number, Node>;
}

/** Builds and composes substitutions of one space, and pulls sets back through them. */
export class Substitutions {
  readonly identity: Substitution;
  private readonly byKey = new Map<string, Substitution>();
  private readonly composed = new Map<number, Map<number, Substitution>>();
  private readonly memos = new Map<number, Map<Node, Node>>();
  private readonly space: PacketSpace;

  constructor(space: PacketSpace) {
    this.space = space;
    this.identity = this.of(new Map());
  }

  of(values: ReadonlyMap<number, Node>): Substitution {
    const entries = [...values]
      .filter(([level, value]) => value !== this.space.bdd.variable(level))
      .sort((a, b) => a[0] - b[0]);
    const key = entries.join(';');
    let found = this.byKey.get(key);
    if (found === undefined) {
      found = { id: this.byKey.size, values: new Map(entries) };
      this.byKey.set(key, found);
    }
    return found;
  }

  /** `first`, then `second`. */
  then(first: Substitution, second: Substitution): Substitution {
    if (first === this.identity) return second;
    if (second === this.identity) return first;
    let row = this.composed.get(first.id);
    if (row === undefined) this.composed.set(first.id, (row = new Map<number, Substitution>()));
    let result = row.get(second.id);
    if (result === undefined) {
      const values = new Map(first.values);
      for (const [level, value] of second.values) values.set(level, this.before(first, value));
      result = this.of(values);
      row.set(second.id, result);
    }
    return result;
  }

  /** The packets that lie in `set` after the change. */
  before(change: Substitution, set: Node): Node {
    if (change === this.identity || set === TRUE || set === FALSE) return set;
    let memo = this.memos.get(change.id);
    if (memo === undefined) this.memos.set(change.id, (memo = new Map<Node, Node>()));
    return this.space.bdd.substitute(set, change.values, memo);
  }
}
