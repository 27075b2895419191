import type { Action } from '../model/action.ts';
import type { Firewall, Stage } from '../model/firewall.ts';
import { natSide } from '../model/nat-side.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import { firstStates } from '../packets/first-state.ts';
import { doHere, type ListWork } from '../packets/list-work.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import { bitsOfAbsent } from './as-seen.ts';
import { type Block, type Blocks, type Effect, emptyBlock } from './block.ts';
import type { ChainDecisions } from './chain-decisions.ts';
import type { ChainSummaries } from './chain-summary.ts';
import { boundField } from './compile-change.ts';
import { compileMatch, type MatchContext } from './compile-match.ts';
import type { Questions } from './questions.ts';
import type { Substitution, Substitutions } from './substitution.ts';

/** What the sets of all stages of one entry point are made from. */
export interface StageParts {
  readonly firewall: Firewall;
  readonly context: MatchContext;
  readonly substitutions: Substitutions;
  readonly blocks: Blocks;
  /** Stages that change no packet. */
  readonly decisions: ChainDecisions;
  /** The others. */
  readonly summaries: ChainSummaries;
}

/**
 * The packets that NAT asks its chains about: new ones, and related ones that are no ICMP errors, which are translated as the connection
 * is that they speak of (nf_nat_proto.c, nf_nat_ipv4_fn).
 */
export function firstOfConnection(space: PacketSpace): Node {
  const { protocol } = firstStates[space.family];
  const isNew = space.numberIn('state', [[0, 0]]);
  const related = space.numberIn('state', [[2, 2]]);
  return space.bdd.or(isNew, space.bdd.and(related, space.numberNotIn('protocol', [[protocol, protocol]])));
}

/** What each stage accepts, and what it makes of it. */
export class StageSets {
  private readonly firewall: Firewall;
  private readonly space: PacketSpace;
  private readonly questions: Questions;
  private readonly context: MatchContext;
  private readonly substitutions: Substitutions;
  private readonly blocks: Blocks;
  private readonly decisions: ChainDecisions;
  private readonly summaries: ChainSummaries;
  private readonly leaver: Stage | undefined;
  private readonly without: Node;

  /** `leaver`: a stage that changes nothing and lets nothing of `without` through. */
  constructor(parts: StageParts, leaver: Stage | undefined, without: Node) {
    this.leaver = leaver;
    this.without = without;
    this.firewall = parts.firewall;
    this.context = parts.context;
    this.space = parts.context.space;
    this.questions = parts.context.questions;
    this.substitutions = parts.substitutions;
    this.blocks = parts.blocks;
    this.decisions = parts.decisions;
    this.summaries = parts.summaries;
  }

  /** Packets whose stage accepts them and that, as the stage leaves them, lie in `after`. */
  through(stage: Stage, after: Node): Node {
    const { bdd } = this.space;
    let passing: Node = FALSE;
    for (const effect of this.effects(stage)) {
      passing = bdd.or(passing, bdd.and(effect.guard, this.blocks.before(effect.change, after)));
    }
    const meets = this.meets(stage);
    return meets === TRUE ? passing : bdd.choose(meets, passing, after);
  }

  private readonly accepts = new Map<Stage, readonly Effect[]>();

  /** The stage's accepting effects, its fallthrough applied. */
  effects(stage: Stage): readonly Effect[] {
    return doHere(this.prepare(stage));
  }

  /** Finds the effects of a stage, which are remembered. */
  *prepare(stage: Stage): ListWork<readonly Effect[]> {
    let effects = this.accepts.get(stage);
    if (effects === undefined) {
      const tree = this.summaries.tree(stage.chain);
      const chain = this.firewall.chains.get(stage.chain);
      const fallthrough: Action = chain?.fallthrough ?? { kind: 'accept' };
      if (this.decisions.decides(stage.chain)) effects = yield* this.decided(stage, fallthrough);
      else effects = tree === undefined ? [] : this.finished(tree.block, fallthrough);
      effects = this.withoutAbsentInterface(stage, effects);
      this.accepts.set(stage, effects);
    }
    return effects;
  }

