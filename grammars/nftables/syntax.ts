import type { Span } from '../../src/source/source.ts';

/**
 * What nft text and nft JSON both say, before any meaning: names are unresolved, values are as written.
 * `at` is an offset into the text of the source that the enclosing command's span names.
 */
export type Expression =
  /** Decimal, hexadecimal or (with a leading zero) octal number, a time such as `1d2h`, as written. */
  | { readonly kind: 'number'; readonly text: string; readonly at: number }
  /** A bare word whose meaning the other side of the comparison gives: `established`, `ssh`, `eth0`. */
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  | { readonly kind: 'string'; readonly text: string; readonly at: number }
  | { readonly kind: 'ipv4' | 'ipv6' | 'mac'; readonly text: string; readonly at: number }
  | { readonly kind: 'variable'; readonly name: string; readonly at: number }
  /** `*`: the catch-all element. */
  | { readonly kind: 'anything'; readonly at: number }
  | { readonly kind: 'range'; readonly from: Expression; readonly to: Expression; readonly at: number }
  | { readonly kind: 'prefix'; readonly value: Expression; readonly length: Expression; readonly at: number }
  /** `a,b` outside braces. */
  | { readonly kind: 'list'; readonly of: readonly Expression[]; readonly at: number }
  | { readonly kind: 'concat'; readonly of: readonly Expression[]; readonly at: number }
  | { readonly kind: 'set'; readonly elements: readonly SetElementSyntax[]; readonly at: number }
  | { readonly kind: 'named-set'; readonly name: string; readonly at: number }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      /** Parentheses stood around it, which no listing of nft has around a value. */
      readonly bracketed?: true;
      readonly at: number;
    }
  | { readonly kind: 'map'; readonly key: Expression; readonly data: Expression; readonly at: number }
  | { readonly kind: 'verdict'; readonly verdict: VerdictSyntax; readonly at: number }
  /** `tcp dport`; `inner` names the tunnel header in front (`vxlan ip saddr`). */
  | {
      readonly kind: 'payload';
      readonly header: string;
      readonly field: string;
      readonly inner?: string;
      readonly at: number;
    }
  /** `@th,16,16`, in bits. */
  | {
      readonly kind: 'raw';
      readonly base: string;
      readonly offset: number;
      readonly length: number;
      readonly at: number;
    }
  | { readonly kind: 'meta'; readonly key: string; readonly at: number }
  | {
      readonly kind: 'ct';
      readonly key: string;
      readonly direction?: string;
      readonly family?: string;
      readonly at: number;
    }
  | { readonly kind: 'fib'; readonly inputs: readonly string[]; readonly result: string; readonly at: number }
  /** `exthdr hbh`, `tcp option sack`: is it there? */
  | { readonly kind: 'exists'; readonly header: string; readonly at: number }
  /** Everything else that can be loaded from a packet, by its canonical text: `socket transparent`, `numgen inc mod 2`. */
  | {
      readonly kind: 'other';
      readonly what: string;
      readonly text: string;
      /** `numgen … mod N`, `jhash … mod N`: the values are `[offset, offset + modulus - 1]`. */
      readonly modulus?: number;
      readonly offset?: number;
      /** What a hash is made of. */
      readonly of?: Expression;
      readonly at: number;
    };

export type BinaryOperator = '&' | '|' | '^' | '<<' | '>>';

export interface SetElementSyntax {
  readonly key: Expression;
  /** Of maps. */
  readonly data?: Expression;
  /** The element goes away by itself, or may. */
  readonly timeout?: string;
  /** Statements run per element: counters, limits. */
  readonly statements?: readonly Statement[];
  readonly comment?: string;
}

export type VerdictSyntax =
  | { readonly kind: 'accept' | 'drop' | 'continue' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: Expression }
  | { readonly kind: 'jump' | 'goto'; readonly block: readonly RuleSyntax[] };

/** `implicit`: no operator written. */
export type Relation = 'implicit' | '==' | '!=' | '<' | '>' | '<=' | '>=' | '!';

