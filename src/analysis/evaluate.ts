import type { Action } from '../model/action.ts';
import type { EntryPoint, Firewall, Hook, Rule, Stage } from '../model/firewall.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import {
  connectionStates,
  type ConnectionState,
  type NameField,
  type NumericField,
} from '../packets/fields.ts';
import type { NamePattern } from '../packets/name-table.ts';
import { PacketSpace, type VariableOrder } from '../packets/packet-space.ts';
import { absentInterface } from './absent-interface.ts';
import { Attribution } from './attribution.ts';
import { type Block, Blocks, type Effect } from './block.ts';
import { ChainDecisions, decidesOnly } from './chain-decisions.ts';
import { ChainSummaries } from './chain-summary.ts';
import { type HostAddress, receivingAddresses } from './receiving-address.ts';
import { Shape } from './shape.ts';
import { type ChangeContext, routes } from './compile-change.ts';
import { compileMatch, type MatchContext } from './compile-match.ts';
import { Images } from './images.ts';
import { leavesMet } from './leaves-met.ts';
import { destinationIsHost, premisesOf } from './premises.ts';
import { Questions } from './questions.ts';
import { type Substitution, Substitutions } from './substitution.ts';

export interface EvaluateOptions {
  readonly state: ConnectionState;
  /** TCP flag byte that every TCP packet asked about carries (SYN alone for a new flow). */
  readonly tcpFlags: number;
  /** Addresses of the host, both families; empty when not known. */
  readonly hostAddresses: readonly HostAddress[];
  readonly maxNodes: number;
  readonly order?: VariableOrder;
  /** Further names that the caller will ask about (a query's interface). */
  readonly names?: readonly (NamePattern & { readonly field: NameField })[];
}

/** One entry point's answer: a set of packets as they arrive, and how it came about. */
export interface Evaluation {
  readonly entry: EntryPoint;
  readonly space: PacketSpace;
  readonly questions: Questions;
  /** Some rule sets the packet mark, so it is followed from 0; else tests of it are open questions. */
  readonly markIsTracked: boolean;
  /** Accepted, as a function of the packet and the open questions. */
  readonly accepted: Node;
  /** What lets the accepted part of `packets` through, stage by stage, and what translates it on its way. */
  readonly trace: (packets: Node) => Trace;
  /**
   * The packets that every chain of the host's own hook leaves to a policy which accepts. Undefined where packets change on their
   * way, so that only a trace tells.
   */
  readonly byDefault: Node | undefined;
  /** The rule that decides about some packet of the set, the last of those a trace would name for it; undefined as above. */
  readonly leading: (packets: Node) => Decision | undefined;
}

export interface Trace {
  readonly decisions: readonly Decision[];
  readonly translations: readonly Rule[];
}

export interface Decision {
  readonly stage: Stage;
  /** The deciding rule; absent when the chain's fallthrough (a policy) decided. */
  readonly rule?: Rule | undefined;
}

const hookOrder: readonly Hook[] = ['ingress', 'prerouting', 'output', 'input', 'forward', 'postrouting'];

/** Measured on rule sets of routers and hosts, 1,000 to 100,000 rules. */
const NODES_PER_RULE = 64;

/** Which packets an entry point lets pass: all stages composed from the last to the first. Throws `TooComplex`. */
export function evaluate(firewall: Firewall, entry: EntryPoint, options: EvaluateOptions): Evaluation {
  return new Evaluator(firewall, entry, options).evaluation();
}

class Evaluator {
  private readonly firewall: Firewall;
  private readonly entry: EntryPoint;
  private readonly space: PacketSpace;
  private readonly questions: Questions;
  private readonly substitutions: Substitutions;
  private readonly blocks: Blocks;
  /** Stages that change no packet. */
  private readonly decisions: ChainDecisions;
  /** The others. */
  private readonly summaries: ChainSummaries;
  private readonly images: Images;
  /** Some rule, or the routing, looks at the variable. */
  private readonly isTested: (level: number) => boolean;
  private readonly context: MatchContext & ChangeContext;
  private readonly stages: readonly Stage[];

