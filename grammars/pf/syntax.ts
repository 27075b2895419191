import type { Span } from '../../src/source/source.ts';
import type { PfToken } from './tokens.ts';

/** What is written, with the tokens it stands in; nothing is resolved, defaulted or expanded except macros. */
export type Statement =
  | FilterRule
  | Anchor
  | TranslationAnchor
  | TranslationRule
  | ScrubRule
  | Antispoof
  | TableDefinition
  | LoadAnchor
  | Include
  | TokenStatement
  | MacroDefinition
  | UnreadStatement;

interface StatementBase {
  /** From the first to the last token, without the body of an anchor. */
  readonly span: Span;
}

/** A statement that the grammar cannot read to its end: what is missing is at `token`. */
export interface Problem {
  /** The first token that does not fit; undefined if the statement ends too early. */
  readonly token: PfToken | undefined;
  readonly expected: string;
}

/** Criteria that nearly all rules share. Lists are flattened: pf's lists nest only as unions. */
export interface Criteria {
  direction?: PfToken | undefined;
  quick?: PfToken | undefined;
  /** Absent: any interface. */
  interfaces?: InterfaceTerm[] | undefined;
  family?: PfToken | undefined;
  protocols?: PfToken[] | undefined;
  from?: Peer | undefined;
  to?: Peer | undefined;
  /** `os "..."` of the source. */
  systems?: PfToken[];
}

export interface FilterRule extends StatementBase, Criteria {
  readonly kind: 'filter';
  readonly action: PfToken;
  /** `drop`, `return` …; absent: the block policy. */
  response?: PfToken | undefined;
  readonly options: FilterOption[];
  /** A label that is not among the options, as its words stand for all rules that share them. */
  readonly label?: string | undefined;
  /** Present if the rule shares its words with others, so that they stand nowhere: the same rule with words of its own. */
  readonly placed?: () => FilterRule;
  problem?: Problem;
}

export interface Anchor extends StatementBase, Criteria {
  readonly kind: 'anchor';
  readonly keyword: PfToken;
  name?: PfToken;
  readonly options: FilterOption[];
  /** Absent for an anchor without braces. */
  body?: readonly Statement[];
  problem?: Problem;
}

/** `nat-anchor`, `rdr-anchor`, `binat-anchor`, and macOS' `scrub-anchor` and `dummynet-anchor`. */
export interface TranslationAnchor extends StatementBase, Criteria {
  readonly kind: 'translation-anchor';
  readonly keyword: PfToken;
  name?: PfToken;
  readonly options: FilterOption[];
  /** Printed rules only: `pfctl -a '*' -sn` shows what the anchor holds. */
  body?: readonly Statement[];
  problem?: Problem;
}

/** `nat`, `rdr` and `binat` of the old grammar. */
export interface TranslationRule extends StatementBase, Criteria {
  readonly kind: 'translation';
  readonly action: PfToken;
  /** `no nat` … */
  no?: PfToken;
  pass?: PfToken;
  readonly options: FilterOption[];
  redirection?: Redirection;
  problem?: Problem;
}

export interface ScrubRule extends StatementBase, Criteria {
  readonly kind: 'scrub';
  readonly action: PfToken;
  no?: PfToken;
  /** Everything behind the criteria. */
  readonly options: PfToken[];
  problem?: Problem;
}

export interface Antispoof extends StatementBase, Criteria {
  readonly kind: 'antispoof';
  readonly keyword: PfToken;
  /** `em0`, or `(em0)` for addresses that are followed while pf runs. */
  readonly targets: { readonly name: PfToken; readonly dynamic: boolean }[];
  readonly options: FilterOption[];
  problem?: Problem;
}

export interface TableDefinition extends StatementBase {
  readonly kind: 'table';
  name?: PfToken;
  /** `const`, `persist`, `counters`. */
  readonly flags: PfToken[];
  readonly files: PfToken[];
  /** Absent if there are no braces at all, which is not the same as empty ones. */
  hosts?: HostTerm[];
  problem?: Problem;
}

export interface LoadAnchor extends StatementBase {
  readonly kind: 'load-anchor';
  name?: PfToken;
  file?: PfToken;
  problem?: Problem;
  /** The statements of the file, if it could be read. */
  body?: readonly Statement[];
  /** Why not, otherwise. */
  unread?: string;
}

export interface Include extends StatementBase {
  readonly kind: 'include';
  readonly file: PfToken;
  body?: readonly Statement[];
  unread?: string;
}

