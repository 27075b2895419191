import { type RuleShape, ShapedRule } from '../../../grammars/nftables/shaped-rule.ts';
import type {
  Expression,
  RuleSyntax,
  SetElementSyntax,
  Statement,
} from '../../../grammars/nftables/syntax.ts';
import { all, and, type Match, none, not, or } from '../../model/match.ts';
import type { ChainState, TableState } from './ruleset-state.ts';
import { priorityOf } from './priorities.ts';

/** Where a chain runs, seen from the kernel's connection look-up; `either` where packets come both ways or nobody can tell. */
export type ConntrackPlace = 'before' | 'after' | 'either';

/**
 * The kernel looks the connection up on prerouting and output, at priority -200 (NF_IP_PRI_CONNTRACK). A chain of that same priority
 * comes behind if the look-up was turned on after the chain was made, else ahead (nf_register_net_hook), which no file tells. Ingress
 * lies before; input, forward, postrouting and egress lie behind.
 */
const lookUpPriority = -200;

/** Where packets come to a chain from. */
export interface ChainPlace {
  /** The hook; undefined where several lead to the chain, or none that is known. */
  readonly hook: string | undefined;
  /** Of the chain that the hook calls. */
  readonly type?: string | undefined;
  readonly conntrack: ConntrackPlace;
}

/** Of a chain that no base chain leads to. */
export const nowhere: ChainPlace = { hook: undefined, conntrack: 'after' };

/** The place of every chain of the table that packets come to. `isWhole`: all base chains of the table are known. */
export function chainPlaces(table: TableState, isWhole: boolean): ReadonlyMap<string, ChainPlace> {
  const places = new Map<string, ChainPlace>();
  for (const chain of table.chains.values()) {
    if (chain.hook !== undefined)
      places.set(chain.name, {
        hook: chain.hook.hook,
        type: chain.hook.type,
        conntrack: conntrackPlace(chain.hook, table.family),
      });
  }
  const open = [...places.keys()];
  const callees = new Map<string, ReadonlySet<string>>();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    let called = callees.get(name);
    if (called === undefined) callees.set(name, (called = calledBy(name, table)));
    const place = places.get(name)!;
    for (const callee of called) {
      const known = places.get(callee);
      const joined = known === undefined ? place : join(known, place);
      if (
        known?.hook === joined.hook &&
        known?.type === joined.type &&
        known?.conntrack === joined.conntrack &&
        known !== undefined
      )
        continue;
      places.set(callee, joined);
      open.push(callee);
    }
  }
  if (!isWhole)
    for (const [name, { conntrack }] of places)
      if (table.chains.get(name)?.hook === undefined) places.set(name, { ...nowhere, conntrack });
  return places;
}

function join(a: ChainPlace, b: ChainPlace): ChainPlace {
  return {
    hook: a.hook === b.hook ? a.hook : undefined,
    type: a.type === b.type ? a.type : undefined,
    conntrack: a.conntrack === b.conntrack ? a.conntrack : 'either',
  };
}

function conntrackPlace(hook: NonNullable<ChainState['hook']>, family: string): ConntrackPlace {
  switch (hook.hook) {
    case 'ingress':
      return 'before';
    case 'prerouting':
    case 'output': {
      if (hook.type === 'nat') return 'after';
      const priority = priorityOf(hook.priority, family, hook.hook);
      if (priority === undefined || priority === lookUpPriority) return 'either';
      return priority < lookUpPriority ? 'before' : 'after';
    }
    default:
      return 'after';
  }
}

/** The chains that rules of this one may jump or go to. */
function calledBy(name: string, table: TableState): ReadonlySet<string> {
  const called = new Set<string>();
  const shapes = new Set<RuleShape>();
  const target = (expression: Expression): void => {
    if (expression.kind === 'verdict' && 'chain' in expression.verdict) chain(expression.verdict.chain);
  };
  const chain = (expression: Expression): void => {
    if ('text' in expression && table.chains.has(expression.text)) called.add(expression.text);
  };
  const element = ({ data }: SetElementSyntax): void => {
    if (data !== undefined) target(data);
  };
  const statement = (each: Statement): void => {
    if (each.kind === 'verdict') {
      if ('block' in each.verdict) each.verdict.block.forEach(rule);
      else if ('chain' in each.verdict) chain(each.verdict.chain);
    } else if (each.kind === 'vmap') {
      if (each.data.kind === 'set') each.data.elements.forEach(element);
      else if (each.data.kind === 'named-set')
        table.sets.get(each.data.name)?.elements.forEach((held) => {
          element(held.element);
        });
    }
  };
  const rule = (each: RuleSyntax): void => {
    if (each instanceof ShapedRule) {
      if (shapes.has(each.shape)) return;
      shapes.add(each.shape);
    }
    (each.shared ?? each.statements).forEach(statement);
  };
  for (const each of table.chains.get(name)?.rules ?? []) if (each.kind === 'rule') rule(each);
  return called;
}

const invalid = 3;
const untracked = 4;
const isUntracked: Match = { kind: 'number', field: 'state', values: [[untracked, untracked]] };
const anyPlace: Match = {
  kind: 'unknown',
  scope: 'rule',
  key: 'before the look-up',
  reason: 'the chain runs before connections are looked up',
};

/**
 * The packets that `notrack` takes out of connection tracking; undefined for all. Behind the look-up it leaves alone what has a
 * connection, and an invalid packet has none (nft_ct.c, nft_notrack_eval).
 */
export function notrackGuard(place: ConntrackPlace): Match | undefined {
  if (place === 'before') return undefined;
  const loose: Match = { kind: 'number', field: 'state', values: [[invalid, invalid]] };
  return place === 'after' ? loose : or(loose, anyPlace);
}

/**
 * A test as a chain at that place sees it: before the look-up no packet has a connection, so that its state is invalid unless a rule
 * said `notrack` (nft_ct.c, nft_ct_get_eval).
 */
export function stateSeen(match: Match, place: ConntrackPlace): Match {
  if (place === 'after' || !asksState(match)) return match;
  const early = beforeLookUp(match);
  return place === 'before'
    ? early
    : or({ kind: 'and', of: [anyPlace, early] }, { kind: 'and', of: [not(anyPlace), match] });
}

function asksState(match: Match): boolean {
  switch (match.kind) {
    case 'number':
      return match.field === 'state';
    case 'and':
    case 'or':
      return match.of.some(asksState);
    case 'not':
      return asksState(match.of);
    default:
      return false;
  }
}

function beforeLookUp(match: Match): Match {
  switch (match.kind) {
    case 'number': {
      if (match.field !== 'state') return match;
      const holds = (state: number): boolean =>
        match.values.some(([from, to]) => from <= state && state <= to);
      if (holds(untracked) && holds(invalid)) return all;
      return holds(untracked) ? isUntracked : holds(invalid) ? not(isUntracked) : none;
    }
    case 'and':
      return and(...match.of.map(beforeLookUp));
    case 'or':
      return or(...match.of.map(beforeLookUp));
    case 'not':
      return not(beforeLookUp(match.of));
    default:
      return match;
  }
}