  constructor(firewall: Firewall, entry: EntryPoint, options: EvaluateOptions) {
    this.firewall = firewall;
    this.entry = entry;
    const receiving = receivingAddresses(firewall, entry.family, options.hostAddresses);
    const interfaces = [...receiving.keys()].map(
      (name) => ({ field: 'inInterface', name, prefix: false }) as const,
    );
    const shape = new Shape(firewall, entry, [...(options.names ?? []), ...interfaces]);
    const fixed = new Map<NumericField, number>([['fragment', 0]]);
    if (!shape.changed.has('state')) fixed.set('state', connectionStates.indexOf(options.state));
    if (!shape.changed.has('tcpFlags')) fixed.set('tcpFlags', options.tcpFlags);
    if (!shape.changed.has('destinationTranslated')) fixed.set('destinationTranslated', 0);
    this.initial = new Map([
      ['state', connectionStates.indexOf(options.state)],
      ['tcpFlags', options.tcpFlags],
    ]);
    this.space = new PacketSpace({
      family: entry.family,
      order: options.order ?? shape.order(),
      names: shape.tables(),
      fixed,
      maxNodes: options.maxNodes,
      expectedNodes: shape.rules * NODES_PER_RULE,
    });
    this.questions = new Questions(this.space);
    this.context = {
      space: this.space,
      questions: this.questions,
      sets: firewall.sets,
      markIsTracked: shape.changed.has('mark'),
      premises: premisesOf(entry.direction),
      hostAddresses: options.hostAddresses.filter((a) => a.family === entry.family).map((a) => a.range),
      receiving,
    };
    this.substitutions = new Substitutions(this.space);
    const tested = new Set<number>();
    for (const field of shape.tested) {
      // A fixed field has no variables in any diagram.
      if (this.space.fixedValue(field) === undefined)
        for (const level of this.space.levelsOf(field)) tested.add(level);
    }
    if (shape.changed.has('destination')) for (const level of this.space.levelsOf('route')) tested.add(level);
    this.isTested = (level) => level >= this.space.questionBase || tested.has(level);
    this.blocks = new Blocks(this.space, this.substitutions, this.isTested);
    this.stages = [...entry.stages].sort(
      (a, b) => hookOrder.indexOf(a.hook) - hookOrder.indexOf(b.hook) || a.priority - b.priority,
    );
    const chains = this.stages.map((stage) => stage.chain);
    const pure = chains.filter((id) => decidesOnly(firewall, id));
    this.decisions = new ChainDecisions(firewall, pure, this.context);
    const changing = chains.filter((id) => !pure.includes(id));
    this.summaries = new ChainSummaries(firewall, changing, this.context, this.substitutions, this.blocks);
    this.images = new Images(this.space);
  }

  private readonly initial: ReadonlyMap<NumericField, number>;

  evaluation(): Evaluation {
    let passing: Node = TRUE;
    let routed = false;
    for (let i = this.stages.length - 1; i >= 0; i--) {
      const stage = this.stages[i]!;
      if (!routed && isBeforeRouting(stage.hook)) {
        passing = this.space.bdd.and(passing, this.goesThisWay());
        routed = true;
      }
      this.passingAfter[i] = passing;
      passing = this.throughStage(stage, passing);
    }
    const start = this.arrival();
    const accepted = this.substitutions.before(start, this.presumingForwarded(passing));
    return {
      entry: this.entry,
      space: this.space,
      questions: this.questions,
      markIsTracked: this.context.markIsTracked,
      accepted,
      trace: (packets) => this.trace(packets, start),
      byDefault: this.changesNothing() ? this.leftToPolicies() : undefined,
      leading: (packets) => (this.changesNothing() ? this.leading(packets) : undefined),
    };
  }