/** `set`, `altq`, `queue`, `ether …`, `dummynet`, `state limiter`, `source limiter`: kept as tokens, the keyword first. */
export interface TokenStatement extends StatementBase {
  readonly kind: 'tokens';
  readonly tokens: readonly PfToken[];
  /** The rules of `ether anchor … { }`. */
  body?: readonly Statement[];
}

export interface MacroDefinition extends StatementBase {
  readonly kind: 'macro';
  readonly name: PfToken;
  readonly value: string;
  problem?: Problem;
}

/** A line that begins like no statement. */
export interface UnreadStatement extends StatementBase {
  readonly kind: 'unread';
  readonly problem: Problem;
}

export interface InterfaceTerm {
  readonly negated: boolean;
  readonly name: PfToken;
  /** `on rdomain 3`. */
  readonly rdomain: boolean;
}

export interface Peer {
  /** Absent: any. */
  hosts?: HostTerm[] | undefined;
  ports?: PortTerm[] | undefined;
  /** Of shared rules: numbers that equal lists have, for tables beside. */
  readonly hostsNumber?: number | undefined;
  readonly portsNumber?: number | undefined;
  /** Of shared rules: what the hosts are if they are one IPv4 address or network. */
  readonly address?: string | undefined;
}

export type HostTerm =
  | { readonly kind: 'any'; readonly token: PfToken }
  /** An address, a network, a host name, an interface or `self`: the grammar cannot tell. */
  | {
      readonly kind: 'name';
      readonly negated: boolean;
      readonly token: PfToken;
      readonly prefix?: PfToken | undefined;
    }
  | { readonly kind: 'range'; readonly negated: boolean; readonly token: PfToken; readonly to: PfToken }
  /** `(em0)`, `(em0:network)/24`. */
  | {
      readonly kind: 'dynamic';
      readonly negated: boolean;
      readonly token: PfToken;
      readonly prefix?: PfToken | undefined;
    }
  | { readonly kind: 'table'; readonly negated: boolean; readonly token: PfToken }
  | { readonly kind: 'no-route' | 'urpf-failed'; readonly negated: boolean; readonly token: PfToken }
  | { readonly kind: 'route-label'; readonly negated: boolean; readonly token: PfToken };

/** One port item: `22`, `80:90`, `!= 22`, `1 >< 10`. */
export interface PortTerm {
  readonly token: PfToken;
  /** `=`, `!=`, `<`, `<=`, `>`, `>=`, `><`, `<>`. */
  readonly operator?: PfToken;
  /** The right side of `><` and `<>`. */
  readonly to?: PfToken;
}

/** One item of `user` and `group`, written like ports. */
export type OwnerTerm = PortTerm;

export interface IcmpTerm {
  readonly type: PfToken;
  readonly code?: PfToken;
}

export interface Redirection {
  /** `->`, `nat-to`, `rdr-to`, `binat-to`, `af-to`, `route-to`, `reply-to`, `dup-to`. */
  readonly keyword: PfToken;
  /** `af-to inet6`. */
  family?: PfToken;
  readonly hosts: HostTerm[];
  port?: PfToken;
  /** `round-robin`, `static-port` … */
  readonly pool: PfToken[];
  /** `af-to … to`: the destination. */
  destination?: HostTerm[];
}

export type FilterOption =
  | { readonly kind: 'owner'; readonly keyword: PfToken; readonly terms: readonly OwnerTerm[] }
  /** Both absent: `flags any`. */
  | { readonly kind: 'flags'; readonly keyword: PfToken; readonly set?: PfToken; readonly of?: PfToken }
  | { readonly kind: 'icmp'; readonly keyword: PfToken; readonly terms: readonly IcmpTerm[] }
  /** `keep`, `modulate`, `synproxy`, `no`, with the words in parentheses. */
  | { readonly kind: 'state'; readonly keyword: PfToken; readonly words: readonly PfToken[] }
  | { readonly kind: 'tag'; readonly keyword: PfToken; readonly name: PfToken }
  | { readonly kind: 'tagged'; readonly keyword: PfToken; readonly negated: boolean; readonly name: PfToken }
  | {
      readonly kind: 'received-on';
      readonly keyword: PfToken;
      readonly negated: boolean;
      readonly name: PfToken;
    }
  | { readonly kind: 'redirection'; readonly redirection: Redirection }
  /** Any other option: its keyword and the words that belong to it. */
  | { readonly kind: 'word'; readonly keyword: PfToken; readonly words: readonly PfToken[] };
