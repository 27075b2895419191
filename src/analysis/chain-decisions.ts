import { chainActions } from '../model/chain-actions.ts';
import type { ChainId, Firewall, Rule } from '../model/firewall.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import { doHere, type ListWork } from '../packets/list-work.ts';
import { PairTable } from '../packets/pair-table.ts';
import { PortKeys } from '../packets/port-keys.ts';
import { somePacket } from '../packets/some-packet.ts';
import { PacketBits } from '../packets/tests.ts';
import { ChainDiagrams, type LeafMeaning } from './chain-diagrams.ts';
import { type ChainCall, ChainEntries, type ChainEntry } from './chain-entries.ts';
import type { MatchContext } from './compile-match.ts';
import { EntryIndex } from './entry-index.ts';
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

interface Named {
  readonly rules: ChainDiagrams;
  readonly diagram: Node;
}

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
  private readonly seen = new PairTable();
  private readonly byRule = new Map<ChainId, Named | undefined>();
  private readonly indexes = new Map<ChainId, EntryIndex>();

  /** `portsByKey`: no rule compares a port with the one before translation. */
  constructor(firewall: Firewall, roots: readonly ChainId[], context: MatchContext, portsByKey: boolean) {
    this.firewall = firewall;
    this.context = context;
    this.entries = new ChainEntries(firewall, roots, context);
    this.roots = new Set(roots.filter((root) => this.entries.of(root) !== undefined));
    this.keys = new PortKeys(context.space, this.entries.nodes(), portsByKey);
    this.verdicts = new ChainDiagrams(this.entries, context, this.keys, false);
  }

  /** Builds the chains that the roots call, once, before any other question. */
  *prepare(): ListWork<void> {
    yield* this.verdicts.buildCalled(this.entries.calleesFirst);
  }

  /** The chain is one of the roots, and in the input. */
  decides(id: ChainId): boolean {
    return this.roots.has(id);
  }

  /** The packets that a root accepts, but for those of `without`; `rest` (TRUE or FALSE) becomes of those that it does not decide. */
  *accepted(id: ChainId, rest: Node, without: Node): ListWork<Node> {
    return yield* this.verdicts.diagram(
      id,
      ({ kind }) => (kind === 'accept' ? TRUE : kind === 'drop' ? FALSE : rest),
      without,
    );
  }

  /** The packets that a root leaves to its policy. */
  undecided(id: ChainId): Node {
    const decidesAll = ({ tests, outcome }: ChainEntry): boolean =>
      tests.length === 0 && outcome.kind === 'verdict' && outcome.verdict !== 'return';
    if (this.entries.of(id)!.some(decidesAll)) return FALSE;
    const read = ({ kind }: LeafMeaning): Node => (kind === 'pass' || kind === 'return' ? TRUE : FALSE);
    return doHere(this.verdicts.diagram(id, read));
  }

  /**
   * The rules of a root that accept some of these packets, all of which it accepts; undefined among them stands for its policy. Where
   * telling rules apart takes more nodes than there are, the rule alone that one of the packets meets.
   */
  acceptingRules(id: ChainId, packets: Node): ReadonlySet<Rule | undefined> {
    const named = this.named(id);
    const { bdd } = this.context.space;
    if (named === undefined) return new Set([this.decide(id, somePacket(bdd, packets)).rule]);
    const { rules, diagram } = named;
    const found = new Set<Rule | undefined>();
    for (const leaf of leavesMet(bdd, packets, diagram, this.seen)) {
      const meaning = rules.meaning(leaf);
      if (meaning.kind === 'accept') found.add(meaning.rule);
      else if (meaning.kind !== 'drop') found.add(undefined);
    }
    return found;
  }

  /** The root's diagram whose leaves name the rules. Made when it is first needed: most audits name few rules. */
  private named(id: ChainId): Named | undefined {
    if (!this.byRule.has(id))
      this.byRule.set(
        id,
        this.context.space.bdd.attempt(() => this.makeNamed(id)),
      );
    return this.byRule.get(id);
  }

  private makeNamed(id: ChainId): Named {
    if (this.rules === undefined) {
      const rules = new ChainDiagrams(this.entries, this.context, this.keys, true);
      doHere(rules.buildCalled(this.entries.calleesFirst));
      this.rules = rules;
    }
    const { rules } = this;
    return { rules, diagram: doHere(rules.diagram(id, (_, leaf) => leaf)) };
  }

  /** What a root decides about one packet, told by the values of all variables. */
  decide(id: ChainId, valueOf: (level: number) => boolean): ChainDecision {
    return this.meet(id, new PacketBits(valueOf));
  }

  /** Keeps the calls that are under way by itself: chains may call each other further down than the stack goes. */
  private meet(root: ChainId, bits: PacketBits): Met {
    const visit = (id: ChainId, packet: PacketBits, call?: ChainCall): Visit => ({
      call,
      packet,
      entries: this.indexOf(id).matches(packet)[Symbol.iterator](),
    });
    const open = [visit(root, bits)];
    for (;;) {
      const { packet, entries } = open.at(-1)!;
      const next = entries.next();
      const outcome = next.done === true ? undefined : next.value.outcome;
      if (outcome?.kind === 'call') {
        open.push(visit(outcome.chain, renamedFor(outcome, packet), outcome));
        continue;
      }
      let met: Met = passes;
      if (outcome?.verdict === 'return') met = { ...passes, returned: true };
      else if (outcome !== undefined)
        met = { verdict: outcome.verdict, rule: outcome.rule, pending: outcome.pending, returned: false };
      // What a chain decides ends the chains that have called it; what passes goes on in the one before.
      do {
        const { call } = open.pop()!;
        if (call === undefined) return met;
        met = this.afterCall(call, met);
      } while (met.verdict !== 'pass' || met.returned);
    }
  }

  private indexOf(id: ChainId): EntryIndex {
    let index = this.indexes.get(id);
    if (index === undefined) {
      index = new EntryIndex(this.entries.of(id)!, this.entries.tests, this.keys);
      this.indexes.set(id, index);
    }
    return index;
  }

  /** As `ChainDiagrams.calledMap`. */
  private afterCall(call: ChainCall, met: Met): Met {
    const { part } = call;
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

/** A chain that a packet goes through, and the call that it is in for. */
interface Visit {
  readonly call: ChainCall | undefined;
  readonly packet: PacketBits;
  readonly entries: Iterator<ChainEntry>;
}

function renamedFor({ renamed }: ChainCall, packet: PacketBits): PacketBits {
  if (renamed === undefined) return packet;
  const { valueOf } = packet;
  return new PacketBits((level) => valueOf(renamed.get(level) ?? level));
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
    const { calls, kinds, quickWithoutVerdict } = chainActions(chain);
    if (kinds.has('change')) return false;
    if (chain.order === 'last-match') {
      // A quick rule without a verdict ends with whatever is pending, which a list cannot say.
      if (quickWithoutVerdict || kinds.has('return') || kinds.has('goto')) return false;
    }
    for (const call of calls) found.add(call.chain);
  }
  return true;
}
