import type { Chain, ChainId, EntryPoint, Firewall, Rule } from '../model/firewall.ts';
import { FALSE, type Node, TooComplex } from '../packets/bdd.ts';
import { type Deciding, decidingRules } from './deciding-rules.ts';
import { RedundantRules } from './redundant-rules.ts';
import { RuleReach } from './rule-reach.ts';
import type { ChainTree, RuleLeaf, RuleTree } from './rule-tree.ts';

/** A written rule without effect, as the model's rules that were made from it. */
export type UselessRule = UselessKind & {
  readonly rules: readonly Rule[];
  readonly chain: Chain;
};

type UselessKind =
  /** Matches no packet: `match`: its tests exclude each other; `chain`: no packet enters its chain; `entering`: those that do match none of it. */
  | { readonly kind: 'dead'; readonly why: 'match' | 'chain' | 'entering' }
  /** Other rules decide all its packets. Without a list: packets change on their way, so that nobody in particular does. */
  | { readonly kind: 'shadowed'; readonly by: readonly Rule[] }
  /** Its packets end the same without it: by these rules, or by the policy of `policyOf`. */
  | { readonly kind: 'redundant'; readonly by: readonly Rule[]; readonly policyOf?: Chain };

export interface UselessRules {
  readonly rules: readonly UselessRule[];
  /** Entry points whose sets outgrew the ceiling; nothing that they reach is called useless. */
  readonly tooComplex: readonly { readonly entry: EntryPoint; readonly message: string }[];
}

/**
 * The rules of a firewall that could be deleted, any of them or all, without any packet of any direction ending otherwise. Exact where
 * no rule changes packets; elsewhere, and where open questions decide, a rule is kept in doubt.
 */
export function uselessRules(firewall: Firewall, maxNodes: number): UselessRules {
  return new Search(firewall, maxNodes).found();
}

class Search {
  private readonly firewall: Firewall;
  private readonly reaches: RuleReach[] = [];
  private readonly tooComplex: { readonly entry: EntryPoint; readonly message: string }[] = [];
  /** Chains of which nothing is said. */
  private readonly unknown: Set<ChainId>;
  private readonly written: readonly Written[];

  constructor(firewall: Firewall, maxNodes: number) {
    this.firewall = firewall;
    this.unknown = withoutHook(firewall);
    for (const entry of firewall.entries) {
      try {
        this.reaches.push(new RuleReach(firewall, entry, maxNodes));
      } catch (error) {
        if (!(error instanceof TooComplex)) throw error;
        this.tooComplex.push({ entry, message: error.message });
        for (const id of reachable(
          firewall,
          entry.stages.map(({ chain }) => chain),
        ))
          this.unknown.add(id);
      }
    }
    this.written = writtenRules(firewall).filter(({ members }) =>
      members.every(({ chain }) => !this.unknown.has(chain.id)),
    );
  }

  found(): UselessRules {
    if (this.reaches.every(({ stages }) => stages.length === 0))
      return { rules: [], tooComplex: this.tooComplex };
    const dead = this.written.filter(({ members }) =>
      members.every(({ rule }) => this.reaches.every((reach) => !reach.reached.has(rule.id))),
    );
    const gone = new Set(dead.flatMap(({ members }) => members.map(({ rule }) => rule.id)));
    return {
      rules: [...dead.map((one) => this.whyDead(one)), ...this.redundant(gone)].sort(
        (a, b) => a.rules[0]!.id - b.rules[0]!.id,
      ),
      tooComplex: this.tooComplex,
    };
  }

  private whyDead({ members }: Written): UselessRule {
    const rules = members.map(({ rule }) => rule);
    const reasons = members.flatMap(({ rule, chain }) =>
      this.reaches.map((reach) => ({ chain, why: whyNotReached(reach, rule, chain) })),
    );
    const shadowed = reasons.find(({ why }) => typeof why === 'object');
    if (shadowed !== undefined && typeof shadowed.why === 'object')
      return { kind: 'shadowed', by: shadowed.why.rules, rules, chain: shadowed.chain };
    for (const why of ['entering', 'match'] as const) {
      const found = reasons.find((reason) => reason.why === why);
      if (found !== undefined) return { kind: 'dead', why, rules, chain: found.chain };
    }
    return { kind: 'dead', why: 'chain', rules, chain: members[0]!.chain };
  }

