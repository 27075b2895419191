import type { Action } from '../model/action.ts';
import { type Bdd, FALSE, type Node, TRUE } from '../packets/bdd.ts';
import type { RuleLeaf } from './rule-tree.ts';

/** How a chain can end a packet's way, as indices into the sets below. */
export const outcomes = { accept: 0, drop: 1, reject: 2, return: 3 } as const;

/** Which packets surely end in accept, drop and reject. What is in none of them may end in several ways. */
export type Ends = readonly [accept: Node, drop: Node, reject: Node];

/**
 * What a run of rules does, by outcome: the packets that surely end so (`sure`), those that may end in another verdict (`other`), and
 * those that may return. What is left goes on. Runs compose without looking at what comes after them.
 */
export interface RunOutcomes {
  readonly sure: readonly Node[];
  readonly other: readonly Node[];
  readonly mayReturn: Node;
}

const none = [FALSE, FALSE, FALSE, FALSE] as const;

/** A run that lets everything go on. */
export const goesOn: RunOutcomes = { sure: none, other: none, mayReturn: FALSE };

/** `first`, then `second`. */
export function composed(bdd: Bdd, first: RunOutcomes, second: RunOutcomes): RunOutcomes {
  if (first === goesOn) return second;
  if (second === goesOn) return first;
  const leaves = (v: number): Node =>
    v === outcomes.return ? first.other[v]! : bdd.or(first.other[v]!, first.mayReturn);
  return {
    sure: none.map((_, v) => bdd.or(first.sure[v]!, bdd.diff(second.sure[v]!, leaves(v)))),
    other: none.map((_, v) => bdd.or(first.other[v]!, second.other[v]!)),
    mayReturn: bdd.or(first.mayReturn, second.mayReturn),
  };
}

/** Where packets end that come to the run, if those that go on end as `after` says and those that return as `back` does. */
export function before(bdd: Bdd, run: RunOutcomes, after: Ends, back: Ends): Ends {
  if (run === goesOn) return after;
  const returned = run.sure[outcomes.return]!;
  const end = (v: 0 | 1 | 2): Node => {
    const astray = bdd.or(run.other[v]!, bdd.diff(run.mayReturn, back[v]));
    return bdd.orAll([run.sure[v]!, bdd.diff(after[v], astray), bdd.and(back[v], returned)]);
  };
  return [end(0), end(1), end(2)];
}

export function within(bdd: Bdd, ends: Ends, packets: Node): Ends {
  return [bdd.and(ends[0], packets), bdd.and(ends[1], packets), bdd.and(ends[2], packets)];
}

/** Where packets end that a chain's own fallthrough decides; undefined where it gives them back to its caller. */
export function endsOf(fallthrough: Action): Ends | undefined {
  switch (fallthrough.kind) {
    case 'accept':
      return [TRUE, FALSE, FALSE];
    case 'drop':
      return [FALSE, TRUE, FALSE];
    case 'reject':
      return [FALSE, FALSE, TRUE];
    case 'return':
    case 'continue':
      return undefined;
    default:
      return [FALSE, FALSE, FALSE];
  }
}

/** The outcomes of one rule; `inside` are those of the chain it calls. */
export function outcomesOf(bdd: Bdd, leaf: RuleLeaf, inside: RunOutcomes | undefined): RunOutcomes {
  const { rule, mayMatch: may, mustMatch: must } = leaf;
  const { kind } = rule.action;
  const anything: RunOutcomes = { sure: none, other: [may, may, may, may], mayReturn: may };
  if (may === FALSE) return goesOn;
  switch (kind) {
    case 'continue':
      return goesOn;
    case 'accept':
    case 'drop':
    case 'reject':
      return {
        sure: none.map((_, v) => (v === outcomes[kind] ? must : FALSE)),
        other: none.map((_, v) => (v === outcomes[kind] ? FALSE : may)),
        mayReturn: FALSE,
      };
    case 'return':
      return { sure: [FALSE, FALSE, FALSE, must], other: none, mayReturn: may };
    case 'change':
    case 'unknown':
      return anything;
    case 'jump':
    case 'goto': {
      if (inside === undefined || leaf.callee === undefined) return anything;
      const own = endsOf(leaf.callee.chain.fallthrough);
      if (own !== undefined) return finished(bdd, leaf, inside, own);
      return kind === 'jump' ? jump(bdd, leaf, inside) : goTo(bdd, leaf, inside);
    }
  }
}

/** Back from the chain, packets go on. */
function jump(bdd: Bdd, { mayMatch, mustMatch }: RuleLeaf, inside: RunOutcomes): RunOutcomes {
  return {
    sure: none.map((_, v) => (v === outcomes.return ? FALSE : bdd.and(mustMatch, inside.sure[v]!))),
    other: none.map((_, v) => bdd.and(mayMatch, otherwise(bdd, inside, v))),
    mayReturn: FALSE,
  };
}

/** Back from the chain, packets leave this one too. */
function goTo(bdd: Bdd, { mayMatch, mustMatch }: RuleLeaf, inside: RunOutcomes): RunOutcomes {
  return {
    sure: none.map((_, v) =>
      v === outcomes.return
        ? bdd.diff(mustMatch, otherwise(bdd, inside, v))
        : bdd.and(mustMatch, inside.sure[v]!),
    ),
    other: none.map((_, v) => bdd.and(mayMatch, otherwise(bdd, inside, v))),
    mayReturn: mayMatch,
  };
}

/** A chain that ends with a verdict of its own, `ends`: nothing comes back. */
function finished(bdd: Bdd, { mayMatch, mustMatch }: RuleLeaf, inside: RunOutcomes, ends: Ends): RunOutcomes {
  const own = ends.indexOf(TRUE);
  return {
    sure: none.map((_, v) => {
      if (v === outcomes.return) return FALSE;
      return v === own ? bdd.diff(mustMatch, otherwise(bdd, inside, v)) : bdd.and(mustMatch, inside.sure[v]!);
    }),
    other: none.map((_, v) => (v === own ? bdd.and(mayMatch, otherwise(bdd, inside, v)) : mayMatch)),
    mayReturn: FALSE,
  };
}

/** Packets that may end in the chain in another verdict than this one, and not surely by returning. */
function otherwise(bdd: Bdd, inside: RunOutcomes, v: number): Node {
  return bdd.diff(bdd.diff(inside.other[v]!, inside.sure[outcomes.return]!), inside.sure[v]!);
}
