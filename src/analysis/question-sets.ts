import type { Node } from '../packets/bdd.ts';
import { NodeMemo } from '../packets/node-memo.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import { PairTable } from '../packets/pair-table.ts';

/** Numbers that all lists together may hold. Where hundreds of questions mix freely, sets are looked through one by one instead. */
const MOST = 1 << 20;
/** Stands for a list that was not made. */
const TOO_LONG = -1;

/** Which open questions sets of packets hang on. What sets share is looked at once. */
export class QuestionSets {
  private readonly space: PacketSpace;
  /** Lists of variables, ascending; the number of a list is its place here. */
  private readonly lists: (readonly number[])[] = [[]];
  private readonly numbers = new Map<string, number>([['', 0]]);
  private readonly unions = new PairTable();
  private readonly unionOf: number[] = [];
  private size = 0;
  private readonly known = new NodeMemo().begin();

  constructor(space: PacketSpace) {
    this.space = space;
  }

  /** The variables of the questions that the sets' diagrams ask, ascending. */
  of(...nodes: readonly Node[]): readonly number[] {
    const { bdd, questionBase, hasQuestions } = this.space;
    if (!hasQuestions) return [];
    const number = nodes.reduce((list, node) => this.union(list, this.walk(node)), 0);
    if (number !== TOO_LONG) return this.lists[number]!;
    const asked = new Set(nodes.flatMap((node) => bdd.support(node)));
    return [...asked].filter((level) => level >= questionBase).sort((a, b) => a - b);
  }

  private walk(node: Node): number {
    const { bdd, questionBase } = this.space;
    if (bdd.isLeaf(node)) return 0;
    const known = this.known.get(node);
    if (known !== undefined) return known;
    let list = this.union(this.walk(bdd.missOf(node)), this.walk(bdd.matchOf(node)));
    const level = bdd.levelOf(node);
    if (level >= questionBase) list = this.union(list, this.number([level]));
    this.known.set(node, list);
    return list;
  }

  private union(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    if (a === TOO_LONG || b === TOO_LONG) return TOO_LONG;
    const pair = this.unions.index(Math.min(a, b), Math.max(a, b));
    return (this.unionOf[pair] ??= this.number(
      [...new Set([...this.lists[a]!, ...this.lists[b]!])].sort((x, y) => x - y),
    ));
  }

  private number(list: readonly number[]): number {
    const key = list.join();
    let number = this.numbers.get(key);
    if (number === undefined) {
      this.size += list.length;
      if (this.size > MOST) return TOO_LONG;
      number = this.lists.push(list) - 1;
      this.numbers.set(key, number);
    }
    return number;
  }
}
