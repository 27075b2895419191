import { chainOrder } from '../model/chain-order.ts';
import type { Chain, ChainId, Firewall, Rule } from '../model/firewall.ts';
import { FALSE, type Node } from '../packets/bdd.ts';
import { isCube, restricted } from '../packets/restricted.ts';
import { type Test, Tests } from '../packets/tests.ts';
import type { MatchContext } from './compile-match.ts';
import { MatchTests } from './match-tests.ts';
import { withoutCovered } from './covered-entries.ts';
import { enabledRules } from './enabled-rules.ts';

/** What a rule of a chain that changes no packet does with those that match. */
export type EntryOutcome =
  /** `pending`: a last-match chain's verdict so far, which a later match would replace. */
  | {
      readonly kind: 'verdict';
      readonly verdict: 'accept' | 'drop' | 'return';
      readonly pending: boolean;
      readonly rule: Rule;
    }
  | ChainCall;

export interface ChainCall {
  readonly kind: 'call';
  readonly chain: ChainId;
  readonly goesTo: boolean;
  /** A quick call of a last-match chain: what is pending in the called chain is final. */
  readonly ends: boolean;
  /** Of a last-match chain's answer, the part that counts here. */
  readonly part: 'all' | 'final' | 'pending';
  /**
   * Questions asked anew each visit have variables of their own from the second call of a chain on: by the variable of the first
   * visit. Undefined on the first call.
   */
  readonly renamed: Map<number, number> | undefined;
}

/** A rule as an entry of its chain's decision list. The tests ascend. */
export interface ChainEntry {
  readonly tests: readonly Test[];
  readonly outcome: EntryOutcome;
}

/** The rules of chains that change no packet, compiled once, in the order in which the first that matches decides. */
export class ChainEntries {
  readonly calleesFirst: readonly ChainId[];
  readonly firewall: Firewall;
  readonly tests: Tests;
  private readonly context: MatchContext;
  private readonly matches: MatchTests;
  private readonly entries = new Map<ChainId, readonly ChainEntry[]>();
  private readonly backCalls: ReadonlySet<number>;
  private readonly visited = new Set<ChainId>();
  private readonly cares = new Map<ChainId, readonly Node[]>();
  /** Chains whose rules stand in their only caller's list. */
  private readonly inlined = new Set<ChainId>();

  constructor(firewall: Firewall, roots: readonly ChainId[], context: MatchContext) {
    this.firewall = firewall;
    this.context = context;
    this.tests = new Tests(context.space.bdd);
    this.matches = new MatchTests(this.tests, context);
    const order = chainOrder(firewall, roots);
    this.backCalls = order.backCalls;
    // Chains that no rule calls which some packet can come to are left out.
    const wanted = new Set(roots);
    for (const id of [...order.calleesFirst].reverse()) {
      if (!wanted.has(id)) continue;
      const entries = this.compile(firewall.chains.get(id)!);
      for (const { outcome } of entries) if (outcome.kind === 'call') wanted.add(outcome.chain);
      this.entries.set(id, entries);
    }
    const calls = this.callsOf(roots);
    const known = order.calleesFirst.filter((id) => this.entries.has(id));
    for (const id of known)
      this.entries.set(id, withoutCovered(this.spliced(this.entries.get(id)!, calls), this.tests));
    this.calleesFirst = known.filter((id) => !this.inlined.has(id));
    this.findCares(calls);
  }

  of(id: ChainId): readonly ChainEntry[] | undefined {
    return this.entries.get(id);
  }

  /** All tests that are nodes, each once. */
  nodes(): Iterable<Node> {
    const { tests } = this;
    const found = new Set<Node>();
    let last: Test | undefined;
    for (const id of this.calleesFirst) {
      for (const entry of this.entries.get(id)!) {
        for (const test of entry.tests) {
          if (test !== last && !tests.isPrefix(test) && !tests.isService(test)) found.add(test);
          last = test;
        }
      }
    }
    return found;
  }

  /**
   * A test for packets that get into a chain at all: what the one rule that calls it has already made sure of (and the one that calls
   * that chain, and so on) is not asked again.
   */
  within(id: ChainId, test: Node): Node {
    const { bdd } = this.context.space;
    return (this.cares.get(id) ?? []).reduce((node, care) => restricted(bdd, node, care), test);
  }

  /** How many rules call each chain; roots count as called by others too. */
  private callsOf(roots: readonly ChainId[]): ReadonlyMap<ChainId, number> {
    const calls = new Map<ChainId, number>(roots.map((root) => [root, 2]));
    for (const entries of this.entries.values()) {
      for (const { outcome } of entries) {
        // The two parts of one call are two entries.
        if (outcome.kind === 'call' && outcome.part !== 'pending')
          calls.set(outcome.chain, (calls.get(outcome.chain) ?? 0) + 1);
      }
    }
    return calls;
  }

  /** The entries with chains that are called here alone, for all packets, in place of the call. */
  private spliced(
    entries: readonly ChainEntry[],
    calls: ReadonlyMap<ChainId, number>,
  ): readonly ChainEntry[] {
    const found: ChainEntry[] = [];
    for (const entry of entries) {
      const { tests, outcome } = entry;
      const called =
        outcome.kind === 'call' && tests.length === 0 ? this.inPlaceOf(outcome, calls) : undefined;
      if (called === undefined) found.push(entry);
      else for (const one of called) found.push(one);
    }
    return found;
  }