export type Statement =
  | {
      readonly kind: 'match';
      readonly relation: Relation;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | { readonly kind: 'verdict'; readonly verdict: VerdictSyntax; readonly at: number }
  | { readonly kind: 'vmap'; readonly key: Expression; readonly data: Expression; readonly at: number }
  /** No effect on whether a packet passes: `counter`, `log`, `nftrace`, `dup`. `what` is the first word. */
  | { readonly kind: 'effectless'; readonly what: string; readonly text: string; readonly at: number }
  /** `limit`, `quota`, `ct count`, `last`-like conditions that change from packet to packet. */
  | { readonly kind: 'condition'; readonly what: string; readonly text: string; readonly at: number }
  | { readonly kind: 'reject'; readonly type?: string; readonly with?: string; readonly at: number }
  | { readonly kind: 'notrack'; readonly at: number }
  | { readonly kind: 'queue'; readonly text: string; readonly at: number }
  | { readonly kind: 'synproxy'; readonly text: string; readonly at: number }
  | {
      readonly kind: 'tproxy';
      readonly family?: string;
      readonly address?: Expression;
      readonly port?: Expression;
      readonly at: number;
    }
  /** `fwd to eth1` hands the packet to a device. */
  | { readonly kind: 'forward'; readonly text: string; readonly at: number }
  | NatStatement
  /** `meta mark set …`, `ip daddr set …`, `ct helper set …` */
  | { readonly kind: 'assign'; readonly target: Expression; readonly value: Expression; readonly at: number }
  /** `add @s { ip saddr limit rate 5/second }`, `meter`. */
  | {
      readonly kind: 'update-set';
      readonly operation: string;
      readonly set: string;
      readonly key: Expression;
      readonly data?: Expression;
      readonly statements: readonly Statement[];
      readonly at: number;
    }
  /** An xtables extension that nft cannot print (`xt match recent`), or `isTranslated` into something less than it is. */
  | {
      readonly kind: 'xt';
      readonly type: string;
      readonly name: string;
      readonly isTranslated?: boolean;
      readonly at: number;
    }
  /** A part of a rule that was not understood. */
  | { readonly kind: 'unknown'; readonly text: string; readonly at: number };

export interface NatStatement {
  readonly kind: 'nat';
  readonly type: 'snat' | 'dnat' | 'redirect' | 'masquerade';
  readonly family?: string;
  readonly address?: Expression;
  readonly port?: Expression;
  /** `dnat ip addr . port to …`, `dnat ip prefix to …`, `dnat ip interval to …` */
  readonly shape?: string;
  readonly flags: readonly string[];
  readonly at: number;
}

export interface RuleSyntax {
  readonly kind: 'rule';
  readonly span: Span;
  readonly statements: readonly Statement[];
  /**
   * The same statements, each the same object wherever the same text stands. The offsets in them and the numbers of counters are those
   * of some place where the text stands.
   */
  readonly shared?: readonly Statement[];
  readonly comment?: string | undefined;
  readonly handle?: number | undefined;
  /** What to show in place of the text at `span`. */
  readonly label?: string;
  /** Set where the text could not be parsed: the statements before the error stand. */
  readonly broken?: boolean;
  /** Whether a `$variable` occurs. */
  readonly variables: boolean;
}

export interface TypeSyntax {
  /** `ipv4_addr . inet_service`, or of `typeof` the expressions. */
  readonly parts: readonly (string | Expression)[];
}

export interface ChainItemHook {
  readonly kind: 'hook';
  readonly type: string;
  readonly hook: string;
  readonly devices: readonly Expression[];
  /** JSON without devices, which nft 1.0.6 writes of every chain: they are not known. */
  readonly hidesDevices?: boolean;
  readonly priority: PrioritySyntax;
  readonly span: Span;
}

export interface PrioritySyntax {
  /** A name (`filter`), a number or a `$variable`; absent means 0. */
  readonly base?: Expression;
  readonly offset: number;
}

export type ChainItem =
  | ChainItemHook
  | { readonly kind: 'policy'; readonly policy: Expression; readonly span: Span }
  | RuleSyntax
  | DefineSyntax
  | IncludeSyntax
  | { readonly kind: 'note'; readonly what: string; readonly text: string; readonly span: Span };

export interface DefineSyntax {
  readonly kind: 'define' | 'redefine' | 'undefine';
  readonly name: string;
  readonly value?: Expression;
  readonly span: Span;
}

export interface IncludeSyntax {
  readonly kind: 'include';
  readonly path: string;
  readonly span: Span;
}

export interface ChainSyntax {
  readonly kind: 'chain';
  readonly name: string;
  readonly items: readonly ChainItem[];
  readonly handle?: number;
  readonly span: Span;
}

export interface SetSyntax {
  readonly kind: 'set' | 'map';
  readonly name: string;
  readonly key?: TypeSyntax;
  readonly data?: TypeSyntax;
  readonly flags: readonly string[];
  readonly timeout: boolean;
  readonly autoMerge: boolean;
  /** Whether an `elements =` line was there at all. */
  readonly listed: boolean;
  readonly elements: readonly SetElementSyntax[];
  /** A part of the set could not be read. */
  readonly broken?: boolean;
  /** The value of `elements = $variable`. */
  readonly elementsFrom?: Expression;
  readonly handle?: number;
  readonly span: Span;
}

/** `counter`, `quota`, `limit`, `ct helper`, `flowtable` …: named objects that rules refer to. */
export interface ObjectSyntax {
  readonly kind: 'object';
  readonly type: string;
  readonly name: string;
  readonly text: string;
  readonly handle?: number;
  readonly span: Span;
}

export type TableItem =
  | ChainSyntax
  | SetSyntax
  | ObjectSyntax
  | DefineSyntax
  | IncludeSyntax
  | { readonly kind: 'flags'; readonly flags: readonly string[]; readonly span: Span }
  | { readonly kind: 'note'; readonly what: string; readonly text: string; readonly span: Span };

/** Where a command acts. */
export interface TableReference {
  readonly family: string;
  readonly table: string;
}

export type Command =
  | {
      readonly kind: 'table';
      readonly operation: string;
      readonly at: TableReference;
      readonly handle?: number;
      readonly items: readonly TableItem[];
      readonly span: Span;
    }
  | {
      readonly kind: 'chain';
      readonly operation: string;
      readonly at: TableReference;
      readonly chain: ChainSyntax;
      readonly newName?: string;
      readonly span: Span;
    }
  | {
      readonly kind: 'rule';
      readonly operation: string;
      readonly at: TableReference;
      readonly chain: string;
      readonly position?: { readonly by: 'handle' | 'index' | 'position'; readonly value: number };
      readonly rule?: RuleSyntax;
      readonly span: Span;
    }
  | {
      readonly kind: 'set';
      readonly operation: string;
      readonly at: TableReference;
      readonly set: SetSyntax;
      readonly span: Span;
    }
  | {
      readonly kind: 'element';
      readonly operation: string;
      readonly at: TableReference;
      readonly set: string;
      readonly elements: readonly SetElementSyntax[];
      readonly elementsFrom?: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'object';
      readonly operation: string;
      readonly at: TableReference;
      readonly object: ObjectSyntax;
      readonly span: Span;
    }
  | { readonly kind: 'flush-ruleset'; readonly family?: string; readonly span: Span }
  /** `list`, `monitor`, `reset` …: changes nothing. */
  | { readonly kind: 'query'; readonly text: string; readonly span: Span }
  | DefineSyntax
  | IncludeSyntax
  | { readonly kind: 'broken'; readonly text: string; readonly span: Span };

/** Something nft would refuse while reading. */
export interface SyntaxProblem {
  readonly span: Span;
  /** What was read and what was expected. */
  readonly message: string;
}

export interface NftablesSyntax {
  readonly commands: readonly Command[];
  readonly problems: readonly SyntaxProblem[];
}
