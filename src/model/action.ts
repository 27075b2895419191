import type { AddressField, AddressRange, Family, NameField, NumericField } from '../packets/fields.ts';
import type { ChainId } from './firewall.ts';

/** The two ends of a connection that NAT settles, each on hooks of its own. */
export type NatSide = 'source' | 'destination';

/** What happens to a packet that a rule matches. */
export type Action =
  /** The packet has passed this stage; later stages still see it. */
  | { readonly kind: 'accept' }
  | { readonly kind: 'drop' }
  /** Drop, and tell the sender; `with` is the answer's name. */
  | { readonly kind: 'reject'; readonly with?: string }
  /** Walk the chain, then go on after this rule. */
  | { readonly kind: 'jump'; readonly chain: ChainId }
  /** Walk the chain instead of the rest of this one. */
  | { readonly kind: 'goto'; readonly chain: ChainId }
  /** Leave this chain; in an entry chain this means its fallthrough. */
  | { readonly kind: 'return' }
  /** No verdict: logging, counting. */
  | { readonly kind: 'continue' }
  /** Change the packet, then go on or accept (NAT targets end their stage). */
  | { readonly kind: 'change'; readonly changes: readonly Change[]; readonly then: 'continue' | 'accept' }
  /** Any of `outcomes`, and the input cannot tell which: a queue to user space, a target that fw-audit does not know. */
  | {
      readonly kind: 'unknown';
      readonly outcomes: readonly ('accept' | 'drop' | 'continue')[];
      readonly reason: string;
    };

/** One change to a packet. Several changes of one action happen at once: each reads the packet as it was before. */
export type Change =
  /** `field := (field & and) ^ xor` (MARK --set-xmark value/mask is `and: ~mask, xor: value`). Fields of at most 32 bits, unsigned. */
  | { readonly kind: 'bits'; readonly field: NumericField; readonly and: number; readonly xor: number }
  /** `field := value in [from, to]`; when `from < to` the firewall chooses one. */
  | { readonly kind: 'number'; readonly field: NumericField; readonly from: number; readonly to: number }
  /** `field := field + by`, modulo the field's width (port ranges that shift). */
  | { readonly kind: 'add'; readonly field: NumericField; readonly by: number }
  | { readonly kind: 'name'; readonly field: NameField; readonly name: string }
  /** `field := an address in range`; when the range holds several the firewall chooses one. */
  | {
      readonly kind: 'address';
      readonly field: AddressField;
      readonly family: Family;
      readonly range: AddressRange;
    }
  /** `field := (field & and) ^ xor` on addresses (NETMAP). */
  | {
      readonly kind: 'address-bits';
      readonly field: AddressField;
      readonly family: Family;
      readonly and: bigint;
      readonly xor: bigint;
    }
  /** `destination := an address of this host` (REDIRECT). */
  | { readonly kind: 'to-host' }
  /** `source := the address of the interface that the packet leaves by` (MASQUERADE). */
  | { readonly kind: 'from-host' }
  /**
   * NAT has settled that side of the connection, be it to what it was already: later nat stages of the side are passed over
   * (nf_nat_initialized). A translation changes the destination on prerouting and output, the source on input and postrouting.
   */
  | { readonly kind: 'bind'; readonly side: NatSide }
  /** The field gets a value that the input does not tell (restored mark, unresolved name). */
  | { readonly kind: 'unknown'; readonly field: NumericField | AddressField; readonly reason: string };