  /** What can go besides the dead rules: what every direction and family that comes to it can do without. */
  private redundant(dead: ReadonlySet<number>): readonly UselessRule[] {
    const answers = this.reaches.map((reach) => ({
      reach,
      answer: new RedundantRules(this.firewall, reach, ({ id }) => dead.has(id)),
    }));
    const canGo = ({ rule, chain }: Written['members'][number]): boolean =>
      answers.every(({ reach, answer }) => !reach.trees.has(chain.id) || answer.redundant.has(rule.id));
    const found = this.written.filter(
      ({ members }) =>
        !members.every(({ rule }) => dead.has(rule.id)) &&
        members.every((member) => dead.has(member.rule.id) || canGo(member)),
    );
    const gone = new Set([...dead, ...found.flatMap(({ members }) => members.map(({ rule }) => rule.id))]);
    return found.map((one) => describe(one, answers, ({ id }) => !gone.has(id)));
  }
}

interface Answer {
  readonly reach: RuleReach;
  readonly answer: RedundantRules;
}

function describe(
  { members }: Written,
  answers: readonly Answer[],
  isThere: (rule: Rule) => boolean,
): UselessRule {
  const rules = members.map(({ rule }) => rule);
  let idle: UselessRule | undefined;
  for (const { rule, chain } of members) {
    for (const { reach, answer } of answers) {
      const packets = answer.redundant.get(rule.id);
      const tree = answer.trees.get(chain.id)?.tree;
      if (packets === undefined || tree === undefined) continue;
      const leaf = leafOf(tree, rule.id);
      if (leaf === undefined) continue;
      if (packets === FALSE) {
        if (leaf.mayMatch === FALSE || idle !== undefined) continue;
        const all = reach.space.bdd.and(reach.entered.get(chain.id) ?? FALSE, leaf.mayMatch);
        const { rules: by } = decidingRules(reach.space.bdd, tree, all, [0, leaf.first - 1]);
        idle = { kind: 'shadowed', by, rules, chain };
        continue;
      }
      return {
        kind: 'redundant',
        rules,
        chain,
        ...decidersAfter(reach, answer.trees, leaf, chain, packets, isThere),
      };
    }
  }
  return idle ?? { kind: 'shadowed', by: [], rules, chain: members[0]!.chain };
}

/** Who decides the packets of a rule once it is gone: rules further down, in its own chain and then in those that called it. */
function decidersAfter(
  reach: RuleReach,
  trees: ReadonlyMap<ChainId, ChainTree>,
  leaf: RuleLeaf,
  chain: Chain,
  packets: Node,
  isThere: (rule: Rule) => boolean,
): { readonly by: readonly Rule[]; readonly policyOf?: Chain } {
  const { bdd } = reach.space;
  const found: Rule[] = [];
  let at = { chain, place: leaf.first };
  let left = packets;
  for (;;) {
    const tree = trees.get(at.chain.id)?.tree;
    if (tree !== undefined) {
      const deciding: Deciding = decidingRules(bdd, tree, left, [at.place + 1, tree.last], isThere);
      found.push(...deciding.rules);
      left = deciding.left;
    }
    if (left === FALSE || found.length > 3) return { by: found };
    const { kind } = at.chain.fallthrough;
    const caller = kind === 'return' || kind === 'continue' ? callOf(at.chain.id, trees) : undefined;
    if (caller === undefined) return { by: found, policyOf: at.chain };
    at = caller;
  }
}

