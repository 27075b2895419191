import type { EntryPoint, Firewall, Stage } from '../model/firewall.ts';
import { isBeforeRouting, stagesInOrder } from '../model/stage-order.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import {
  connectionStates,
  type ConnectionState,
  type NameField,
  type NumericField,
} from '../packets/fields.ts';
import { doHere, type ListWork } from '../packets/list-work.ts';
import { firstStates } from '../packets/first-state.ts';
import type { Interval } from '../packets/interval.ts';
import type { NamePattern } from '../packets/name-table.ts';
import { PacketSpace, type VariableOrder } from '../packets/packet-space.ts';
import type { PacketValues } from '../packets/some-packet.ts';
import { absentInterface } from './absent-interface.ts';
import { loopbackField } from './loopback-field.ts';
import { Blocks } from './block.ts';
import { joinEvaluations } from './join-evaluations.ts';
import { ChainDecisions, decidesOnly } from './chain-decisions.ts';
import { ChainSummaries } from './chain-summary.ts';
import { type HostAddress, leavingAddresses, receivingAddresses } from './receiving-address.ts';
import { Shape } from './shape.ts';
import { type ChangeContext, routes } from './compile-change.ts';
import type { MatchContext } from './compile-match.ts';
import { destinationIsHost, premisesOf } from './premises.ts';
import { Questions } from './questions.ts';
import { goesThisWay } from './routing.ts';
import { type StageParts, StageSets } from './stage-sets.ts';
import { type Substitution, Substitutions } from './substitution.ts';
import { type Decision, type Trace, Tracer } from './tracer.ts';

export interface EvaluateOptions {
  /** Of the packets asked about; `first`: what the kernel makes of each packet that belongs to no connection (netfilter). */
  readonly state: ConnectionState | 'first';
  /** TCP flag byte that every TCP packet asked about carries (SYN alone for a new flow). */
  readonly tcpFlags: number;
  /** Addresses of the host, both families; empty when not known. */
  readonly hostAddresses: readonly HostAddress[];
  readonly maxNodes: number;
  readonly order?: VariableOrder;
  /** False: leave out packets that arrive on the loopback interface, or leave by it. */
  readonly loopback?: boolean;
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
  /** Packets were followed in the state that connection tracking gives the first of its kind, which some rule asks about. */
  readonly tellsFirstStates: boolean;
  /** Some rule changes packets on their way. */
  readonly changesPackets: boolean;
  /** Accepted, as a function of the packet and the open questions. */
  readonly accepted: Node;
  /** What lets the accepted part of `packets` through, stage by stage, and what translates it on its way. */
  readonly trace: (packets: Node) => Trace;
  /** The translations of `trace` alone. */
  readonly translations: (packets: Node) => Trace['translations'];
  /** The packets that every chain of the host's own hook leaves to a policy which accepts. */
  readonly byDefault: Node;
  /** The rule that decides about some packet of the set, the last of those a trace would name for it. */
  readonly leading: (packets: Node) => Decision | undefined;
  /** The same of one packet that is let through, by the values of all variables. Only where no rule changes packets. */
  readonly leadingOne: (packet: PacketValues) => Decision | undefined;
}

export type { Decision, Trace } from './tracer.ts';

/** Measured on rule sets of routers and hosts, 1,000 to 100,000 rules. */
const NODES_PER_RULE = 18;

/** Which packets an entry point lets pass: all stages composed from the last to the first. Throws `TooComplex`. */
export function evaluate(firewall: Firewall, entry: EntryPoint, options: EvaluateOptions): Evaluation {
  return doHere(evaluating(firewall, entry, options));
}

/** `evaluate` for several entry points at once, see `doTogether`. */
export function* evaluating(
  firewall: Firewall,
  entry: EntryPoint,
  options: EvaluateOptions,
): ListWork<Evaluation> {
  const { state } = options;
  if (state !== 'first') return yield* new Evaluator(firewall, entry, { ...options, state }).evaluation();
  const fresh = new Evaluator(firewall, entry, { ...options, state: 'new' });
  return yield* fresh.evaluationOfFirst(
    (world) => new Evaluator(firewall, entry, { ...options, ...world }, fresh),
  );
}

/** Packets of one protocol that all arrive in one state. */
interface World {
  readonly state: ConnectionState;
  readonly protocol: number;
}

/** What every world of an entry point has in common. */
interface Ground {
  readonly shape: Shape;
  readonly receiving: ChangeContext['receiving'];
  readonly leaving: ChangeContext['leaving'];
}

