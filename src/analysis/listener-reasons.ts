import { type Node, TRUE } from '../packets/bdd.ts';
import type { NameField } from '../packets/fields.ts';
import { NodeMemo } from '../packets/node-memo.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import { patternsOf } from './cover.ts';
import { type MaskedNumber, numberBranches } from './number-branches.ts';

/** Windows filters where the listening socket is: these say whose it must be. */
export const listenerFields = ['program', 'service', 'package'] as const satisfies readonly NameField[];

type ListenerField = (typeof listenerFields)[number];

const words: Readonly<Record<ListenerField, string>> = {
  program: '',
  service: 'service ',
  package: 'package ',
};

/** Which listeners packets hang on, in words. */
export class ListenerReasons {
  private readonly space: PacketSpace;
  private readonly fieldOf = new Map<number, ListenerField>();
  private readonly last: number;
  private readonly seen = new NodeMemo();
  /** What one field says from a node on, and where it leads. */
  private readonly known = new Map<Node, Said>();
  /** By field and values: few listeners share many rows. */
  private readonly texts = new Map<string, readonly string[]>();

  constructor(space: PacketSpace) {
    this.space = space;
    for (const field of listenerFields)
      for (const level of space.levelsOf(field)) this.fieldOf.set(level, field);
    this.last = Math.max(-1, ...this.fieldOf.keys());
  }

  /** `packets`: of one protocol and port. */
  of(packets: Node): ReadonlySet<string> {
    const reasons = new Set<string>();
    this.collect(packets, this.seen.begin(), reasons);
    return reasons;
  }

  /** What lies above is walked bit by bit: which of its values lead to a listener does not matter. */
  private collect(node: Node, seen: NodeMemo, reasons: Set<string>): void {
    const { bdd } = this.space;
    const level = bdd.levelOf(node);
    if (level > this.last || seen.get(node) !== undefined) return;
    seen.set(node, TRUE);
    const field = this.fieldOf.get(level);
    if (field === undefined) {
      this.collect(bdd.missOf(node), seen, reasons);
      this.collect(bdd.matchOf(node), seen, reasons);
      return;
    }
    const said = this.said(node, field);
    for (const one of said.reasons) reasons.add(one);
    for (const child of said.next) this.collect(child, seen, reasons);
  }

  private said(node: Node, field: ListenerField): Said {
    let said = this.known.get(node);
    if (said === undefined) {
      const found = numberBranches(this.space, node, field);
      const reasons: string[] = [];
      for (const values of found.values()) for (const text of this.textsOf(field, values)) reasons.push(text);
      said = { reasons, next: [...found.keys()] };
      this.known.set(node, said);
    }
    return said;
  }

  private textsOf(field: ListenerField, values: readonly MaskedNumber[]): readonly string[] {
    let key: string = field;
    for (const [value, mask] of values) key += ` ${value}/${mask}`;
    let texts = this.texts.get(key);
    if (texts === undefined) {
      const cubes = values.map(([value, mask]) => ({ value: BigInt(value), mask: BigInt(mask) }));
      const names = patternsOf(this.space, field, cubes).flat();
      this.texts.set(key, (texts = names.map((name) => reason(field, name))));
    }
    return texts;
  }
}

interface Said {
  readonly reasons: readonly string[];
  readonly next: readonly Node[];
}

function reason(field: ListenerField, name: string): string {
  return name.startsWith('!')
    ? `unless ${words[field]}${name.slice(1)} is what listens`
    : `only while ${words[field]}${name} listens`;
}
