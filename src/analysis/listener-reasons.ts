import { FALSE, type Node } from '../packets/bdd.ts';
import type { NameField } from '../packets/fields.ts';
import type { PacketSpace, SpaceField } from '../packets/packet-space.ts';
import { branches, patternsOf } from './cover.ts';

/** Windows filters where the listening socket is: these say whose it must be. */
export const listenerFields = ['program', 'service', 'package'] as const satisfies readonly NameField[];

const words: Readonly<Record<(typeof listenerFields)[number], string>> = {
  program: '',
  service: 'service ',
  package: 'package ',
};

const none: ReadonlySet<string> = new Set();

/** Which listeners packets hang on, in words. What rows share is looked at once. */
export class ListenerReasons {
  private readonly space: PacketSpace;
  /** The fields down to the last one that is about listeners. */
  private readonly fields: readonly SpaceField[];
  private readonly known: readonly Map<Node, ReadonlySet<string>>[];

  constructor(space: PacketSpace) {
    this.space = space;
    const last = space.order.findLastIndex((field) => isListener(field));
    const below = Math.max(...space.levelsOf('destinationPort'));
    this.fields = space.order
      .slice(0, last + 1)
      .filter((field) => space.levelsOf(field).length > 0 && space.levelsOf(field)[0]! > below);
    this.known = this.fields.map(() => new Map<Node, ReadonlySet<string>>());
  }

  /** `node`: packets of one protocol and port. */
  of(node: Node): ReadonlySet<string> {
    return this.from(node, 0);
  }

  private from(node: Node, index: number): ReadonlySet<string> {
    const field = this.fields[index];
    if (node === FALSE || field === undefined) return none;
    const known = this.known[index]!.get(node);
    if (known !== undefined) return known;
    const reasons = new Set<string>();
    for (const [child, cubes] of branches(this.space, node, field)) {
      if (isListener(field)) {
        for (const name of patternsOf(this.space, field, cubes).flat()) {
          const negated = name.startsWith('!');
          reasons.add(
            negated
              ? `unless ${words[field]}${name.slice(1)} is what listens`
              : `only while ${words[field]}${name} listens`,
          );
        }
      }
      for (const reason of this.from(child, index + 1)) reasons.add(reason);
    }
    this.known[index]!.set(node, reasons);
    return reasons;
  }
}

function isListener(field: SpaceField): field is (typeof listenerFields)[number] {
  return (listenerFields as readonly SpaceField[]).includes(field);
}