  /** Tests of an interface that packets do not have at this hook see the empty name. */
  private withoutAbsentInterface(stage: Stage, effects: readonly Effect[]): readonly Effect[] {
    const bits = bitsOfAbsent(this.firewall, stage, this.space);
    if (bits.size === 0) return effects;
    const empty = this.substitutions.of(
      new Map([...bits].map(([level, isSet]) => [level, isSet ? TRUE : FALSE])),
    );
    return effects.map((effect) => ({
      ...effect,
      guard: this.substitutions.before(empty, effect.guard),
      change: this.substitutions.of(
        new Map(
          [...effect.change.values].map(([level, value]) => [level, this.substitutions.before(empty, value)]),
        ),
      ),
    }));
  }

  /** Packets that the rules of the stage leave to its policy, and that lie in `after` as they leave it. */
  leftToPolicy(stage: Stage, after: Node): Node {
    const { bdd } = this.space;
    const tree = this.summaries.tree(stage.chain);
    const effects: readonly Effect[] = this.decisions.decides(stage.chain)
      ? [
          {
            outcome: 'next',
            change: this.substitutions.identity,
            guard: this.decisions.undecided(stage.chain),
          },
        ]
      : this.blocks
          .effectsOf(tree?.block ?? emptyBlock)
          .filter(({ outcome, change }) => outcome !== 'accept' && this.pendingOf(change) === undefined);
    return bdd.orAll(
      this.withoutAbsentInterface(stage, effects).map(({ change, guard }) =>
        bdd.and(guard, this.blocks.before(change, after)),
      ),
    );
  }

  private *decided(stage: Stage, fallthrough: Action): ListWork<readonly Effect[]> {
    const otherwise = this.fallthroughAccepts(fallthrough);
    const without = stage === this.leaver ? this.without : FALSE;
    let guard: Node;
    if (otherwise > TRUE) {
      const accepted = yield* this.decisions.accepted(stage.chain, TRUE, without);
      guard = this.space.bdd.choose(
        otherwise,
        accepted,
        yield* this.decisions.accepted(stage.chain, FALSE, without),
      );
    } else guard = yield* this.decisions.accepted(stage.chain, otherwise, without);
    return guard === FALSE ? [] : [{ outcome: 'accept', change: this.substitutions.identity, guard }];
  }

  fallthroughAccepts(fallthrough: Action): Node {
    if (fallthrough.kind === 'accept') return TRUE;
    if (fallthrough.kind !== 'unknown' || !fallthrough.outcomes.includes('accept')) return FALSE;
    return this.space.bdd.variable(
      this.questions.ofPacket(`fallthrough ${fallthrough.reason}`, fallthrough.reason),
    );
  }

  private finished(block: Block, fallthrough: Action): readonly Effect[] {
    const effects: Effect[] = [];
    for (const effect of this.blocks.effectsOf(block)) {
      const verdict =
        effect.outcome === 'accept' ? 'accept' : (this.pendingOf(effect.change) ?? fallthrough.kind);
      if (verdict === 'accept') effects.push({ ...effect, outcome: 'accept' });
      else if (verdict === 'unknown') {
        const asked = this.fallthroughAccepts(fallthrough);
        effects.push({ ...effect, outcome: 'accept', guard: this.space.bdd.and(effect.guard, asked) });
      }
    }
    return effects;
  }

  /** The verdict that a last-match chain ends with, once some rule of it has matched. */
  private pendingOf(change: Substitution): 'accept' | 'drop' | undefined {
    const [set, pass] = this.space.levelsOf('pending');
    if (change.values.get(set!) !== TRUE) return undefined;
    return change.values.get(pass!) === TRUE ? 'accept' : 'drop';
  }

  /** The packets that a stage looks at: a guard (device), and for NAT the first packet of a tracked connection whose side it settles no other stage has. */
  meets(stage: Stage): Node {
    const { bdd } = this.space;
    let node = stage.guard === undefined ? TRUE : compileMatch(stage.guard, -1, this.context);
    if (stage.kind === 'nat') {
      node = bdd.and(node, firstOfConnection(this.space));
      node = bdd.and(node, this.space.numberIn(boundField(natSide(stage.hook)), [[0, 0]]));
    }
    return node;
  }
}
