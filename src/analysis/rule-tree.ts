import { chainOrder } from '../model/chain-order.ts';
import type { Chain, ChainId, Firewall, Rule } from '../model/firewall.ts';
import { FALSE, MAX_LEVEL, type Node, TRUE } from '../packets/bdd.ts';
import { compileMatch, type MatchContext } from './compile-match.ts';

/**
 * What a run of rules takes from the packets that reach it. Every set errs on one side, so that what they say of a rule without effect
 * holds whatever the open questions answer: `may…` is a superset, `must…` a subset.
 */
export interface RunSets {
  /** Packets that some rule of the run may match. */
  readonly mayMatch: Node;
  /** Packets that surely go no further: a verdict, a return, a goto. */
  readonly mustStop: Node;
  readonly mayAccept: Node;
  readonly mayReturn: Node;
  /** No rule of it, nor of a chain it calls, changes packets. */
  readonly pure: boolean;
  /** The places of its rules in the chain, from 0. */
  readonly first: number;
  readonly last: number;
}

export interface RuleLeaf extends RunSets {
  readonly kind: 'rule';
  readonly rule: Rule;
  /** Packets that the rule matches whatever the answers to questions of its own (limits). */
  readonly mustMatch: Node;
  /** Its verdict is the last word of its chain. False for pf without `quick`. */
  readonly final: boolean;
  readonly lastMatch: boolean;
  /** The chain it calls, where that is in the input and no circle. */
  readonly callee?: ChainTree;
}

export interface RulePair extends RunSets {
  readonly kind: 'pair';
  readonly left: RuleTree;
  readonly right: RuleTree;
}

/** Rules in the order in which they are looked at, halved and halved again. */
export type RuleTree = RuleLeaf | RulePair;

export interface ChainTree {
  readonly chain: Chain;
  /** Undefined for a chain without rules. */
  readonly tree: RuleTree | undefined;
}

export interface TreeOptions {
  /** The rules to build a chain's tree from, in the order in which they are looked at. */
  readonly rulesOf: (chain: Chain) => readonly Rule[];
  /** pf's rules in their written order, where a verdict without `quick` is only pending. */
  readonly asWritten: boolean;
}

/** The trees of all chains that the roots reach, callees before callers: each chain once, whoever calls it. */
export function ruleTrees(
  firewall: Firewall,
  roots: readonly ChainId[],
  context: MatchContext,
  options: TreeOptions,
): ReadonlyMap<ChainId, ChainTree> {
  return new Builder(firewall, roots, context, options).trees;
}

class Builder {
  readonly trees = new Map<ChainId, ChainTree>();
  private readonly context: MatchContext;
  private readonly options: TreeOptions;
  private readonly backCalls: ReadonlySet<number>;
  /** What an export of Windows hides (ports, addresses) is one question for all its rules, and yet may differ from rule to rule. */
  private readonly ownQuestions: boolean;

  constructor(firewall: Firewall, roots: readonly ChainId[], context: MatchContext, options: TreeOptions) {
    this.context = context;
    this.options = options;
    this.ownQuestions = firewall.format === 'windows';
    const order = chainOrder(firewall, roots);
    this.backCalls = order.backCalls;
    for (const id of order.calleesFirst) {
      const chain = firewall.chains.get(id);
      if (chain === undefined) continue;
      const leaves = options.rulesOf(chain).map((rule, at) => this.leaf(rule, at, chain));
      this.trees.set(id, { chain, tree: this.balanced(leaves, 0, leaves.length) });
    }
  }

  private balanced(leaves: readonly RuleLeaf[], from: number, to: number): RuleTree | undefined {
    if (from === to) return undefined;
    if (to - from === 1) return leaves[from];
    const middle = (from + to) >> 1;
    return this.pair(this.balanced(leaves, from, middle)!, this.balanced(leaves, middle, to)!);
  }

  private pair(left: RuleTree, right: RuleTree): RulePair {
    const { bdd } = this.context.space;
    const { mustStop } = left;
    return {
      kind: 'pair',
      left,
      right,
      pure: left.pure && right.pure,
      first: left.first,
      last: right.last,
      mayMatch: bdd.or(left.mayMatch, right.mayMatch),
      mustStop: bdd.or(mustStop, right.mustStop),
      mayAccept: bdd.or(left.mayAccept, bdd.diff(right.mayAccept, mustStop)),
      mayReturn: bdd.or(left.mayReturn, bdd.diff(right.mayReturn, mustStop)),
    };
  }

  private leaf(rule: Rule, at: number, chain: Chain): RuleLeaf {
    const { bdd } = this.context.space;
    const match = compileMatch(rule.match, rule.id, this.context);
    const [mayMatch, mustMatch] = this.bounds(match);
    const lastMatch = this.options.asWritten && chain.order === 'last-match';
    const final = !lastMatch || rule.quick === true;
    const nothing = {
      kind: 'rule',
      rule,
      mayMatch,
      mustMatch,
      final,
      lastMatch,
      mustStop: FALSE,
      mayAccept: FALSE,
      mayReturn: FALSE,
      pure: true,
      first: at,
      last: at,
    } as const;
    const { action } = rule;
    switch (action.kind) {
      case 'continue':
        return lastMatch && final ? { ...nothing, mustStop: mustMatch } : nothing;
      case 'accept':
        return { ...nothing, mustStop: final ? mustMatch : FALSE, mayAccept: mayMatch };
      case 'drop':
      case 'reject':
        return { ...nothing, mustStop: final ? mustMatch : FALSE };
      case 'return':
        return { ...nothing, mustStop: mustMatch, mayReturn: mayMatch };
      case 'change':
        return { ...nothing, pure: false };
      case 'unknown':
        return {
          ...nothing,
          mustStop: action.outcomes.includes('continue') || !final ? FALSE : mustMatch,
          mayAccept: action.outcomes.includes('accept') ? mayMatch : FALSE,
        };
      case 'jump':
      case 'goto': {
        const callee = this.backCalls.has(rule.id) ? undefined : this.trees.get(action.chain);
        if (callee === undefined) return { ...nothing, mayAccept: mayMatch };
        const inside = callee.tree;
        const { fallthrough } = callee.chain;
        const comesBack = fallthrough.kind === 'return' || fallthrough.kind === 'continue';
        const settled = inside === undefined ? FALSE : bdd.diff(inside.mustStop, inside.mayReturn);
        const gone = comesBack ? settled : TRUE;
        const byPolicy = comesBack || fallthrough.kind === 'drop' || fallthrough.kind === 'reject';
        const accepted = bdd.or(inside?.mayAccept ?? FALSE, byPolicy ? FALSE : bdd.not(settled));
        return {
          ...nothing,
          callee,
          pure: inside?.pure ?? true,
          mustStop: action.kind === 'goto' ? mustMatch : bdd.and(mustMatch, gone),
          mayAccept: bdd.and(mayMatch, accepted),
          mayReturn: action.kind === 'goto' ? bdd.diff(mayMatch, gone) : FALSE,
        };
      }
    }
  }

  /** The match with questions that each rule asks for itself (limits) answered either way: some answer may do, all must. */
  private bounds(match: Node): readonly [may: Node, must: Node] {
    const { space, questions } = this.context;
    const { bdd } = space;
    if (!bdd.tests(match, space.questionBase, MAX_LEVEL)) return [match, match];
    const anew = (level: number): boolean =>
      level >= space.questionBase && (this.ownQuestions || questions.at(level)?.perVisit === true);
    return [bdd.exists(match, anew), bdd.forAll(match, anew)];
  }
}
