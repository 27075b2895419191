import type { Chain, ChainId, Firewall, Rule } from '../model/firewall.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import type { PacketSpace } from '../packets/packet-space.ts';
import type { Blocks } from './block.ts';
import { type Block, type Effect, EffectCollector, emptyBlock } from './block.ts';
import { chainOrder } from '../model/chain-order.ts';
import { enabledRules } from './enabled-rules.ts';
import { type ChangeContext, compileChanges } from './compile-change.ts';
import { compileMatch, type MatchContext } from './compile-match.ts';
import type { Substitutions } from './substitution.ts';

/** A chain's rules as a balanced tree of blocks, so that one can walk down to the rules that decided a packet. */
export type Tree =
  | { readonly kind: 'empty'; readonly block: Block }
  | {
      readonly kind: 'rule';
      readonly block: Block;
      readonly rule: Rule;
      readonly match: Node;
      readonly callee?: Tree;
    }
  | { readonly kind: 'pair'; readonly block: Block; readonly left: Tree; readonly right: Tree };

const emptyTree: Tree = { kind: 'empty', block: emptyBlock };

/** Values of the internal field `pending`: the verdict that a last-match chain holds so far. */
export const pendings = { none: 0, pass: 3, block: 2 } as const;

/** Summarises chains: each once, from the chains it calls, never path by path. */
export class ChainSummaries {
  private readonly trees = new Map<ChainId, Tree>();
  private readonly visited = new Set<ChainId>();
  private readonly firewall: Firewall;
  private readonly context: MatchContext & ChangeContext;
  private readonly substitutions: Substitutions;
  readonly blocks: Blocks;
  private readonly space: PacketSpace;
  private readonly backCalls: ReadonlySet<number>;

  constructor(
    firewall: Firewall,
    roots: readonly ChainId[],
    context: MatchContext & ChangeContext,
    substitutions: Substitutions,
    blocks: Blocks,
  ) {
    this.firewall = firewall;
    this.context = context;
    this.space = context.space;
    this.substitutions = substitutions;
    this.blocks = blocks;
    const order = chainOrder(firewall, roots);
    this.backCalls = order.backCalls;
    for (const id of order.calleesFirst) this.trees.set(id, this.treeOf(this.firewall.chains.get(id)!));
  }

  /** The chain's tree; a chain that is not there has none. */
  tree(id: ChainId): Tree | undefined {
    return this.trees.get(id);
  }

  private treeOf(chain: Chain): Tree {
    const rules = enabledRules(chain);
    const leaves: Tree[] = [];
    for (const rule of rules) {
      const leaf = this.leaf(rule, chain);
      if (leaf !== undefined) leaves.push(leaf);
    }
    return this.balanced(leaves, 0, leaves.length);
  }

  private balanced(leaves: readonly Tree[], from: number, to: number): Tree {
    if (from === to) return emptyTree;
    if (to - from === 1) return leaves[from]!;
    const middle = (from + to) >> 1;
    const left = this.balanced(leaves, from, middle);
    const right = this.balanced(leaves, middle, to);
    return { kind: 'pair', block: this.blocks.then(left.block, right.block), left, right };
  }

  /** Undefined for a rule that changes nothing for any packet. */
  private leaf(rule: Rule, chain: Chain): Tree | undefined {
    const { action } = rule;
    const ends = chain.order === 'last-match' && rule.quick === true;
    if (action.kind === 'continue' && !ends) return undefined;
    const match = compileMatch(rule.match, rule.id, this.context);
    if (match === FALSE) return undefined;
    const pending = chain.order === 'last-match' && !ends;
    switch (action.kind) {
      case 'continue':
        return { kind: 'rule', rule, match, block: this.changing(match, new Map(), 'final') };
      case 'accept':
        if (pending)
          return {
            kind: 'rule',
            rule,
            match,
            block: this.changing(match, this.pendingIs(pendings.pass), 'next'),
          };
        return { kind: 'rule', rule, match, block: { decided: match, accepted: match, returned: FALSE } };
      case 'drop':
      case 'reject':
        if (pending)
          return {
            kind: 'rule',
            rule,
            match,
            block: this.changing(match, this.pendingIs(pendings.block), 'next'),
          };
        return { kind: 'rule', rule, match, block: { decided: match, accepted: FALSE, returned: FALSE } };
      case 'return':
        return { kind: 'rule', rule, match, block: { decided: match, accepted: FALSE, returned: match } };
      case 'change': {
        // pf translates when the rule has won, so until then a `pass … rdr-to` is only a pending pass.
        const values =
          pending && action.then === 'accept'
            ? this.pendingIs(pendings.pass)
            : compileChanges(action.changes, rule.id, this.context);
        const outcome = action.then === 'accept' ? (pending ? 'next' : 'accept') : ends ? 'final' : 'next';
        return { kind: 'rule', rule, match, block: this.changing(match, values, outcome) };
      }
      case 'unknown':
        return {
          kind: 'rule',
          rule,
          match,
          block: this.unknown(match, rule, action.outcomes, action.reason),
        };
      case 'jump':
      case 'goto': {
        const tree = this.trees.get(action.chain);
        if (tree === undefined || this.backCalls.has(rule.id)) {
          const reason =
            tree === undefined
              ? `chain ${action.chain} is not in the input`
              : `chains jump in a circle at ${action.chain}`;
          return {
            kind: 'rule',
            rule,
            match,
            block: this.unknown(match, rule, ['accept', 'drop', 'continue'], reason),
          };
        }
        const callee = this.visit(action.chain, tree);
        const finished = this.withFallthrough(callee.block, this.firewall.chains.get(action.chain)!);
        const block = this.call(match, finished, action.kind === 'goto' ? 'return' : 'next', ends);
        return { kind: 'rule', rule, match, block, callee };
      }
    }
  }

