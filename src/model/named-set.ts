import type { AddressRange, Family } from '../packets/fields.ts';
import type { Interval } from '../packets/interval.ts';
import type { Span } from '../source/source.ts';

/** The content of an ipset, nftables set or pf table. */
export interface NamedSet {
  readonly name: string;
  /** As the tool writes it: `hash:ip,port`, `ipv4_addr . inet_service`, `table`. */
  readonly type: string;
  readonly span?: Span;
  /** How many keys an element has; a look-up with fewer keys never matches, further keys are ignored. */
  readonly dimensions: number;
  readonly elements: readonly SetElement[];
  /** `list:set`: the sets that are tried in order, instead of elements. */
  readonly members?: readonly string[];
  /** False: elements may have been added since (dynamic sets, `-j SET --add-set`, fail2ban): membership of others is possible. */
  readonly closed: boolean;
  /** Why membership is uncertain, in words; shown as the condition. */
  readonly uncertainty?: string;
}

export interface SetElement {
  readonly parts: readonly SetPart[];
  /** `nomatch` or pf's `!`: an exception. The most specific element decides (longest prefix). */
  readonly exception?: boolean;
  /** False: present when the file was written, may be gone now (timeout). */
  readonly certain: boolean;
}

/** One key of an element. */
export type SetPart =
  | { readonly kind: 'address'; readonly family: Family; readonly range: AddressRange }
  /** ipset port keys: protocol and port; for ICMP `ports` is `type << 8 | code` of the first header word. */
  | { readonly kind: 'port'; readonly protocols: readonly number[]; readonly ports: Interval }
  | { readonly kind: 'number'; readonly values: Interval }
  | { readonly kind: 'name'; readonly name: string; readonly prefix: boolean }
  /** A key the model has no dimension for (a MAC): the element may match. */
  | { readonly kind: 'unknown'; readonly key: string; readonly reason: string }
  /** Any value (catch-all element, `0.0.0.0/0`). */
  | { readonly kind: 'any' };
