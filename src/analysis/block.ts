import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import type { Substitution, Substitutions } from './substitution.ts';

/**
 * What a run of rules does to the packets that reach it.
 *
 * A packet is accepted, returned, dropped (in `decided` but neither), or goes on (not in `decided`). When some rule changes packets,
 * `effects` says the same with the changes; `decided`, `accepted` and `returned` are then not used.
 */
export interface Block {
  readonly decided: Node;
  readonly accepted: Node;
  readonly returned: Node;
  readonly effects?: readonly Effect[];
}

/**
 * The packets of `guard` leave the block by `outcome`, changed. Guards of one block are disjoint; what none names is dropped.
 * `final`: the evaluation ends with the verdict that a last-match chain holds so far (pf `quick`).
 */
export interface Effect {
  readonly outcome: 'accept' | 'return' | 'next' | 'final';
  readonly change: Substitution;
  readonly guard: Node;
}

export const emptyBlock: Block = { decided: FALSE, accepted: FALSE, returned: FALSE };

/** Composition of blocks; the algebra behind divide and conquer. */
export class Blocks {
  private readonly space: PacketSpace;
  private readonly substitutions: Substitutions;
  /** Variables that some test reads; a change of others cannot alter a guard. */
  private readonly isTested: (level: number) => boolean;

  constructor(space: PacketSpace, substitutions: Substitutions, isTested: (level: number) => boolean) {
    this.space = space;
    this.substitutions = substitutions;
    this.isTested = isTested;
  }

  /** `first`, then `second` for what `first` lets go on. */
  then(first: Block, second: Block): Block {
    if (first.effects === undefined && second.effects === undefined) return this.thenPure(first, second);
    const { bdd } = this.space;
    const collected = new EffectCollector(this.space);
    const seconds = this.effectsOf(second);
    for (const effect of this.effectsOf(first)) {
      if (effect.outcome !== 'next') {
        collected.add(effect);
        continue;
      }
      for (const after of seconds) {
        const guard = bdd.and(effect.guard, this.before(effect.change, after.guard));
        if (guard === FALSE) continue;
        collected.add({
          outcome: after.outcome,
          change: this.substitutions.then(effect.change, after.change),
          guard,
        });
      }
    }
    return { ...emptyBlock, effects: collected.list() };
  }

  /** Blocks compose as (D1 ∪ D2, A1 ∪ (A2 − D1)); where block 1 only accepts, A2 − D1 need not be built. */
  private thenPure(first: Block, second: Block): Block {
    const { bdd } = this.space;
    const decided = bdd.or(first.decided, second.decided);
    const accepted =
      second.accepted === FALSE
        ? first.accepted
        : first.accepted === first.decided
          ? bdd.or(first.accepted, second.accepted)
          : bdd.or(first.accepted, bdd.diff(second.accepted, first.decided));
    const returned =
      second.returned === FALSE
        ? first.returned
        : first.returned === first.decided
          ? bdd.or(first.returned, second.returned)
          : bdd.or(first.returned, bdd.diff(second.returned, first.decided));
    return { decided, accepted, returned };
  }

  /** The block as effects, whatever it is. */
  effectsOf(block: Block): readonly Effect[] {
    if (block.effects !== undefined) return block.effects;
    const change = this.substitutions.identity;
    const effects: Effect[] = [];
    if (block.accepted !== FALSE) effects.push({ outcome: 'accept', change, guard: block.accepted });
    if (block.returned !== FALSE) effects.push({ outcome: 'return', change, guard: block.returned });
    const next = this.space.bdd.not(block.decided);
    if (next !== FALSE) effects.push({ outcome: 'next', change, guard: next });
    return effects;
  }

  /** The packets that the change takes into `set`. */
  before(change: Substitution, set: Node): Node {
    if (set === TRUE || set === FALSE) return set;
    for (const level of change.values.keys()) {
      if (this.isTested(level)) return this.substitutions.before(change, set);
    }
    return set;
  }
}

/** Gathers effects, joining those of equal outcome and change. */
export class EffectCollector {
  private readonly byKey = new Map<string, Effect>();
  private readonly space: PacketSpace;

  constructor(space: PacketSpace) {
    this.space = space;
  }

  add(effect: Effect): void {
    if (effect.guard === FALSE) return;
    const key = `${effect.outcome}${effect.change.id}`;
    const known = this.byKey.get(key);
    this.byKey.set(
      key,
      known === undefined ? effect : { ...effect, guard: this.space.bdd.or(known.guard, effect.guard) },
    );
  }

  list(): readonly Effect[] {
    return [...this.byKey.values()];
  }
}
