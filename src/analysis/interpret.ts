import type { Action } from '../model/action.ts';
import type { Chain, ChainId, EntryPoint, Firewall, Rule, Stage } from '../model/firewall.ts';
import { natSide } from '../model/nat-side.ts';
import { isBeforeRouting, stagesInOrder } from '../model/stage-order.ts';
import type { Direction } from '../packets/fields.ts';
import { firstStates } from '../packets/first-state.ts';
import { absentInterface } from './absent-interface.ts';
import type { Packet } from './packet.ts';
import { type InterpretOptions, TravellingPacket, type Verdict } from './travelling-packet.ts';

export type { InterpretOptions, Oracle } from './travelling-packet.ts';

export interface Interpretation {
  readonly verdict: 'accept' | 'drop';
  readonly action: 'accept' | 'drop' | 'reject';
  /** The rules that decided, one a stage (absent rule: the chain's fallthrough), in the order met; the last one decided the packet. */
  readonly path: readonly Step[];
}

/** How one stage decided. */
export interface Step {
  readonly stage: Stage;
  readonly chain: Chain;
  readonly rule?: Rule | undefined;
  /** The jumps that led to the rule, outermost first. */
  readonly via: readonly Rule[];
}

type Flow = Verdict | { readonly kind: 'next' } | { readonly kind: 'return' } | { readonly kind: 'final' };

const next: Flow = { kind: 'next' };

/** Walks one packet through the rules in the most obvious way. Slow, and that is its purpose: it checks `evaluate`. */
export function interpret(
  firewall: Firewall,
  entry: EntryPoint,
  packet: Packet,
  options: InterpretOptions,
): Interpretation {
  return new Walk(firewall, entry, packet, options).run();
}

class Walk extends TravellingPacket {
  private readonly open: ChainId[] = [];
  private readonly calls: Rule[] = [];

  run(): Interpretation {
    const path: Step[] = [];
    const stages = stagesInOrder(this.entry);
    let routed = false;
    const isEarly = (stage: Stage): boolean => isBeforeRouting(stage.hook);
    const seenEarly = stages.some(isEarly);
    for (const stage of stages) {
      if (seenEarly && !routed && !isEarly(stage)) {
        routed = true;
        if (!this.goesThisWay()) return { verdict: 'drop', action: 'drop', path };
      }
      this.absent = absentInterface(this.firewall, stage);
      if (!this.meets(stage)) continue;
      const chain = this.firewall.chains.get(stage.chain)!;
      this.now.pending = undefined;
      const flow = this.chain(chain);
      const verdict = this.settle(flow, chain);
      path.push({ stage, rule: verdict.rule, chain, via: verdict.via ?? [] });
      if (verdict.kind !== 'accept') return { verdict: 'drop', action: verdict.kind, path };
    }
    if (seenEarly && !routed && !this.goesThisWay()) return { verdict: 'drop', action: 'drop', path };
    return { verdict: 'accept', action: 'accept', path };
  }

  private settle(flow: Flow, chain: Chain): Verdict {
    if (flow.kind === 'accept' || flow.kind === 'drop' || flow.kind === 'reject') return flow;
    if (this.now.pending !== undefined) return this.now.pending;
    const { fallthrough } = chain;
    switch (fallthrough.kind) {
      case 'accept':
      case 'drop':
      case 'reject':
        return { kind: fallthrough.kind };
      case 'unknown': {
        const accepts =
          fallthrough.outcomes.includes('accept') &&
          this.options.oracle.packet(`fallthrough ${fallthrough.reason}`, fallthrough.reason);
        return { kind: accepts ? 'accept' : 'drop' };
      }
      default:
        return { kind: 'drop' };
    }
  }

  private meets(stage: Stage): boolean {
    if (stage.guard !== undefined && !this.matches(stage.guard)) return false;
    if (stage.kind !== 'nat') return true;
    const state = this.now.numbers.get('state')!;
    if (state !== 0 && (state !== 2 || this.isIcmp())) return false;
    return !this.now.bound.has(natSide(stage.hook));
  }

  /** Related ICMP is an error about a connection and is translated as that was, without a look at the chains (nf_nat_proto.c). */
  private isIcmp(): boolean {
    return this.now.numbers.get('protocol') === firstStates[this.entry.family].protocol;
  }

