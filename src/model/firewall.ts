import type { Span } from '../source/source.ts';
import type { Direction, Family } from '../packets/fields.ts';
import type { Action } from './action.ts';
import type { Match } from './match.ts';
import type { NamedSet } from './named-set.ts';

export type FormatName = 'iptables' | 'nftables' | 'pf' | 'windows';

/** Unique inside one firewall, for instance `ipv4/filter/INPUT` or `nft/inet/filter/input`. */
export type ChainId = string;

/**
 * What one host's rules do to packets: plain readonly data.
 * Entry points say which chains a packet of a direction and family passes; chains hold rules in their written order.
 */
export interface Firewall {
  readonly format: FormatName;
  /** `iptables-save`, `openbsd`, `netsh` … */
  readonly dialect: string;
  readonly entries: readonly EntryPoint[];
  readonly chains: ReadonlyMap<ChainId, Chain>;
  readonly sets: ReadonlyMap<string, NamedSet>;
  /** Sentences about what had to be assumed, each shown in the report. */
  readonly assumptions: readonly string[];
}

/** All stages a packet of this direction and family must pass, in order. A family without an entry point is not covered by the input. */
export interface EntryPoint {
  readonly direction: Direction;
  readonly family: Family;
  readonly stages: readonly Stage[];
}

export type Hook = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** One base chain on a hook. A packet must be accepted by every stage; between prerouting and input or forward the host routes it. */
export interface Stage {
  /** How users name it: `filter INPUT`, `inet filter input`. */
  readonly name: string;
  readonly hook: Hook;
  /** Stages of one hook run by ascending priority (netfilter); ties keep the listed order. */
  readonly priority: number;
  readonly chain: ChainId;
  /** `nat` stages see only the first packet of a tracked connection, and only until one of their hook has bound it. */
  readonly kind: 'filter' | 'nat';
  /** Of nat stages, all of which run at one `priority`: the order among them (default: `priority`). */
  readonly natPriority?: number;
  /** Packets outside the guard do not meet this stage (a netdev chain's device). */
  readonly guard?: Match;
}

export interface Chain {
  readonly id: ChainId;
  /** As the file writes it. */
  readonly name: string;
  /**
   * `first-match`: the first rule with a verdict decides. `last-match`: the last matching verdict decides unless a rule is quick
   * (pf); a last-match chain that is jumped to shares the pending verdict with its caller, and `change … then: 'accept'` makes
   * accept pending without changing what later rules see (pf translates when the rule has won), while `then: 'continue'` changes at once. `block-wins`: bypass over block over allow, whatever the order (Windows).
   */
  readonly order: 'first-match' | 'last-match' | 'block-wins';
  readonly rules: readonly Rule[];
  /** What happens at the end: a policy, or `return` for user chains. */
  readonly fallthrough: Action;
  /** Where the fallthrough is written (the policy line), if it is. */
  readonly fallthroughSpan?: Span;
  readonly span?: Span;
}

export interface Rule {
  /** Unique inside one firewall, ascending in the order rules were read; rules made from one written rule have ids of their own. */
  readonly id: number;
  readonly span: Span;
  readonly match: Match;
  readonly action: Action;
  /** False for a rule that the format keeps but does not apply (Windows). */
  readonly enabled: boolean;
  /**
   * pf `quick`. A match ends the whole evaluation: of this chain and of every chain that jumped here. A verdict becomes final; with
   * `continue` or `change` the verdict pending so far does. On a `jump` (`anchor quick`): once back from the chain, the evaluation
   * ends if a rule with a verdict inside it (or inside a chain it jumped to) matched; else it goes on.
   */
  readonly quick?: boolean;
  /** Windows: an authenticated-bypass rule, stronger than block. */
  readonly bypass?: boolean;
  /** The author's comment, label or display name. */
  readonly comment?: string;
  /** What to show instead of the text at `span`, where that text is no readable rule (many lines, an encoded value). */
  readonly label?: string;
}
