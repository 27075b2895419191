import type { Rule } from '../model/firewall.ts';
import { type Bdd, FALSE, type Node } from '../packets/bdd.ts';
import type { RuleTree } from './rule-tree.ts';

/** More than this nobody reads. */
const MOST = 16;

export interface Deciding {
  /** In the order in which they are met. Rules of called chains are named themselves, not the call. */
  readonly rules: readonly Rule[];
  /** The packets that none of them surely stops. */
  readonly left: Node;
}

/** Which rules at the places `from` to `to` (inclusive) of a chain surely stop some of the packets. Only for rules that change none. */
export function decidingRules(
  bdd: Bdd,
  tree: RuleTree,
  packets: Node,
  [from, to]: readonly [from: number, to: number],
  isThere: (rule: Rule) => boolean = () => true,
): Deciding {
  const rules = new Set<Rule>();
  const walk = (at: RuleTree, met: Node, whole: boolean): Node => {
    if (!whole && (at.last < from || at.first > to)) return met;
    const inside = whole || (at.first >= from && at.last <= to);
    if (rules.size >= MOST || bdd.and(met, at.mustStop) === FALSE) return met;
    if (at.kind === 'pair') return walk(at.right, walk(at.left, met, inside), inside);
    const { rule, callee } = at;
    if (!isThere(rule)) return met;
    const before = rules.size;
    if (callee?.tree !== undefined) walk(callee.tree, bdd.and(met, at.mustStop), true);
    // A chain that ends with a verdict of its own: the call decides.
    if (rules.size === before) rules.add(rule);
    return bdd.diff(met, at.mustStop);
  };
  const left = walk(tree, packets, false);
  return { rules: [...rules], left };
}
