import type { Action, Change } from './action.ts';
import type { Chain, ChainId } from './firewall.ts';

export interface Call {
  /** The id of the rule that calls. */
  readonly rule: number;
  readonly chain: ChainId;
}

/** What the rules of a chain do, without their matches. */
export interface ChainActions {
  /** By enabled rules, in their order. */
  readonly calls: readonly Call[];
  /** Of enabled rules. */
  readonly kinds: ReadonlySet<Action['kind']>;
  /** Some enabled rule is quick and has no verdict. */
  readonly quickWithoutVerdict: boolean;
  /** What rules change, enabled or not. */
  readonly changes: ReadonlySet<Change['kind']>;
  /** What rules jump or go to, enabled or not. */
  readonly called: ReadonlySet<ChainId>;
}

const known = new WeakMap<Chain, ChainActions>();

/** Looks at each chain once: of large ones many questions are asked that need no match. */
export function chainActions(chain: Chain): ChainActions {
  let actions = known.get(chain);
  if (actions === undefined) known.set(chain, (actions = actionsOf(chain)));
  return actions;
}

function actionsOf({ rules }: Chain): ChainActions {
  const calls: Call[] = [];
  const kinds = new Set<Action['kind']>();
  const changes = new Set<Change['kind']>();
  const called = new Set<ChainId>();
  let quickWithoutVerdict = false;
  let last: Action | undefined;
  for (const { id, action, enabled, quick } of rules) {
    if (action.kind === 'change') for (const change of action.changes) changes.add(change.kind);
    const isCall = action.kind === 'jump' || action.kind === 'goto';
    if (isCall) called.add(action.chain);
    if (!enabled) continue;
    if (action !== last) kinds.add(action.kind);
    last = action;
    if (isCall) calls.push({ rule: id, chain: action.chain });
    else if (action.kind === 'continue' && quick === true) quickWithoutVerdict = true;
  }
  return { calls, kinds, quickWithoutVerdict, changes, called };
}