  private inPlaceOf(call: ChainCall, calls: ReadonlyMap<ChainId, number>): readonly ChainEntry[] | undefined {
    if (calls.get(call.chain) !== 1) return undefined;
    const called = this.entries.get(call.chain)!;
    const { kind } = this.firewall.chains.get(call.chain)!.fallthrough;
    if (call.goesTo || call.ends || kind === 'drop' || kind === 'reject') return undefined;
    if (called.some(returns)) return undefined;
    this.inlined.add(call.chain);
    const { part } = call;
    return part === 'all' ? called : called.filter((one) => isPending(one) === (part === 'pending'));
  }

  private findCares(calls: ReadonlyMap<ChainId, number>): void {
    for (const id of [...this.calleesFirst].reverse()) {
      for (const { tests, outcome } of this.entries.get(id)!) {
        if (outcome.kind !== 'call' || calls.get(outcome.chain) !== 1) continue;
        const { bdd } = this.context.space;
        const cubes = tests.map((test) => this.tests.node(test)).filter((node) => isCube(bdd, node));
        this.cares.set(outcome.chain, [...(this.cares.get(id) ?? []), ...cubes]);
      }
    }
  }

  private compile(chain: Chain): readonly ChainEntry[] {
    const rules = enabledRules(chain);
    const entries: ChainEntry[] = [];
    if (chain.order !== 'last-match') {
      for (const rule of rules) {
        this.compileRule(rule, false, entries);
        const last = entries.at(-1);
        // Nothing gets past a rule that matches all and decides.
        if (last?.tests.length === 0 && last.outcome.kind === 'verdict') break;
      }
      return entries;
    }
    // The first quick match ends it; without one the last match counts. So: quick ones in order, then the others from the end.
    const slow: (readonly ChainEntry[])[] = [];
    for (const rule of rules) {
      const found: ChainEntry[] = [];
      this.compileRule(rule, true, found);
      for (const entry of found) if (!isPending(entry)) entries.push(entry);
      slow.push(found.filter(isPending));
    }
    return [...entries, ...slow.reverse().flat()];
  }

  private compileRule(rule: Rule, lastMatch: boolean, entries: ChainEntry[]): void {
    const { action } = rule;
    if (action.kind === 'continue') return;
    const tests = this.matches.testsOf(rule.match, rule.id);
    if (tests[0] === FALSE) return;
    const pending = lastMatch && rule.quick !== true;
    switch (action.kind) {
      case 'accept':
        entries.push({ tests, outcome: { kind: 'verdict', verdict: 'accept', pending, rule } });
        return;
      case 'drop':
      case 'reject':
        entries.push({ tests, outcome: { kind: 'verdict', verdict: 'drop', pending, rule } });
        return;
      case 'return':
        entries.push({ tests, outcome: { kind: 'verdict', verdict: 'return', pending: false, rule } });
        return;
      case 'unknown':
        return this.unknown(tests, rule, action.outcomes, action.reason, entries);
      case 'change':
        throw new Error('a chain that changes packets is no decision list');
      case 'jump':
      case 'goto':
        return this.call(tests, rule, action, lastMatch, entries);
    }
  }

  private call(
    tests: readonly Test[],
    rule: Rule,
    { kind, chain }: { readonly kind: 'jump' | 'goto'; readonly chain: ChainId },
    lastMatch: boolean,
    entries: ChainEntry[],
  ): void {
    const missing = !this.firewall.chains.has(chain);
    if (missing || this.backCalls.has(rule.id)) {
      const reason = missing ? `chain ${chain} is not in the input` : `chains jump in a circle at ${chain}`;
      return this.unknown(tests, rule, ['accept', 'drop', 'continue'], reason, entries);
    }
    const pending = lastMatch && rule.quick !== true;
    const renamed = this.visited.has(chain) ? new Map<number, number>() : undefined;
    this.visited.add(chain);
    const goesTo = kind === 'goto';
    const ends = lastMatch && !pending;
    for (const part of pending ? (['final', 'pending'] as const) : (['all'] as const))
      entries.push({ tests, outcome: { kind: 'call', chain, goesTo, ends, part, renamed } });
  }

  private unknown(
    tests: readonly Test[],
    rule: Rule,
    outcomes: readonly string[],
    reason: string,
    entries: ChainEntry[],
  ): void {
    const { bdd } = this.context.space;
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome === 'continue') continue;
      const asked =
        i === outcomes.length - 1 ? [] : [bdd.variable(this.context.questions.ofVisit(reason, rule.id))];
      const verdict = outcome === 'accept' ? 'accept' : 'drop';
      entries.push({
        tests: [...tests, ...asked],
        outcome: { kind: 'verdict', verdict, pending: false, rule },
      });
    }
  }
}

function isPending({ outcome }: ChainEntry): boolean {
  return outcome.kind === 'verdict' ? outcome.pending : outcome.part === 'pending';
}

/** Leaves its chain without a verdict. */
function returns({ outcome }: ChainEntry): boolean {
  return outcome.kind === 'verdict' ? outcome.verdict === 'return' : outcome.goesTo;
}
