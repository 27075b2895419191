import type { Chain, ChainId, Firewall, Rule } from '../model/firewall.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import { type DecisionEntry, DecisionLists } from '../packets/decision-list.ts';
import { chainOrder } from '../model/chain-order.ts';
import { compileTests, type MatchContext } from './compile-match.ts';

/** What a leaf of a chain's diagram says. */
export type LeafMeaning =
  | { readonly kind: 'pass' | 'return' | 'drop' }
  /** `pending`: a last-match chain's verdict so far, which a later match would replace. */
  | { readonly kind: 'accept'; readonly rule: Rule; readonly pending: boolean }
  | { readonly kind: 'block'; readonly rule: Rule };

/** Leaf values below this are no rule's: pass, drop, and a return for each chain. */
const FIRST_RULE_LEAF = 2 ** 24;

/** Rules are built in runs of this many, runs in groups of that many: few enough to stay cheap, enough to share much. */
const RUN = 512;
const GROUP = 32;

/**
 * Chains whose rules change no packet, each as one diagram whose leaves name the deciding rule. Built from decision lists as a whole,
 * so that no intermediate sets are made; the diagram answers both what is accepted and by which rule.
 */
export class ChainDecisions {
  private readonly diagrams = new Map<ChainId, Node>();
  private readonly visited = new Set<ChainId>();
  private readonly meanings = new Map<Node, LeafMeaning>();
  private readonly firewall: Firewall;
  private readonly context: MatchContext;
  private readonly lists: DecisionLists;
  private readonly pass: Node;
  private readonly dropped: Node;
  private readonly returns = new Map<ChainId, Node>();
  private readonly backCalls: ReadonlySet<number>;

  constructor(firewall: Firewall, roots: readonly ChainId[], context: MatchContext) {
    this.firewall = firewall;
    this.context = context;
    const { bdd } = context.space;
    this.pass = bdd.leaf(0);
    this.dropped = bdd.leaf(1);
    this.meanings.set(this.pass, { kind: 'pass' });
    this.meanings.set(this.dropped, { kind: 'drop' });
    this.lists = new DecisionLists(bdd, this.pass);
    const order = chainOrder(firewall, roots);
    this.backCalls = order.backCalls;
    for (const id of order.calleesFirst) this.diagrams.set(id, this.diagramOf(firewall.chains.get(id)!));
  }

  diagram(id: ChainId): Node | undefined {
    return this.diagrams.get(id);
  }

  meaning(leaf: Node): LeafMeaning {
    return this.meanings.get(leaf)!;
  }

  private acceptedBy(rule: Rule, pending: boolean): Node {
    const leaf = this.context.space.bdd.leaf(FIRST_RULE_LEAF + rule.id * 3 + (pending ? 1 : 0));
    this.meanings.set(leaf, { kind: 'accept', rule, pending });
    return leaf;
  }

  private blockedBy(rule: Rule): Node {
    const leaf = this.context.space.bdd.leaf(FIRST_RULE_LEAF + rule.id * 3 + 2);
    this.meanings.set(leaf, { kind: 'block', rule });
    return leaf;
  }

  private returnOf(id: ChainId): Node {
    let leaf = this.returns.get(id);
    if (leaf === undefined) {
      leaf = this.context.space.bdd.leaf(2 + this.returns.size);
      this.returns.set(id, leaf);
      this.meanings.set(leaf, { kind: 'return' });
      this.lists.addReturn(leaf);
    }
    return leaf;
  }