/** The one call of a chain that is entered once; after a goto its caller's own call. */
function callOf(
  id: ChainId,
  trees: ReadonlyMap<ChainId, ChainTree>,
): { readonly chain: Chain; readonly place: number } | undefined {
  for (const { chain, tree } of trees.values()) {
    if (tree === undefined) continue;
    const call = chain.rules.find(
      ({ action, enabled }) =>
        enabled && (action.kind === 'jump' || action.kind === 'goto') && action.chain === id,
    );
    const leaf = call === undefined ? undefined : leafOf(tree, call.id);
    if (leaf === undefined) continue;
    return { chain, place: call?.action.kind === 'goto' ? tree.last : leaf.first };
  }
  return undefined;
}

function whyNotReached(
  reach: RuleReach,
  rule: Rule,
  chain: Chain,
): 'match' | 'chain' | 'entering' | Deciding | undefined {
  const tree = reach.trees.get(chain.id)?.tree;
  const entered = reach.entered.get(chain.id) ?? FALSE;
  if (tree === undefined || entered === FALSE) return 'chain';
  const leaf = leafOf(tree, rule.id);
  if (leaf === undefined) return undefined;
  if (leaf.mayMatch === FALSE) return 'match';
  const { bdd } = reach.space;
  const packets = bdd.and(entered, leaf.mayMatch);
  if (packets === FALSE) return tree.pure ? 'entering' : { rules: [], left: FALSE };
  return tree.pure ? decidingRules(bdd, tree, packets, [0, leaf.first - 1]) : { rules: [], left: FALSE };
}

function leafOf(tree: RuleTree, id: number): RuleLeaf | undefined {
  let leaves = leavesById.get(tree);
  if (leaves === undefined) {
    leaves = new Map<number, RuleLeaf>();
    const stack = [tree];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (next.kind === 'rule') leaves.set(next.rule.id, next);
      else stack.push(next.left, next.right);
    }
    leavesById.set(tree, leaves);
  }
  return leaves.get(id);
}

const leavesById = new WeakMap<RuleTree, Map<number, RuleLeaf>>();

interface Written {
  readonly members: readonly { readonly rule: Rule; readonly chain: Chain }[];
}

/** The enabled rules by where they are written: what one line was made into can only go together. */
function writtenRules(firewall: Firewall): readonly Written[] {
  const found = new Map<string, { rule: Rule; chain: Chain }[]>();
  for (const chain of firewall.chains.values()) {
    for (const rule of chain.rules) {
      if (!rule.enabled) continue;
      const key = `${rule.span.source}:${rule.span.start}:${rule.span.end}`;
      const members = found.get(key);
      if (members === undefined) found.set(key, [{ rule, chain }]);
      else members.push({ rule, chain });
    }
  }
  return [...found.values()].map((members) => ({ members }));
}

/**
 * Base chains that no entry point meets (a bridge's, ARP's) and all that they call: packets that the model does not know go there. A base
 * chain has a policy; a chain that ends with a return waits to be called.
 */
function withoutHook(firewall: Firewall): Set<ChainId> {
  const hooked = new Set(firewall.entries.flatMap(({ stages }) => stages.map(({ chain }) => chain)));
  const called = new Set<ChainId>();
  for (const { rules } of firewall.chains.values()) {
    for (const { action } of rules)
      if (action.kind === 'jump' || action.kind === 'goto') called.add(action.chain);
  }
  const roots = [...firewall.chains.values()].filter(
    ({ id, fallthrough: { kind } }) =>
      !hooked.has(id) && !called.has(id) && kind !== 'return' && kind !== 'continue',
  );
  return new Set(
    reachable(
      firewall,
      roots.map(({ id }) => id),
    ),
  );
}

function reachable(firewall: Firewall, roots: readonly ChainId[]): ReadonlySet<ChainId> {
  const found = new Set(roots);
  for (const id of found) {
    for (const { action } of firewall.chains.get(id)?.rules ?? [])
      if (action.kind === 'jump' || action.kind === 'goto') found.add(action.chain);
  }
  return found;
}