  /**
   * A packet that is forwarded as it was addressed was not sent to this host. Where a rule before routing asks about that, the answer
   * "to this host" therefore counts only for packets that it makes some translation send elsewhere.
   */
  private presumingForwarded(passing: Node): Node {
    const asked = this.questions.find(destinationIsHost);
    if (this.entry.direction !== 'forward' || asked === undefined) return passing;
    const { bdd } = this.space;
    let translated = this.space.numberNotIn('route', [[routes.asAddressed, routes.asAddressed]]);
    for (let i = this.stages.length - 1; i >= 0; i--) {
      const stage = this.stages[i]!;
      if (isBeforeRouting(stage.hook)) translated = this.throughStage(stage, translated);
    }
    // Packets arrive untranslated.
    const arriving = new Map(this.space.levelsOf('route').map((level) => [level, FALSE]));
    translated = bdd.substitute(translated, arriving);
    const impossible = bdd.diff(bdd.variable(asked), translated);
    return bdd.choose(impossible, bdd.substitute(passing, new Map([[asked, FALSE]])), passing);
  }

  /** What every packet is when it arrives: unmarked, untagged, untranslated, in the state asked about. */
  private arrival(): Substitution {
    const values = new Map<number, Node>();
    const set = (field: Parameters<PacketSpace['levelsOf']>[0], value: number): void => {
      const levels = this.space.levelsOf(field);
      levels.forEach((level, i) => values.set(level, (value >>> (levels.length - 1 - i)) & 1 ? TRUE : FALSE));
    };
    for (const field of ['mark', 'destinationTranslated', 'route', 'pending', 'fragment'] as const)
      set(field, 0);
    for (const [field, value] of this.initial) set(field, value);
    const tags = this.space.namesOf('tag');
    if (tags !== undefined) set('tag', tags.codes(tags.classOf(''))[0]);
    for (const [original, current] of [
      ['originalDestinationPort', 'destinationPort'],
      ['originalDestination', 'destination'],
    ] as const) {
      const now = this.space.levelsOf(current);
      this.space
        .levelsOf(original)
        .forEach((level, i) => values.set(level, this.space.bdd.variable(now[i]!)));
    }
    // A value that no rule looks at need not be put in.
    for (const level of values.keys()) if (!this.isTested(level)) values.delete(level);
    return this.substitutions.of(values);
  }

  /** Packets whose stage accepts them and that, as the stage leaves them, lie in `after`. */
  private throughStage(stage: Stage, after: Node): Node {
    const { bdd } = this.space;
    let passing: Node = FALSE;
    for (const effect of this.stageEffects(stage)) {
      passing = bdd.or(passing, bdd.and(effect.guard, this.blocks.before(effect.change, after)));
    }
    const meets = this.meets(stage);
    return meets === TRUE ? passing : bdd.choose(meets, passing, after);
  }

  private readonly accepts = new Map<Stage, readonly Effect[]>();

  /** The stage's accepting effects, its fallthrough applied. */
  private stageEffects(stage: Stage): readonly Effect[] {
    let effects = this.accepts.get(stage);
    if (effects === undefined) {
      const diagram = this.decisions.diagram(stage.chain);
      const tree = this.summaries.tree(stage.chain);
      const chain = this.firewall.chains.get(stage.chain);
      const fallthrough: Action = chain?.fallthrough ?? { kind: 'accept' };
      if (diagram !== undefined) effects = this.decided(diagram, fallthrough);
      else effects = tree === undefined ? [] : this.finished(tree.block, fallthrough);
      effects = this.withoutAbsentInterface(stage, effects);
      this.accepts.set(stage, effects);
    }
    return effects;
  }

