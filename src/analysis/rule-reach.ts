import type { ChainId, EntryPoint, Firewall, Stage } from '../model/firewall.ts';
import { stagesInOrder } from '../model/stage-order.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import { connectionStates, type NameField } from '../packets/fields.ts';
import { PacketSpace } from '../packets/packet-space.ts';
import { asSeen } from './as-seen.ts';
import { absentInterface } from './absent-interface.ts';
import { type ChangeContext, compileChanges } from './compile-change.ts';
import { compileMatch, type MatchContext } from './compile-match.ts';
import { Images } from './images.ts';
import { Questions } from './questions.ts';
import { enabledRules } from './enabled-rules.ts';
import { type ChainTree, type RuleLeaf, type RuleTree, ruleTrees } from './rule-tree.ts';
import { Shape } from './shape.ts';
import { firstOfConnection } from './stage-sets.ts';
import { Substitutions } from './substitution.ts';

/**
 * Which rules of one entry point some packet can come to and match: packets of every state, with any TCP flags, on any interface, in
 * every answer to every open question. What it says is reached may in truth not be (an address that a translation picks is any address);
 * what it says is not reached is not.
 */
export class RuleReach {
  readonly space: PacketSpace;
  readonly context: MatchContext & ChangeContext;
  readonly stages: readonly Stage[];
  readonly trees: ReadonlyMap<ChainId, ChainTree>;
  /** Ids of rules that some packet comes to and matches. */
  readonly reached = new Set<number>();
  /** The packets that enter a chain, wherever from. */
  readonly entered = new Map<ChainId, Node>();
  /** The packets that each stage sees, as its rules see them. */
  readonly seen = new Map<Stage, Node>();
  private readonly ends = new Map<string, End>();
  private readonly firewall: Firewall;
  private readonly images: Images;
  private readonly substitutions: Substitutions;
  private readonly trackedMark: boolean;

  /** Throws `TooComplex`. */
  constructor(firewall: Firewall, entry: EntryPoint, maxNodes: number) {
    this.firewall = firewall;
    const shape = new Shape(firewall, entry, []);
    this.trackedMark = shape.changed.has('mark');
    this.space = new PacketSpace({
      family: entry.family,
      order: shape.order(),
      names: shape.tables(),
      // Nothing is presumed: a rule for replies or for lone ACKs is as good as one for new connections.
      fixed: new Map(),
      maxNodes,
    });
    this.context = {
      space: this.space,
      questions: new Questions(this.space),
      sets: firewall.sets,
      markIsTracked: this.trackedMark,
      premises: new Map(),
      hostAddresses: [],
      receiving: new Map(),
      leaving: new Map(),
    };
    this.images = new Images(this.space);
    this.substitutions = new Substitutions(this.space);
    this.stages = stagesInOrder(entry);
    this.trees = ruleTrees(
      firewall,
      this.stages.map(({ chain }) => chain),
      this.context,
      { rulesOf: enabledRules, asWritten: true },
    );
    this.walkStages();
    this.markPureChains();
  }

  private walkStages(): void {
    const { bdd } = this.space;
    let now = this.arriving();
    for (const stage of this.stages) {
      const guard = stage.guard === undefined ? TRUE : compileMatch(stage.guard, -1, this.context);
      const isNat = stage.kind === 'nat';
      // NAT sees the first packet of a connection; of which connections another stage has settled it already is left open.
      const met = isNat ? bdd.and(guard, firstOfConnection(this.space)) : guard;
      const sees = asSeen(this.firewall, stage, this.space, bdd.and(now, met));
      this.seen.set(stage, sees);
      const accepted = this.throughStage(stage, sees);
      const passes = isNat ? now : bdd.diff(now, met);
      now = bdd.or(passes, this.unseen(absentInterface(this.firewall, stage), accepted));
    }
  }

  /** Packets as they arrive: of a real state and untagged; a mark may come from outside the rules (a socket, tc, IPsec). */
  private arriving(): Node {
    const { bdd } = this.space;
    let packets = this.space.numberIn('state', [[0, connectionStates.length - 1]]);
    packets = bdd.and(packets, this.space.numberIn('fragment', [[0, 1]]));
    if ((this.space.namesOf('tag')?.classes.length ?? 0) > 1)
      packets = bdd.and(packets, this.space.nameIs('tag', { name: '', prefix: false }, false));
    return packets;
  }

  /** Back to packets whose interface is whatever it is. */
  private unseen(field: NameField | undefined, packets: Node): Node {
    if (field === undefined) return packets;
    const levels = new Set(this.space.levelsOf(field));
    return levels.size === 0 ? packets : this.space.bdd.exists(packets, (level) => levels.has(level));
  }

