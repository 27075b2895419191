import type { ChainId, Firewall, Rule } from '../model/firewall.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import { PortKeys } from '../packets/port-keys.ts';
import { PacketBits, type Test } from '../packets/tests.ts';
import { ChainDiagrams } from './chain-diagrams.ts';
import { type ChainCall, ChainEntries } from './chain-entries.ts';
import type { MatchContext } from './compile-match.ts';
import { leavesMet } from './leaves-met.ts';

/** What a chain that changes no packet decides about one packet. */
export interface ChainDecision {
  readonly verdict: 'accept' | 'drop' | 'pass';
  /** The rule that decides; absent where the packet falls through. */
  readonly rule?: Rule;
}

interface Met extends ChainDecision {
  readonly pending: boolean;
  /** The chain was left by a rule that returns. */
  readonly returned: boolean;
}

/** Looking at a rule for one packet takes so much less than its part in the diagram that names rules. */
const PATIENCE = 4000;

const passes: Met = { verdict: 'pass', pending: false, returned: false };

/** Chains whose rules change no packet: what they accept, and by which rule. */
export class ChainDecisions {
  private readonly roots: ReadonlySet<ChainId>;
  private readonly firewall: Firewall;
  private readonly context: MatchContext;
  private readonly entries: ChainEntries;
  private readonly keys: PortKeys;
  private readonly verdicts: ChainDiagrams;
  private rules: ChainDiagrams | undefined;
  private readonly byRule = new Map<ChainId, Node>();
  private scanned = 0;

  /** `portsByKey`: no rule compares a port with the one before translation. */
  constructor(firewall: Firewall, roots: readonly ChainId[], context: MatchContext, portsByKey: boolean) {
    this.firewall = firewall;
    this.context = context;
    this.entries = new ChainEntries(firewall, roots, context);
    this.roots = new Set(roots.filter((root) => this.entries.of(root) !== undefined));
    this.keys = new PortKeys(context.space, this.entries.nodes(), portsByKey);
    this.verdicts = new ChainDiagrams(this.entries, context, this.keys, false);
    this.verdicts.buildCalled(this.entries.calleesFirst);
  }

  /** The chain is one of the roots, and in the input. */
  decides(id: ChainId): boolean {
    return this.roots.has(id);
  }

  /** The packets that a root accepts, but for those of `without`; `rest` (TRUE or FALSE) becomes of those that it does not decide. */
  accepted(id: ChainId, rest: Node, without: Node): Node {
    return this.verdicts.diagram(
      id,
      ({ kind }) => (kind === 'accept' ? TRUE : kind === 'drop' ? FALSE : rest),
      without,
    );
  }

  /** The packets that a root leaves to its policy. */
  undecided(id: ChainId): Node {
    return this.verdicts.diagram(id, ({ kind }) => (kind === 'pass' || kind === 'return' ? TRUE : FALSE));
  }

  /** The rules of a root that accept some of these packets, all of which it accepts; undefined among them stands for its policy. */
  acceptingRules(id: ChainId, packets: Node): ReadonlySet<Rule | undefined> {
    const { rules, diagram } = this.named(id);
    const found = new Set<Rule | undefined>();
    for (const leaf of leavesMet(this.context.space.bdd, packets, diagram)) {
      const meaning = rules.meaning(leaf);
      if (meaning.kind === 'accept') found.add(meaning.rule);
      else if (meaning.kind !== 'drop') found.add(undefined);
    }
    return found;
  }

  /** The root's diagram whose leaves name the rules. Made when it is first needed: most audits name few rules. */
  private named(id: ChainId): { readonly rules: ChainDiagrams; readonly diagram: Node } {
    if (this.rules === undefined) {
      this.rules = new ChainDiagrams(this.entries, this.context, this.keys, true);
      this.rules.buildCalled(this.entries.calleesFirst);
    }
    const { rules } = this;
    let diagram = this.byRule.get(id);
    if (diagram === undefined) this.byRule.set(id, (diagram = rules.diagram(id, (_, leaf) => leaf)));
    return { rules, diagram };
  }

  /**
   * What a root decides about one packet, told by the values of all variables. Rules are gone through one by one, until so many packets
   * have been asked about that the diagram is cheaper.
   */
  decide(id: ChainId, valueOf: (level: number) => boolean): ChainDecision {
    if (this.scanned < PATIENCE * this.entries.count) return this.meet(id, new PacketBits(valueOf));
    const { bdd } = this.context.space;
    const { rules, diagram } = this.named(id);
    let at = diagram;
    while (!bdd.isLeaf(at)) at = valueOf(bdd.levelOf(at)) ? bdd.highOf(at) : bdd.lowOf(at);
    const meaning = rules.meaning(at);
    if (meaning.kind === 'accept')
      return { verdict: 'accept', ...(meaning.rule === undefined ? {} : { rule: meaning.rule }) };
    return { verdict: meaning.kind === 'drop' ? 'drop' : 'pass' };
  }

  private meet(id: ChainId, packet: PacketBits): Met {
    for (const { tests, outcome } of this.entries.of(id)!) {
      this.scanned++;
      if (!this.allHold(tests, packet)) continue;
      if (outcome.kind === 'verdict') {
        const { verdict, rule, pending } = outcome;
        return verdict === 'return'
          ? { ...passes, returned: true }
          : { verdict, rule, pending, returned: false };
      }
      const met = this.called(outcome, packet);
      if (met.verdict !== 'pass' || met.returned) return met;
    }
    return passes;
  }

  /** Tests of networks, which are last in an entry and quick to make, tell most packets apart. */
  private allHold(all: readonly Test[], packet: PacketBits): boolean {
    const { tests } = this.entries;
    for (let i = all.length - 1; i >= 0; i--) if (!tests.holds(all[i]!, packet)) return false;
    return true;
  }

  /** As `ChainDiagrams.calledMap`. */
  private called(call: ChainCall, packet: PacketBits): Met {
    const { renamed, part } = call;
    const { valueOf } = packet;
    const met = this.meet(
      call.chain,
      renamed === undefined ? packet : new PacketBits((level) => valueOf(renamed.get(level) ?? level)),
    );
    if (met.verdict === 'pass') {
      const { kind } = this.firewall.chains.get(call.chain)!.fallthrough;
      if (part === 'pending') return passes;
      if (kind === 'drop' || kind === 'reject') return { ...passes, verdict: 'drop' };
      return { ...passes, returned: call.goesTo };
    }
    if (call.ends) return { ...met, pending: false };
    return part === 'all' || met.pending === (part === 'pending') ? met : passes;
  }
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