function groundOf(
  firewall: Firewall,
  entry: EntryPoint,
  { hostAddresses, names }: Pick<EvaluateOptions, 'hostAddresses' | 'names'>,
): Ground {
  const receiving = receivingAddresses(firewall, entry.family, hostAddresses);
  const leaving = leavingAddresses(firewall, entry.family, hostAddresses);
  const interfaces = [
    ...[...receiving.keys()].map((name) => ({ field: 'inInterface', name, prefix: false }) as const),
    ...[...leaving.keys()].map((name) => ({ field: 'outInterface', name, prefix: false }) as const),
  ];
  return { shape: new Shape(firewall, entry, [...(names ?? []), ...interfaces]), receiving, leaving };
}

class Evaluator {
  private readonly ground: Ground;
  private readonly entry: EntryPoint;
  private readonly space: PacketSpace;
  private readonly questions: Questions;
  private readonly substitutions: Substitutions;
  private readonly parts: StageParts;
  private readonly sets: StageSets;
  /** Some rule, or the routing, looks at the variable. */
  private readonly isTested: (level: number) => boolean;
  private readonly context: MatchContext & ChangeContext;
  /** Some rule changes where packets go. */
  private readonly translates: boolean;
  private readonly stages: readonly Stage[];

  /** Whether it matters which state a packet without a connection arrives in. */
  private readonly tellsFirstStates: boolean;

  /** `sibling` shares its diagrams, so that sets of both can be put together. */
  constructor(
    firewall: Firewall,
    entry: EntryPoint,
    options: Omit<EvaluateOptions, 'state'> & { readonly state: ConnectionState; readonly protocol?: number },
    sibling?: Evaluator,
  ) {
    this.entry = entry;
    this.ground = sibling?.ground ?? groundOf(firewall, entry, options);
    const { receiving, leaving, shape } = this.ground;
    this.tellsFirstStates =
      (firewall.format === 'iptables' || firewall.format === 'nftables') && shape.tellsFirstStates();
    const fixed = new Map<NumericField, number>([['fragment', 0]]);
    if (options.protocol !== undefined) fixed.set('protocol', options.protocol);
    if (!shape.changed.has('state')) fixed.set('state', connectionStates.indexOf(options.state));
    if (!shape.changed.has('tcpFlags')) fixed.set('tcpFlags', options.tcpFlags);
    if (!shape.changed.has('destinationTranslated')) fixed.set('destinationTranslated', 0);
    this.initial = new Map([
      ['state', connectionStates.indexOf(options.state)],
      ['tcpFlags', options.tcpFlags],
    ]);
    const layout = {
      family: entry.family,
      order: options.order ?? shape.order(),
      names: shape.tables(),
      fixed,
      maxNodes: options.maxNodes,
      expectedNodes: shape.rules * NODES_PER_RULE,
    };
    this.space = new PacketSpace(layout, sibling?.space);
    this.questions = sibling?.questions ?? new Questions(this.space);
    this.context = {
      space: this.space,
      questions: this.questions,
      sets: firewall.sets,
      markIsTracked: shape.changed.has('mark'),
      premises: premisesOf(entry.direction),
      hostAddresses: options.hostAddresses.filter((a) => a.family === entry.family).map((a) => a.range),
      receiving,
      leaving,
    };
    this.substitutions = new Substitutions(this.space);
    const tested = new Set<number>();
    for (const field of shape.tested) {
      // A fixed field has no variables in any diagram.
      if (this.space.fixedValue(field) === undefined)
        for (const level of this.space.levelsOf(field)) tested.add(level);
    }
    this.translates = shape.changed.has('destination');
    if (this.translates) for (const level of this.space.levelsOf('route')) tested.add(level);
    this.isTested = (level) => level >= this.space.questionBase || tested.has(level);
    this.stages = stagesInOrder(entry);
    const chains = this.stages.map((stage) => stage.chain);
    const pure = chains.filter((id) => decidesOnly(firewall, id));
    const changing = chains.filter((id) => !pure.includes(id));
    const { context, substitutions } = this;
    const blocks = new Blocks(this.space, substitutions, this.isTested);
    // First, so that what an unknown translation leaves open is asked above what later stages ask of the outcome: below them, each set
    // of their answers would need ports and addresses of its own.
    const summaries = new ChainSummaries(firewall, changing, context, substitutions, blocks);
    this.parts = {
      firewall,
      context,
      substitutions,
      blocks,
      decisions: new ChainDecisions(firewall, pure, context, !shape.tested.has('originalDestinationPort')),
      summaries,
    };
    this.without = options.loopback === false ? this.onLoopback() : FALSE;
    this.leaver = this.stages.findLast((stage) => this.canLeaveOut(stage));
    this.sets = new StageSets(this.parts, this.leaver, this.without);
  }