  private throughStage(stage: Stage, sees: Node): Node {
    const { bdd } = this.space;
    const called = this.trees.get(stage.chain);
    if (called === undefined) return sees;
    const end = this.chain(called, sees);
    // A pending verdict of pf may be anything.
    if (called.chain.order === 'last-match') return TRUE;
    const { kind } = called.chain.fallthrough;
    return kind === 'drop' || kind === 'reject' ? end.accepted : bdd.or(end.accepted, end.back);
  }

  /** Where packets that enter a chain end. Rules of pure chains are marked later, for all that enter them at once. */
  private chain({ chain, tree }: ChainTree, packets: Node): End {
    const { bdd } = this.space;
    this.enter(chain.id, packets);
    if (tree === undefined || packets === FALSE) return { back: packets, accepted: FALSE };
    if (tree.pure) {
      const met = bdd.and(packets, tree.mayMatch);
      return {
        back: bdd.or(bdd.diff(packets, tree.mustStop), bdd.and(met, tree.mayReturn)),
        accepted: bdd.and(met, tree.mayAccept),
      };
    }
    const key = `${chain.id}\0${packets}`;
    let end = this.ends.get(key);
    if (end === undefined) {
      const out: Out = { accepted: FALSE, returned: FALSE };
      const next = this.walk(tree, packets, out);
      end = { back: bdd.or(next, out.returned), accepted: out.accepted };
      this.ends.set(key, end);
    }
    return end;
  }

  private enter(id: ChainId, packets: Node): void {
    this.entered.set(id, this.space.bdd.or(this.entered.get(id) ?? FALSE, packets));
  }

  /** Callers first, so that a chain is marked once, with all that enter it. */
  private markPureChains(): void {
    const { bdd } = this.space;
    for (const [id, { tree }] of [...this.trees].reverse()) {
      if (tree?.pure === true) this.mark(tree, bdd.and(this.entered.get(id) ?? FALSE, tree.mayMatch));
    }
  }

  /** Marks the rules that match, and returns the packets that may go on. */
  private walk(tree: RuleTree, packets: Node, out: Out): Node {
    const { bdd } = this.space;
    const met = bdd.and(packets, tree.mayMatch);
    if (met === FALSE) return packets;
    if (!tree.pure) {
      if (tree.kind === 'rule') return this.changing(tree, packets, met, out);
      return this.walk(tree.right, this.walk(tree.left, packets, out), out);
    }
    out.accepted = bdd.or(out.accepted, bdd.and(met, tree.mayAccept));
    out.returned = bdd.or(out.returned, bdd.and(met, tree.mayReturn));
    this.mark(tree, met);
    return bdd.diff(packets, tree.mustStop);
  }

  /** The same for rules that change nothing: only what they may match need be followed. */
  private mark(tree: RuleTree, met: Node): void {
    const { bdd } = this.space;
    if (met === FALSE) return;
    if (tree.kind === 'rule') {
      this.reached.add(tree.rule.id);
      if (tree.callee !== undefined) this.enter(tree.callee.chain.id, met);
      return;
    }
    this.mark(tree.left, bdd.and(met, tree.left.mayMatch));
    this.mark(tree.right, bdd.and(bdd.diff(met, tree.left.mustStop), tree.right.mayMatch));
  }

  private changing(leaf: RuleLeaf, packets: Node, met: Node, out: Out): Node {
    const { bdd } = this.space;
    const { rule, callee } = leaf;
    this.reached.add(rule.id);
    const others = bdd.diff(packets, leaf.mustMatch);
    if (callee !== undefined) {
      const end = this.chain(callee, met);
      out.accepted = bdd.or(out.accepted, end.accepted);
      const { kind } = callee.chain.fallthrough;
      if (kind !== 'return' && kind !== 'continue') {
        if (kind !== 'drop' && kind !== 'reject') out.accepted = bdd.or(out.accepted, end.back);
        return others;
      }
      if (rule.action.kind !== 'goto') return bdd.or(others, end.back);
      out.returned = bdd.or(out.returned, end.back);
      return others;
    }
    if (rule.action.kind !== 'change') throw new Error('a rule that changes packets without a change');
    const values = compileChanges(rule.action.changes, rule.id, this.context);
    const changed = this.images.of(this.substitutions.of(values), met);
    if (rule.action.then === 'continue') {
      // pf `quick` ends the evaluation with the verdict so far.
      return leaf.lastMatch && leaf.final ? others : bdd.or(others, changed);
    }
    out.accepted = bdd.or(out.accepted, changed);
    // pf translates once its rule has won, and until then changes nothing.
    return leaf.final ? others : packets;
  }
}

interface End {
  readonly back: Node;
  readonly accepted: Node;
}

interface Out {
  accepted: Node;
  returned: Node;
}
