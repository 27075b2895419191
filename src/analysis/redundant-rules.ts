import { chainActions } from '../model/chain-actions.ts';
import type { Chain, ChainId, Firewall, Rule, Stage } from '../model/firewall.ts';
import { type Bdd, FALSE, type Node } from '../packets/bdd.ts';
import { decidesOnly } from './chain-decisions.ts';
import {
  before,
  composed,
  type Ends,
  endsOf,
  goesOn,
  outcomes,
  outcomesOf,
  type RunOutcomes,
  within,
} from './rule-outcomes.ts';
import type { RuleReach } from './rule-reach.ts';
import { enabledRules } from './enabled-rules.ts';
import { type ChainTree, type RuleLeaf, type RuleTree, ruleTrees } from './rule-tree.ts';

/**
 * Which rules of an entry point's stages can go, any of them or all, without any packet ending otherwise. Rules are looked at from the
 * last to the first, each against what the rules behind it do whether or not those that can go are still there; so of two rules that say
 * the same one stays.
 *
 * Only stages whose rules change no packet are looked at, and of their chains those that a packet can enter one way only: a rule that is
 * met twice may be missed the first time for what it does the second.
 */
export class RedundantRules {
  /** Ids of the rules that can go, each with the packets that come to it and match: these end the same without it. */
  readonly redundant = new Map<number, Node>();
  /** The chains that were looked at, their rules in the order in which the first match decides. */
  readonly trees = new Map<ChainId, ChainTree>();
  private readonly bdd: Bdd;
  private readonly isDead: (rule: Rule) => boolean;
  private readonly single: ReadonlySet<ChainId>;
  private readonly unchanged = new Map<ChainId, RunOutcomes>();

  /** `isDead`: rules that match nothing in any direction or family, and can therefore go. */
  constructor(firewall: Firewall, reach: RuleReach, isDead: (rule: Rule) => boolean) {
    this.bdd = reach.space.bdd;
    this.isDead = isDead;
    this.single = enteredOnce(reach.stages, reach.trees);
    for (const stage of reach.stages) {
      const chain = firewall.chains.get(stage.chain);
      if (chain === undefined || !isSimple(firewall, chain)) continue;
      const trees = ruleTrees(firewall, [stage.chain], reach.context, {
        rulesOf: inOrderOfStrength,
        asWritten: false,
      });
      for (const [id, tree] of trees) this.trees.set(id, tree);
      const end = endsOf(chain.fallthrough) ?? [FALSE, FALSE, FALSE];
      this.chain(trees.get(chain.id)!, reach.seen.get(stage)!, end, end);
    }
  }

  private chain({ chain, tree }: ChainTree, packets: Node, after: Ends, back: Ends): RunOutcomes {
    if (tree === undefined) return goesOn;
    if (!this.single.has(chain.id)) return this.asItIs({ chain, tree });
    return this.run(tree, this.bdd.and(packets, tree.mayMatch), after, back);
  }

  /** The outcomes of a chain of which nothing may go. */
  private asItIs({ chain, tree }: ChainTree): RunOutcomes {
    let known = this.unchanged.get(chain.id);
    if (known === undefined) {
      const walk = (at: RuleTree): RunOutcomes =>
        at.kind === 'pair'
          ? composed(this.bdd, walk(at.left), walk(at.right))
          : outcomesOf(
              this.bdd,
              this.isDead(at.rule) ? optional(at) : at,
              at.callee === undefined ? undefined : this.asItIs(at.callee),
            );
      known = tree === undefined ? goesOn : walk(tree);
      this.unchanged.set(chain.id, known);
    }
    return known;
  }

  /**
   * `packets` may come to the run and match some rule of it; past the run they end as `after` says, and those that return from the chain
   * as `back` does. Gives the run's outcomes, whether or not the rules that can go are there.
   */
  private run(tree: RuleTree, packets: Node, after: Ends, back: Ends): RunOutcomes {
    const { bdd } = this;
    if (tree.kind === 'rule') return this.rule(tree, packets, after, back);
    const { left, right } = tree;
    const behind = bdd.and(bdd.diff(packets, left.mustStop), right.mayMatch);
    const second = this.run(right, behind, after, back);
    const here = bdd.and(packets, left.mayMatch);
    const first = this.run(left, here, within(bdd, before(bdd, second, after, back), here), back);
    return composed(bdd, first, second);
  }

  private rule(leaf: RuleLeaf, packets: Node, after: Ends, back: Ends): RunOutcomes {
    const inside = this.inside(leaf, packets, after, back);
    if (packets !== FALSE && !this.changesNothing(leaf, packets, after, back))
      return outcomesOf(this.bdd, leaf, inside);
    this.redundant.set(leaf.rule.id, packets);
    return outcomesOf(this.bdd, optional(leaf), inside);
  }

  private inside(
    { rule, callee }: RuleLeaf,
    packets: Node,
    after: Ends,
    back: Ends,
  ): RunOutcomes | undefined {
    if (callee === undefined) return undefined;
    const end = endsOf(callee.chain.fallthrough) ?? (rule.action.kind === 'goto' ? back : after);
    return this.chain(callee, packets, end, end);
  }

  /** Only verdicts and returns: a jump may log, a mark or a translation is an effect of its own, a queue is anybody's guess. */
  private changesNothing({ rule }: RuleLeaf, packets: Node, after: Ends, back: Ends): boolean {
    const { bdd } = this;
    const { kind } = rule.action;
    switch (kind) {
      case 'accept':
      case 'drop':
      case 'reject':
        return bdd.diff(packets, after[outcomes[kind]]) === FALSE;
      case 'return': {
        const same = bdd.orAll(after.map((set, v) => bdd.and(set, back[v]!)));
        return bdd.diff(packets, same) === FALSE;
      }
      default:
        return false;
    }
  }
}

/** A rule that may be there or not. */
function optional(leaf: RuleLeaf): RuleLeaf {
  return { ...leaf, mustMatch: FALSE };
}

/** First match over these is what the chain does; see `isSimple`. */
export function inOrderOfStrength(chain: Chain): readonly Rule[] {
  const rules = enabledRules(chain);
  if (chain.order !== 'last-match') return rules;
  return [
    ...rules.filter(({ quick }) => quick === true),
    ...rules.filter(({ quick }) => quick !== true).reverse(),
  ];
}

/** Nothing changes packets, and of pf no anchor: its verdicts are pending across chains. */
function isSimple(firewall: Firewall, chain: Chain): boolean {
  if (!decidesOnly(firewall, chain.id)) return false;
  return (
    chain.order !== 'last-match' ||
    chain.rules.every(({ action: { kind } }) => kind !== 'jump' && kind !== 'unknown')
  );
}

/** Chains that a packet of the entry point can come to by one stage and one chain of calls only. */
function enteredOnce(stages: readonly Stage[], trees: ReadonlyMap<ChainId, ChainTree>): ReadonlySet<ChainId> {
  const ways = new Map<ChainId, number>();
  const add = (id: ChainId, count: number): void =>
    void ways.set(id, Math.min(2, (ways.get(id) ?? 0) + count));
  for (const { chain } of stages) add(chain, 1);
  for (const [id, { chain }] of [...trees].reverse()) {
    for (const call of chainActions(chain).calls) add(call.chain, ways.get(id) ?? 0);
  }
  return new Set([...ways].filter(([, count]) => count === 1).map(([id]) => id));
}