  private diagramOf(chain: Chain): Node {
    const ownReturn = this.returnOf(chain.id);
    const rules = chain.rules.filter((rule) => rule.enabled);
    if (chain.order === 'block-wins') rules.sort((a, b) => strength(a) - strength(b));
    if (chain.order !== 'last-match')
      return this.fold(
        rules.flatMap((rule) => this.entries(rule, false, ownReturn)),
        ownReturn,
      );
    // The first quick match ends it; without one the last match counts. So: quick ones in order, then the others from the end.
    const quick: DecisionEntry[] = [];
    const slow: (readonly DecisionEntry[])[] = [];
    for (const rule of rules) {
      const entries = this.entries(rule, true, ownReturn);
      for (const { tests, outcome } of entries) {
        const [final, pending] = this.separated(outcome);
        if (final !== this.pass) quick.push({ tests, outcome: final });
        if (pending !== this.pass) slow.push([{ tests, outcome: pending }]);
      }
    }
    return this.fold([...quick, ...slow.reverse().flat()], ownReturn);
  }

  /** A last-match outcome as what is final and what is only pending. */
  private separated(outcome: Node): readonly [final: Node, pending: Node] {
    const { bdd } = this.context.space;
    const isPending = (leaf: Node): boolean => {
      const meaning = this.meaning(leaf);
      return meaning.kind === 'block' || (meaning.kind === 'accept' && meaning.pending);
    };
    return [
      bdd.replaceLeaves(outcome, (leaf) => (isPending(leaf) ? this.pass : leaf)),
      bdd.replaceLeaves(outcome, (leaf) => (isPending(leaf) ? leaf : this.pass)),
    ];
  }

  /** Long lists in runs, so that what most rules share is not carried through every branch. */
  private fold(entries: readonly DecisionEntry[], ownReturn: Node): Node {
    if (entries.length <= RUN) return this.lists.build(entries, ownReturn);
    let diagrams: Node[] = [];
    for (let i = 0; i < entries.length; i += RUN)
      diagrams.push(this.lists.build(entries.slice(i, i + RUN), ownReturn));
    while (diagrams.length > 1) {
      const next: Node[] = [];
      for (let i = 0; i < diagrams.length; i += GROUP) {
        const group = diagrams.slice(i, i + GROUP).map((outcome) => ({ tests: [], outcome }));
        next.push(this.lists.build(group, ownReturn));
      }
      diagrams = next;
    }
    return diagrams[0]!;
  }

  private entries(rule: Rule, lastMatch: boolean, ownReturn: Node): readonly DecisionEntry[] {
    const { action } = rule;
    const ends = lastMatch && rule.quick === true;
    if (action.kind === 'continue') return [];
    const tests = compileTests(rule.match, rule.id, this.context);
    if (tests[0] === FALSE) return [];
    switch (action.kind) {
      case 'accept':
        return [{ tests, outcome: this.acceptedBy(rule, lastMatch && !ends) }];
      case 'drop':
      case 'reject':
        return [{ tests, outcome: lastMatch && !ends ? this.blockedBy(rule) : this.dropped }];
      case 'return':
        return [{ tests, outcome: ownReturn }];
      case 'unknown':
        return this.unknown(tests, rule, action.outcomes, action.reason);
      case 'change':
        throw new Error('a chain that changes packets is no decision list');
      case 'jump':
      case 'goto': {
        const diagram = this.diagrams.get(action.chain);
        if (diagram === undefined || this.backCalls.has(rule.id)) {
          const reason =
            diagram === undefined
              ? `chain ${action.chain} is not in the input`
              : `chains jump in a circle at ${action.chain}`;
          return this.unknown(tests, rule, ['accept', 'drop', 'continue'], reason);
        }
        const callee = this.finished(
          this.visit(action.chain, diagram),
          this.firewall.chains.get(action.chain)!,
        );
        const outcome = this.called(callee, action.kind === 'goto', ends, ownReturn);
        const { bdd } = this.context.space;
        const guard = tests.reduceRight((below, test) => bdd.and(test, below), TRUE);
        return [{ tests: [], outcome: bdd.keepWhere(guard, outcome, this.pass) }];
      }
    }
  }