  /** Packets left out of the answer. */
  private readonly without: Node;
  /** The stage that leaves them out as it decides, which costs next to nothing; undefined where none can. */
  private readonly leaver: Stage | undefined;

  private onLoopback(): Node {
    const { bdd } = this.space;
    return bdd.orAll(
      ['lo', 'lo0'].map((name) =>
        this.space.nameIs(loopbackField(this.entry), { name, prefix: false }, false),
      ),
    );
  }

  private canLeaveOut(stage: Stage): boolean {
    return (
      stage.guard === undefined &&
      stage.kind !== 'nat' &&
      this.parts.decisions.decides(stage.chain) &&
      absentInterface(this.parts.firewall, stage) !== loopbackField(this.entry)
    );
  }

  private readonly initial: ReadonlyMap<NumericField, number>;

  /** What becomes of packets that belong to no connection, each in the state that conntrack gives it. */
  *evaluationOfFirst(inWorld: (world: World) => Evaluator): ListWork<Evaluation> {
    const base = yield* this.evaluation();
    if (!this.tellsFirstStates) return base;
    const { bdd } = this.space;
    const { protocol, newTypes, untrackedTypes, invalidProtocol } = firstStates[this.space.family];
    const of = (number: number): Node => this.space.numberIn('protocol', [[number, number]]);
    const icmp = of(protocol);
    const ofTypes = (types: readonly Interval[]): Node =>
      bdd.and(
        icmp,
        this.space.numberIn(
          'sourcePort',
          types.map(([from, to]) => [from << 8, (to << 8) | 255]),
        ),
      );
    const untracked = ofTypes(untrackedTypes);
    const invalid = bdd.diff(bdd.diff(icmp, ofTypes(newTypes)), untracked);
    const worlds: readonly (World & { readonly packets: Node })[] = [
      { state: 'invalid', protocol, packets: invalid },
      { state: 'untracked', protocol, packets: untracked },
      { state: 'invalid', protocol: invalidProtocol, packets: of(invalidProtocol) },
    ];
    const others: { readonly packets: Node; readonly evaluation: Evaluation }[] = [];
    for (const { packets, ...world } of worlds)
      if (packets !== FALSE) others.push({ packets, evaluation: yield* inWorld(world).evaluation() });
    return { ...joinEvaluations(base, others), tellsFirstStates: true };
  }

  *evaluation(): ListWork<Evaluation> {
    yield* this.parts.decisions.prepare();
    const passingAfter: Node[] = [];
    let passing: Node = TRUE;
    let routed = false;
    for (let i = this.stages.length - 1; i >= 0; i--) {
      const stage = this.stages[i]!;
      if (!routed && isBeforeRouting(stage.hook)) {
        // Packets that nothing sends elsewhere go the way that is asked about.
        if (this.translates)
          passing = this.space.bdd.and(passing, goesThisWay(this.entry.direction, this.context));
        routed = true;
      }
      passingAfter[i] = passing;
      yield* this.sets.prepare(stage);
      passing = this.sets.through(stage, passing);
    }
    const start = this.arrival();
    let accepted = this.substitutions.before(start, this.presumingForwarded(passing));
    if (this.leaver === undefined) accepted = this.space.bdd.diff(accepted, this.without);
    const tracer = new Tracer(this.parts, this.sets, this.stages, passingAfter);
    return {
      entry: this.entry,
      space: this.space,
      questions: this.questions,
      markIsTracked: this.context.markIsTracked,
      tellsFirstStates: false,
      changesPackets: tracer.changesPackets,
      accepted,
      trace: (packets) => tracer.trace(packets, start),
      translations: (packets) => tracer.translations(packets, start),
      byDefault: tracer.leftToPolicies(start),
      leading: (packets) => tracer.leading(packets, start),
      leadingOne: (packet) => tracer.leadingOne(packet, start),
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
      if (isBeforeRouting(stage.hook)) translated = this.sets.through(stage, translated);
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
      for (const [level, isSet] of this.space.bitsOf(field, value)) values.set(level, isSet ? TRUE : FALSE);
    };
    for (const field of [
      'mark',
      'destinationTranslated',
      'route',
      'pending',
      'fragment',
      'sourceBound',
      'destinationBound',
    ] as const)
      set(field, 0);
    for (const [field, value] of this.initial) set(field, value);
    const tags = this.space.namesOf('tag');
    if (tags !== undefined) set('tag', tags.codes(tags.classOf(''))[0]);
    for (const [original, current] of [
      ['originalDestinationPort', 'destinationPort'],
      ['originalDestination', 'destination'],
      ['originalSourcePort', 'sourcePort'],
      ['originalSource', 'source'],
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
}