  /** Tests of an interface that packets do not have at this hook see the empty name. */
  private withoutAbsentInterface(stage: Stage, effects: readonly Effect[]): readonly Effect[] {
    const field = absentInterface(this.firewall, stage);
    if (field === undefined || this.space.levelsOf(field).length === 0) return effects;
    const table = this.space.namesOf(field);
    const levels = this.space.levelsOf(field);
    const code = table === undefined ? 0 : table.codes(table.classOf(''))[0];
    const empty = this.substitutions.of(
      new Map(levels.map((level, i) => [level, (code >>> (levels.length - 1 - i)) & 1 ? TRUE : FALSE])),
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

  /** The packets in the guise in which this hook's rules see them. */
  private asSeen(stage: Stage, packets: Node): Node {
    const field = absentInterface(this.firewall, stage);
    if (field === undefined) return packets;
    const levels = new Set(this.space.levelsOf(field));
    if (levels.size === 0) return packets;
    const { bdd } = this.space;
    const table = this.space.namesOf(field);
    const code = table === undefined ? 0 : table.codes(table.classOf(''))[0];
    const empty = [...levels].reduce<Node>(
      (node, level, i) =>
        bdd.and(
          node,
          (code >>> (levels.size - 1 - i)) & 1 ? bdd.variable(level) : bdd.node(level, TRUE, FALSE),
        ),
      TRUE,
    );
    return bdd.and(
      bdd.exists(packets, (level) => levels.has(level)),
      empty,
    );
  }

  private decided(diagram: Node, fallthrough: Action): readonly Effect[] {
    const otherwise = this.fallthroughAccepts(fallthrough);
    const { bdd } = this.space;
    const open = otherwise > TRUE;
    const leaves = (passes: Node): Node =>
      bdd.replaceLeaves(diagram, (leaf) => {
        const { kind } = this.decisions.meaning(leaf);
        if (kind === 'accept') return TRUE;
        return kind === 'pass' || kind === 'return' ? passes : FALSE;
      });
    const guard = open ? bdd.choose(otherwise, leaves(TRUE), leaves(FALSE)) : leaves(otherwise);
    return guard === FALSE ? [] : [{ outcome: 'accept', change: this.substitutions.identity, guard }];
  }

  private fallthroughAccepts(fallthrough: Action): Node {
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

  /** The packets that a stage looks at: a guard (device), and for NAT the first packet of a tracked, not yet translated connection. */
  private meets(stage: Stage): Node {
    const { bdd } = this.space;
    let node = stage.guard === undefined ? TRUE : compileMatch(stage.guard, -1, this.context);
    if (stage.kind === 'nat') {
      node = bdd.and(
        node,
        this.space.numberIn('state', [
          [0, 0],
          [2, 2],
        ]),
      );
      if (stage.hook === 'prerouting' || stage.hook === 'output') {
        node = bdd.and(node, this.space.numberIn('destinationTranslated', [[0, 0]]));
      }
    }
    return node;
  }

  /**
   * After prerouting the host routes: a redirected packet is the host's own, one translated to another address is forwarded unless that
   * address is the host's. Untranslated packets go where the question presumes (`in`: to the host, `forward`: through it).
   */
  private goesThisWay(): Node {
    const { bdd } = this.space;
    const { direction } = this.entry;
    const toHost = this.space.numberIn('route', [[routes.toHost, routes.toHost]]);
    const toTarget = this.space.numberIn('route', [[routes.toTarget, routes.toTarget]]);
    if (direction === 'out') return TRUE;
    const known = this.context.hostAddresses;
    const loopback =
      this.space.family === 'ipv4'
        ? this.space.addressIn('destination', [[0x7f000000n, 0x7fffffffn]])
        : FALSE;
    const isHost =
      known.length > 0
        ? this.space.addressIn(
            'destination',
            known.toSorted((a, b) => (a[0] < b[0] ? -1 : 1)),
          )
        : direction === 'in'
          ? bdd.variable(
              this.questions.ofPacket(
                'target is host',
                'the address it is translated to is an address of this host',
              ),
            )
          : FALSE;
    if (direction === 'forward') return bdd.not(bdd.or(toHost, bdd.and(toTarget, bdd.or(isHost, loopback))));
    // The kernel drops packets to 127.0.0.0/8 that did not come from lo, unless route_localnet is on.
    const local = bdd.and(
      loopback,
      bdd.variable(this.questions.ofPacket('route_localnet', 'net.ipv4.conf.*.route_localnet is on')),
    );
    const reaches = bdd.or(local, bdd.diff(isHost, loopback));
    return bdd.or(bdd.not(toTarget), reaches);
  }

  /** From each stage on, the packets that will pass all that follow. */
  private readonly passingAfter: Node[] = [];

  /** Follows packets through all stages in their own guise at each, noting which rule decided or translated them. */
  private trace(packets: Node, start: Substitution): Trace {
    const { bdd } = this.space;
    const decisions = new Map<Stage, Set<Rule | undefined>>();
    const translations = new Set<Rule>();
    let now = [this.images.of(start, packets)];
    this.stages.forEach((stage, i) => {
      const met = this.meets(stage);
      const passing = this.passingAfter[i]!;
      const deciding = new Set<Rule | undefined>();
      const next: Node[] = [];
      for (const here of now) {
        const sees = bdd.and(here, met);
        const skips = bdd.diff(here, met);
        if (skips !== FALSE) next.push(skips);
        if (this.decisions.diagram(stage.chain) !== undefined || i === this.stages.length - 1) {
          // The stage accepts all of these, and changes none or none that a later one would look at.
          next.push(sees);
          this.attribute(stage, this.asSeen(stage, sees), deciding, translations);
          continue;
        }
        for (const effect of this.stageEffects(stage)) {
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

  private changesNothing(): boolean {
    return this.stages.every((stage) => this.decisions.diagram(stage.chain) !== undefined);
  }

  private leftToPolicies(): Node {
    const { bdd } = this.space;
    let left: Node = TRUE;
    for (const stage of this.stages) {
      if (stage.kind !== 'filter' || !ownHooks.includes(stage.hook)) continue;
      const fallthrough = this.firewall.chains.get(stage.chain)?.fallthrough ?? { kind: 'accept' };
      if (this.fallthroughAccepts(fallthrough) === FALSE) return FALSE;
      const undecided = bdd.replaceLeaves(this.decisions.diagram(stage.chain)!, (leaf) => {
        const { kind } = this.decisions.meaning(leaf);
        return kind === 'pass' || kind === 'return' ? TRUE : FALSE;
      });
      left = bdd.and(left, undecided);
    }
    return left;
  }

  private leading(packets: Node): Decision | undefined {
    const { bdd } = this.space;
    let found: Decision | undefined;
    for (const stage of this.stages) {
      if (!ownHooks.includes(stage.hook) || stage.kind !== 'filter') continue;
      // Any path of the set is a group of packets; follow it down the stage's diagram.
      let set = packets;
      let at = this.decisions.diagram(stage.chain)!;
      while (!bdd.isLeaf(at)) {
        const level = Math.min(bdd.levelOf(set), bdd.levelOf(at));
        let high = false;
        if (bdd.levelOf(set) === level) {
          high = bdd.lowOf(set) === FALSE;
          set = high ? bdd.highOf(set) : bdd.lowOf(set);
        }
        if (bdd.levelOf(at) === level) at = high ? bdd.highOf(at) : bdd.lowOf(at);
      }
      const meaning = this.decisions.meaning(at);
      const rule = meaning.kind === 'accept' ? meaning.rule : undefined;
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
    const diagram = this.decisions.diagram(stage.chain);
    if (diagram !== undefined) {
      for (const leaf of leavesMet(this.space.bdd, packets, diagram)) {
        const meaning = this.decisions.meaning(leaf);
        if (meaning.kind === 'accept') deciding.add(meaning.rule);
        else if (meaning.kind === 'pass' || meaning.kind === 'return') deciding.add(undefined);
      }
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
}

/** Hooks whose chains say what the host itself accepts; on the others accepting is the rule. */
const ownHooks: readonly Hook[] = ['input', 'forward', 'output'];

function isBeforeRouting(hook: Hook): boolean {
  return hook === 'ingress' || hook === 'prerouting';
}