  private goesThisWay(): boolean {
    const { direction } = this.entry;
    if (direction === ('out' satisfies Direction) || this.now.route === 'as-addressed') return true;
    if (this.now.route === 'to-host') return direction === 'in';
    const target = this.now.addresses.get('destination')!;
    const loopback = this.entry.family === 'ipv4' && target >> 24n === 127n;
    const own = this.options.hostAddresses.filter((a) => a.family === this.entry.family);
    const isHost =
      own.length > 0
        ? own.some(({ range }) => target >= range[0] && target <= range[1])
        : (direction === 'in' || this.now.route === 'to-any') &&
          this.options.oracle.packet(
            'target is host',
            'the address it is translated to is an address of this host',
          );
    if (direction === 'forward') return !isHost && !loopback;
    return loopback
      ? this.options.oracle.packet('route_localnet', 'net.ipv4.conf.*.route_localnet is on')
      : isHost;
  }

  private chain(chain: Chain): Flow {
    this.open.push(chain.id);
    const flow = this.rules(chain);
    this.open.pop();
    return flow;
  }

  private rules(chain: Chain): Flow {
    const rules = chain.rules.filter((rule) => rule.enabled);
    if (chain.order === 'block-wins') return this.blockWins(rules);
    for (const rule of rules) {
      const flow = this.rule(rule, chain);
      if (flow.kind !== 'next') return flow;
    }
    return next;
  }

  private blockWins(rules: readonly Rule[]): Flow {
    const matching = rules.filter((rule) => this.asks(rule, () => this.matches(rule.match)));
    const isBlock = (rule: Rule): boolean => rule.action.kind === 'drop' || rule.action.kind === 'reject';
    const winner =
      matching.find((rule) => rule.bypass === true) ??
      matching.find(isBlock) ??
      matching.find((rule) => !isBlock(rule));
    if (winner === undefined) return next;
    return this.act(winner, false);
  }

  private asks<T>(rule: Rule, question: () => T): T {
    const before = this.asking;
    this.asking = rule.id;
    const answer = question();
    this.asking = before;
    return answer;
  }

  private rule(rule: Rule, chain: Chain): Flow {
    if (!this.asks(rule, () => this.matches(rule.match))) return next;
    return this.act(rule, chain.order === 'last-match');
  }

  private act(rule: Rule, lastMatch: boolean): Flow {
    const { action } = rule;
    const pending = lastMatch && rule.quick !== true;
    const ends: Flow = lastMatch && rule.quick === true ? { kind: 'final' } : next;
    switch (action.kind) {
      case 'accept':
      case 'drop':
      case 'reject':
        if (!pending) return this.verdict(action.kind, rule);
        this.now.pending = this.verdict(action.kind, rule);
        return next;
      case 'return':
        return { kind: 'return' };
      case 'continue':
        return ends;
      case 'change':
        if (pending && action.then === 'accept') {
          this.now.pending = this.verdict('accept', rule);
          return next;
        }
        this.asks(rule, () => this.change(action.changes));
        return action.then === 'accept' ? this.verdict('accept', rule) : ends;
      case 'unknown':
        return this.unknown(action, rule);
      case 'jump':
      case 'goto':
        return this.call(action.chain, action.kind, rule, lastMatch && rule.quick === true);
    }
  }

  private verdict(kind: Verdict['kind'], rule: Rule): Verdict {
    return { kind, rule, via: [...this.calls] };
  }

  private unknown(action: Action & { kind: 'unknown' }, rule: Rule): Flow {
    const last = action.outcomes[action.outcomes.length - 1];
    const chosen =
      action.outcomes.find((outcome) => outcome === last || this.visit(rule.id, action.reason)) ?? 'continue';
    return chosen === 'continue' ? next : this.verdict(chosen, rule);
  }

  private call(id: ChainId, kind: 'jump' | 'goto', rule: Rule, ends: boolean): Flow {
    const chain = this.firewall.chains.get(id);
    if (chain === undefined || this.open.includes(id)) {
      const reason =
        chain === undefined ? `chain ${id} is not in the input` : `chains jump in a circle at ${id}`;
      return this.unknown({ kind: 'unknown', outcomes: ['accept', 'drop', 'continue'], reason }, rule);
    }
    const before = this.now.pending;
    this.calls.push(rule);
    let flow = this.chain(chain);
    this.calls.pop();
    if (
      (flow.kind === 'next' || flow.kind === 'return') &&
      chain.fallthrough.kind !== 'return' &&
      chain.fallthrough.kind !== 'continue'
    ) {
      flow = this.settle(flow, chain);
    }
    if (flow.kind !== 'next' && flow.kind !== 'return') return flow;
    if (ends && this.now.pending !== before) return { kind: 'final' };
    return kind === 'goto' ? { kind: 'return' } : next;
  }
}