  private pendingIs(value: number): Map<number, Node> {
    const [set, pass] = this.space.levelsOf('pending');
    return new Map([
      [set!, value >= 2 ? TRUE : FALSE],
      [pass!, value === pendings.pass ? TRUE : FALSE],
    ]);
  }

  private changing(
    match: Node,
    values: ReadonlyMap<number, Node>,
    outcome: 'accept' | 'next' | 'final',
  ): Block {
    const change = this.substitutions.of(values);
    if (outcome === 'next' && change === this.substitutions.identity) return emptyBlock;
    if (outcome === 'accept' && change === this.substitutions.identity)
      return { decided: match, accepted: match, returned: FALSE };
    const effects: Effect[] = [{ outcome, change, guard: match }];
    const others = this.space.bdd.not(match);
    if (others !== FALSE)
      effects.push({ outcome: 'next', change: this.substitutions.identity, guard: others });
    return { ...emptyBlock, effects };
  }

  private unknown(match: Node, rule: Rule, outcomes: readonly string[], reason: string): Block {
    const { bdd } = this.space;
    if (outcomes.length === 0) return emptyBlock;
    const guards = new Map<string, Node>();
    let rest = match;
    outcomes.forEach((outcome, i) => {
      const here =
        i === outcomes.length - 1
          ? rest
          : bdd.and(rest, bdd.variable(this.context.questions.ofVisit(reason, rule.id)));
      guards.set(outcome, here);
      rest = bdd.diff(rest, here);
    });
    const accepted = guards.get('accept') ?? FALSE;
    return { decided: bdd.or(accepted, guards.get('drop') ?? FALSE), accepted, returned: FALSE };
  }

  /**
   * `leaving`: what the caller does with packets that come back; with `ends` (pf's `anchor quick`), those for which a verdict inside
   * matched do not come back.
   */
  private call(match: Node, callee: Block, leaving: 'return' | 'next', ends: boolean): Block {
    const { bdd } = this.space;
    if (callee.effects === undefined) {
      const accepted = bdd.and(match, callee.accepted);
      const stopped = bdd.and(match, bdd.diff(callee.decided, callee.returned));
      if (leaving === 'next') return { decided: stopped, accepted, returned: FALSE };
      return { decided: match, accepted, returned: bdd.diff(match, stopped) };
    }
    const collected = new EffectCollector(this.space);
    for (const effect of callee.effects) {
      const settled = effect.outcome === 'accept' || effect.outcome === 'final';
      const held = ends && effect.change.values.has(this.space.levelsOf('pending')[0]!);
      const outcome = settled ? effect.outcome : held ? 'final' : leaving;
      collected.add({ ...effect, outcome, guard: bdd.and(match, effect.guard) });
    }
    collected.add({ outcome: 'next', change: this.substitutions.identity, guard: bdd.not(match) });
    return { ...emptyBlock, effects: collected.list() };
  }

  /** A called chain that ends with a verdict of its own gives it to what falls through. */
  private withFallthrough(block: Block, chain: Chain): Block {
    const { fallthrough } = chain;
    if (fallthrough.kind === 'return' || fallthrough.kind === 'continue') return block;
    const accepted = fallthrough.kind === 'accept' ? TRUE : FALSE;
    return this.blocks.then(block, { decided: TRUE, accepted, returned: FALSE });
  }

  /**
   * Questions that are asked anew each visit need variables of their own at each place a chain is called from: a rate limit
   * that let a packet pass once may stop it the next time.
   */
  private visit(id: ChainId, tree: Tree): Tree {
    if (!this.visited.has(id)) {
      this.visited.add(id);
      return tree;
    }
    const asked = new Set<number>();
    for (const node of this.nodesOf(tree.block)) {
      for (const level of this.space.bdd.support(node)) {
        if (level >= this.space.questionBase && this.context.questions.at(level)?.perVisit === true)
          asked.add(level);
      }
    }
    if (asked.size === 0) return tree;
    const renaming = new Map<number, Node>();
    for (const level of asked)
      renaming.set(level, this.space.bdd.variable(this.context.questions.again(level)));
    return this.renamed(tree, renaming, new Map());
  }

  private *nodesOf(block: Block): Iterable<Node> {
    if (block.effects === undefined) {
      yield block.decided;
      yield block.accepted;
      yield block.returned;
      return;
    }
    for (const effect of block.effects) {
      yield effect.guard;
      yield* effect.change.values.values();
    }
  }

  private renamed(tree: Tree, renaming: ReadonlyMap<number, Node>, memo: Map<Node, Node>): Tree {
    const of = (node: Node): Node => this.space.bdd.substitute(node, renaming, memo);
    const { block } = tree;
    const fresh: Block =
      block.effects === undefined
        ? { decided: of(block.decided), accepted: of(block.accepted), returned: of(block.returned) }
        : {
            ...emptyBlock,
            effects: block.effects.map((effect) => ({
              outcome: effect.outcome,
              guard: of(effect.guard),
              change: this.substitutions.of(
                new Map([...effect.change.values].map(([level, node]) => [level, of(node)])),
              ),
            })),
          };
    if (tree.kind === 'pair') {
      return {
        kind: 'pair',
        block: fresh,
        left: this.renamed(tree.left, renaming, memo),
        right: this.renamed(tree.right, renaming, memo),
      };
    }
    if (tree.kind === 'empty') return tree;
    const callee = tree.callee === undefined ? {} : { callee: this.renamed(tree.callee, renaming, memo) };
    return { ...tree, ...callee, block: fresh, match: of(tree.match) };
  }
}