  private unknown(
    tests: readonly Node[],
    rule: Rule,
    outcomes: readonly string[],
    reason: string,
  ): readonly DecisionEntry[] {
    const { bdd } = this.context.space;
    return outcomes.flatMap((outcome, i): DecisionEntry[] => {
      if (outcome === 'continue') return [];
      const asked =
        i === outcomes.length - 1 ? [] : [bdd.variable(this.context.questions.ofVisit(reason, rule.id))];
      return [
        {
          tests: [...tests, ...asked],
          outcome: outcome === 'accept' ? this.acceptedBy(rule, false) : this.dropped,
        },
      ];
    });
  }

  /** A called chain that ends with a verdict of its own gives it to what falls through. */
  private finished(diagram: Node, chain: Chain): Node {
    const { kind } = chain.fallthrough;
    if (kind !== 'drop' && kind !== 'reject') return diagram;
    return this.context.space.bdd.replaceLeaves(diagram, (leaf) =>
      leaf === this.pass ? this.dropped : leaf,
    );
  }

  private called(diagram: Node, goesTo: boolean, ends: boolean, ownReturn: Node): Node {
    const { bdd } = this.context.space;
    // A jump needs no change: lists read the returns of other chains as going on.
    if (!goesTo && !ends) return diagram;
    return bdd.replaceLeaves(diagram, (leaf) => {
      const meaning = this.meaning(leaf);
      if (meaning.kind === 'return' || meaning.kind === 'pass') return goesTo ? ownReturn : this.pass;
      if (ends && meaning.kind === 'block') return this.dropped;
      if (ends && meaning.kind === 'accept') return this.acceptedBy(meaning.rule, false);
      return leaf;
    });
  }

  /** See `ChainSummaries.visit`: questions asked anew each visit get variables of their own from the second call on. */
  private visit(id: ChainId, diagram: Node): Node {
    if (!this.visited.has(id)) {
      this.visited.add(id);
      return diagram;
    }
    const { bdd, questionBase } = this.context.space;
    const renamed = new Map<number, Node>();
    for (const level of bdd.support(diagram)) {
      if (level >= questionBase && this.context.questions.at(level)?.perVisit === true) {
        renamed.set(level, bdd.variable(this.context.questions.again(level)));
      }
    }
    if (renamed.size === 0) return diagram;
    const memo = new Map<Node, Node>();
    const walk = (node: Node): Node => {
      if (bdd.isLeaf(node)) return node;
      let result = memo.get(node);
      if (result === undefined) {
        const variable = renamed.get(bdd.levelOf(node)) ?? bdd.variable(bdd.levelOf(node));
        result = bdd.chooseLeaves(variable, walk(bdd.highOf(node)), walk(bdd.lowOf(node)));
        memo.set(node, result);
      }
      return result;
    };
    return walk(diagram);
  }
}

/** Windows: authenticated bypass over block over allow (MS-GPFAS; Windows Firewall rule precedence). */
export function strength(rule: Rule): number {
  if (rule.bypass === true) return 0;
  return rule.action.kind === 'drop' || rule.action.kind === 'reject' ? 1 : 2;
}

/** The chain and all it calls change no packet, and end in nothing but a verdict or a return. */
export function decidesOnly(firewall: Firewall, root: ChainId): boolean {
  const found = new Set([root]);
  for (const id of found) {
    const chain = firewall.chains.get(id);
    if (chain === undefined) continue;
    if (id !== root && chain.fallthrough.kind === 'accept') return false;
    // A pending verdict means nothing to a chain of another order.
    if ((chain.order === 'last-match') !== (firewall.chains.get(root)?.order === 'last-match')) return false;
    for (const { action, enabled, quick } of chain.rules) {
      if (!enabled) continue;
      if (action.kind === 'change') return false;
      // A quick rule without a verdict ends with whatever is pending, which a list cannot say.
      if (action.kind === 'continue' && quick === true && chain.order === 'last-match') return false;
      if (action.kind === 'return' && chain.order === 'last-match') return false;
      if (action.kind === 'goto' && chain.order === 'last-match') return false;
      if (action.kind === 'jump' || action.kind === 'goto') found.add(action.chain);
    }
  }
  return true;
}
