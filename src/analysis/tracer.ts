import type { Firewall, Hook, Rule, Stage } from '../model/firewall.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import { asSeen } from './as-seen.ts';
import { Attribution } from './attribution.ts';
import type { Blocks } from './block.ts';
import { type ChainDecisions, somePacket } from './chain-decisions.ts';
import type { ChainSummaries } from './chain-summary.ts';
import { Images } from './images.ts';
import type { StageSets } from './stage-sets.ts';
import { type StageParts } from './stage-sets.ts';
import type { Substitution, Substitutions } from './substitution.ts';

export interface Trace {
  readonly decisions: readonly Decision[];
  readonly translations: readonly Rule[];
}

export interface Decision {
  readonly stage: Stage;
  /** The deciding rule; absent when the chain's fallthrough (a policy) decided. */
  readonly rule?: Rule | undefined;
}

/** Tells by which rules accepted packets got through. */
export class Tracer {
  private readonly firewall: Firewall;
  private readonly space: PacketSpace;
  private readonly substitutions: Substitutions;
  private readonly blocks: Blocks;
  private readonly decisions: ChainDecisions;
  private readonly summaries: ChainSummaries;
  private readonly sets: StageSets;
  private readonly images: Images;
  private readonly stages: readonly Stage[];
  /** From each stage on, the packets that will pass all that follow. */
  private readonly passingAfter: readonly Node[];

  constructor(parts: StageParts, sets: StageSets, stages: readonly Stage[], passingAfter: readonly Node[]) {
    this.firewall = parts.firewall;
    this.space = parts.context.space;
    this.substitutions = parts.substitutions;
    this.blocks = parts.blocks;
    this.decisions = parts.decisions;
    this.summaries = parts.summaries;
    this.sets = sets;
    this.images = new Images(this.space);
    this.stages = stages;
    this.passingAfter = passingAfter;
  }

  /** Follows packets through all stages in their own guise at each, noting which rule decided or translated them. */
  trace(packets: Node, start: Substitution): Trace {
    const { bdd } = this.space;
    const decisions = new Map<Stage, Set<Rule | undefined>>();
    const translations = new Set<Rule>();
    let now = [this.images.of(start, packets)];
    this.stages.forEach((stage, i) => {
      const met = this.sets.meets(stage);
      const passing = this.passingAfter[i]!;
      const deciding = new Set<Rule | undefined>();
      const next: Node[] = [];
      for (const here of now) {
        const sees = bdd.and(here, met);
        const skips = bdd.diff(here, met);
        if (skips !== FALSE) next.push(skips);
        if (this.decisions.decides(stage.chain) || i === this.stages.length - 1) {
          // The stage accepts all of these, and changes none or none that a later one would look at.
          next.push(sees);
          this.attribute(stage, this.asSeen(stage, sees), deciding, translations);
          continue;
        }
        for (const effect of this.sets.effects(stage)) {
          const moved = bdd.and(sees, bdd.and(effect.guard, this.blocks.before(effect.change, passing)));
          if (moved === FALSE) continue;
          next.push(this.images.of(effect.change, moved));
          this.attribute(stage, this.asSeen(stage, moved), deciding, translations);
        }
      }
      now = [bdd.orAll(next)];
      if (deciding.size > 0) decisions.set(stage, deciding);
    });
    return {
      decisions: [...decisions].flatMap(([stage, rules]) =>
        [...rules].map((rule): Decision => ({ stage, rule })),
      ),
      translations: [...translations],
    };
  }

  /** Every packet stays what it was, so that diagrams alone tell who decides. */
  changesNothing(): boolean {
    return this.stages.every((stage) => this.decisions.decides(stage.chain));
  }

  leftToPolicies(): Node {
    const { bdd } = this.space;
    let left: Node = TRUE;
    for (const stage of this.stages) {
      if (stage.kind !== 'filter' || !ownHooks.includes(stage.hook)) continue;
      const fallthrough = this.firewall.chains.get(stage.chain)?.fallthrough ?? { kind: 'accept' };
      if (this.sets.fallthroughAccepts(fallthrough) === FALSE) return FALSE;
      left = bdd.and(left, bdd.and(this.sets.meets(stage), this.decisions.undecided(stage.chain)));
    }
    return left;
  }

  /** Follows one of the packets. */
  leading(packets: Node): Decision | undefined {
    const { bdd } = this.space;
    const valueOf = somePacket(bdd, packets);
    let found: Decision | undefined;
    for (const stage of this.stages) {
      if (!ownHooks.includes(stage.hook) || stage.kind !== 'filter') continue;
      if (!bdd.holds(this.sets.meets(stage), valueOf)) continue;
      const { rule } = this.decisions.decide(stage.chain, valueOf);
      if (rule !== undefined || found?.rule === undefined) found = { stage, rule };
    }
    return found;
  }

  /** Which rules of the stage accepted these packets, all of which it accepts. */
  private attribute(
    stage: Stage,
    packets: Node,
    deciding: Set<Rule | undefined>,
    translations: Set<Rule>,
  ): void {
    if (this.decisions.decides(stage.chain)) {
      for (const rule of this.decisions.acceptingRules(stage.chain, packets)) deciding.add(rule);
      return;
    }
    const tree = this.summaries.tree(stage.chain);
    if (tree === undefined) return;
    const attribution = new Attribution(this.space, this.substitutions, this.blocks, {
      decided: ({ rule }) => deciding.add(rule),
      translated: (rule) => translations.add(rule),
    });
    attribution.stage(tree, { packets, change: this.substitutions.identity });
  }

  private asSeen(stage: Stage, packets: Node): Node {
    return asSeen(this.firewall, stage, this.space, packets);
  }
}

/** Hooks whose chains say what the host itself accepts; on the others accepting is the rule. */
const ownHooks: readonly Hook[] = ['input', 'forward', 'output'];
