import type { Firewall, Hook, Rule, Stage } from '../model/firewall.ts';
import { type Bdd, FALSE, type Node, TRUE } from '../packets/bdd.ts';
import { intersects } from '../packets/intersects.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import { type PacketValues, somePacket } from '../packets/some-packet.ts';
import { asSeen, bitsOfAbsent, oneAsSeen } from './as-seen.ts';
import { Attribution } from './attribution.ts';
import type { Blocks } from './block.ts';
import type { ChainDecisions } from './chain-decisions.ts';
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
  /** What says where a packet goes. */
  private readonly elsewhere: readonly number[];
  /** `bitsOfAbsent` of stages that packets have been followed through one by one. */
  private readonly absent = new Map<Stage, ReadonlyMap<number, boolean>>();
  private translated: Node | undefined;
  /** Some stage changes packets. */
  readonly changesPackets: boolean;

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
    this.changesPackets = !stages.every((stage) => this.decisions.decides(stage.chain));
    this.elsewhere = (['destination', 'destinationPort', 'route'] as const).flatMap((field) =>
      this.space.levelsOf(field),
    );
  }

  /** Follows packets through all stages in their own guise at each, noting which rule decided or translated them. */
  trace(packets: Node, start: Substitution): Trace {
    const decisions = new Map<Stage, Set<Rule | undefined>>();
    const translations = new Set<Rule>();
    this.follow(packets, start, (stage, passing) => {
      const deciding = decisions.get(stage) ?? new Set<Rule | undefined>();
      decisions.set(stage, deciding);
      this.attribute(stage, passing, deciding, translations);
    });
    return {
      decisions: [...decisions].flatMap(([stage, rules]) =>
        [...rules].map((rule): Decision => ({ stage, rule })),
      ),
      translations: [...translations],
    };
  }

  /** The part of `trace` that tells which rules sent packets elsewhere, without asking who let them through. */
  translations(packets: Node, start: Substitution): readonly Rule[] {
    const translations = new Set<Rule>();
    if (!intersects(this.space.bdd, packets, this.sentElsewhere(start))) return [];
    this.follow(packets, start, (stage, passing, changes) => {
      if (changes.some((change) => this.sendsElsewhere(change)))
        this.attribute(stage, passing, new Set(), translations);
    });
    return [...translations];
  }

  /** `pass`: what becomes of packets that a stage accepts, as its rules see them, with the changes that they may meet there. */
  private follow(
    packets: Node,
    start: Substitution,
    pass: (stage: Stage, passing: Node, changes: readonly Substitution[]) => void,
  ): void {
    const { bdd } = this.space;
    let now = this.images.of(start, packets);
    this.stages.forEach((stage, i) => {
      const met = this.sets.meets(stage);
      const passing = this.passingAfter[i]!;
      const sees = bdd.and(now, met);
      const next: Node[] = [bdd.diff(now, met)];
      if (this.decisions.decides(stage.chain) || i === this.stages.length - 1) {
        // The stage accepts all of these, and changes none or none that a later one would look at.
        next.push(sees);
        const changes = this.sets.effects(stage).map(({ change }) => change);
        if (sees !== FALSE) pass(stage, this.asSeen(stage, sees), changes);
      } else {
        for (const effect of this.sets.effects(stage)) {
          const moved = bdd.and(sees, bdd.and(effect.guard, this.blocks.before(effect.change, passing)));
          if (moved === FALSE) continue;
          next.push(this.images.of(effect.change, moved));
          pass(stage, this.asSeen(stage, moved), [effect.change]);
        }
      }
      now = bdd.orAll(next);
    });
  }

  /** The packets, as they arrive, that some stage sends elsewhere on their way through. */
  private sentElsewhere(start: Substitution): Node {
    if (this.translated !== undefined) return this.translated;
    const { bdd } = this.space;
    let sent: Node = FALSE;
    for (let i = this.stages.length - 1; i >= 0; i--) {
      const stage = this.stages[i]!;
      let here: Node = FALSE;
      for (const { change, guard } of this.sets.effects(stage)) {
        const later = this.sendsElsewhere(change) ? this.passingAfter[i]! : sent;
        here = bdd.or(here, bdd.and(guard, this.blocks.before(change, later)));
      }
      sent = bdd.choose(this.sets.meets(stage), here, sent);
    }
    return (this.translated = this.substitutions.before(start, sent));
  }

  private sendsElsewhere(change: Substitution): boolean {
    return this.elsewhere.some((level) => change.values.has(level));
  }

  /** The packets, as they arrive, that every chain of the host's own hook leaves to a policy which accepts. */
  leftToPolicies(start: Substitution): Node {
    const { bdd } = this.space;
    const own = this.stages.filter((stage) => isOwn(stage));
    const accepts = (stage: Stage): boolean => {
      const fallthrough = this.firewall.chains.get(stage.chain)?.fallthrough ?? { kind: 'accept' };
      return this.sets.fallthroughAccepts(fallthrough) !== FALSE;
    };
    if (!own.every(accepts)) return FALSE;
    let left: Node = TRUE;
    for (let i = this.stages.length - 1; i >= 0; i--) {
      const stage = this.stages[i]!;
      left = isOwn(stage)
        ? bdd.and(this.sets.meets(stage), this.sets.leftToPolicy(stage, left))
        : this.sets.through(stage, left);
    }
    return this.substitutions.before(start, left);
  }

  /** Follows one of the packets. */
  leading(packets: Node, start: Substitution): Decision | undefined {
    const { bdd } = this.space;
    if (!this.changesPackets) return this.leadingOne(somePacket(bdd, packets), start);
    let found: Decision | undefined;
    let now = this.images.of(start, onePath(bdd, packets));
    for (const [i, stage] of this.stages.entries()) {
      const sees = bdd.and(now, this.sets.meets(stage));
      if (sees === FALSE) continue;
      const passing = this.passingAfter[i]!;
      const effect = this.sets
        .effects(stage)
        .map(({ guard, change }) => ({
          change,
          moved: onePath(bdd, bdd.and(bdd.and(sees, guard), this.blocks.before(change, passing))),
        }))
        .find(({ moved }) => moved !== FALSE);
      // An image may hold packets that none of those followed has become.
      if (effect === undefined) break;
      if (isOwn(stage)) {
        const rule = this.ruleFor(stage, this.asSeen(stage, effect.moved));
        if (rule !== undefined || found?.rule === undefined) found = { stage, rule };
      }
      now = this.images.of(effect.change, effect.moved);
    }
    return found;
  }

  /** The same of one packet, as it arrives, where no stage changes any: it need not be followed as a set. */
  leadingOne(arriving: PacketValues, start: Substitution): Decision | undefined {
    const { bdd } = this.space;
    // What a packet was at first, its original source for one, it is when it arrives.
    const { values } = start;
    const valueOf =
      values.size === 0
        ? arriving
        : (level: number): boolean => {
            const value = values.get(level);
            return value === undefined ? arriving(level) : bdd.holds(value, arriving);
          };
    let found: Decision | undefined;
    for (const stage of this.stages) {
      if (!isOwn(stage)) continue;
      if (!bdd.holds(this.sets.meets(stage), valueOf)) continue;
      let absent = this.absent.get(stage);
      if (absent === undefined)
        this.absent.set(stage, (absent = bitsOfAbsent(this.firewall, stage, this.space)));
      const { rule } = this.decisions.decide(stage.chain, oneAsSeen(valueOf, absent));
      if (rule !== undefined || found?.rule === undefined) found = { stage, rule };
    }
    return found;
  }

  /** The rule that decides about one of the packets. */
  private ruleFor(stage: Stage, packets: Node): Rule | undefined {
    if (this.decisions.decides(stage.chain))
      return this.decisions.decide(stage.chain, somePacket(this.space.bdd, packets)).rule;
    const deciding = new Set<Rule | undefined>();
    this.attribute(stage, packets, deciding, new Set());
    return [...deciding].at(-1);
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

function isOwn({ hook, kind }: Stage): boolean {
  return kind === 'filter' && ownHooks.includes(hook);
}

/** The packets of one way through the diagram; FALSE has none. */
function onePath(bdd: Bdd, packets: Node): Node {
  if (bdd.isLeaf(packets)) return packets;
  const low = onePath(bdd, bdd.lowOf(packets));
  return low === FALSE
    ? bdd.node(bdd.levelOf(packets), FALSE, onePath(bdd, bdd.highOf(packets)))
    : bdd.node(bdd.levelOf(packets), low, FALSE);
}
