import type { OptionSyntax } from '../../../grammars/iptables/syntax.ts';
import type { Action } from '../../model/action.ts';
import type { Match } from '../../model/match.ts';
import type { ModuleUse, ProtocolTest, Remark } from './lowering.ts';
import type { Variant } from './targets/nat-variants.ts';

/** What a target does: `variants` are packets with which it does something simpler, decided before the rest. */
export interface Effect {
  readonly action: Action;
  readonly variants?: readonly Variant[];
}

/** Where a rule goes: a verdict or change, or another chain by name. */
export type LoweredTarget =
  | (Effect & {
      readonly kind: 'action';
      /** Of a target that hangs on the hook, in a user chain: what it does on the way in and on the way out. */
      readonly sides?: { readonly incoming: Effect; readonly outgoing: Effect };
    })
  | { readonly kind: 'chain'; readonly name: string; readonly goto: boolean };

/** A rule in the model's terms. Comma lists of addresses make several rules, one after the other. */
export interface LoweredRule {
  readonly matches: readonly Match[];
  readonly target: LoweredTarget;
  readonly comment: string | undefined;
  readonly understood: boolean;
  readonly remarks: readonly Remark[];
  /** The set that the rule's target adds to or deletes from. */
  readonly changedSet: { readonly name: string; readonly deletes: boolean } | undefined;
}

/** What the options of a rule are for. */
export interface RuleParts {
  /** Conditions of the command itself but for addresses, and what stands for words that are not understood. */
  readonly conditions: readonly Match[];
  /** Its matches, in the order in which they were loaded. */
  readonly uses: readonly ModuleUse[];
  readonly sources: readonly Match[] | undefined;
  readonly destinations: readonly Match[] | undefined;
  /** `-j` or `-g`, and the target's own options. */
  readonly jump: OptionSyntax | undefined;
  readonly targetOptions: readonly OptionSyntax[] | undefined;
  readonly comment: string | undefined;
}

/** The same of a rule about which there is nothing to say, and what hangs on all of it. */
export interface QuietParts extends RuleParts {
  readonly protocol: ProtocolTest;
  readonly target: LoweredTarget;
  readonly changedSet: LoweredRule['changedSet'];
}

/** Where a rule stands. */
export interface RulePlace {
  readonly table: string;
  /** The built-in chain it stands in, undefined for user chains. */
  readonly hook: string | undefined;
  /** Whether a chain of that name exists in the table; it wins over a target's name. */
  readonly hasChain: (name: string) => boolean;
}

/** The set that `-j SET` changes. */
export function changedSet(options: readonly OptionSyntax[] | undefined): LoweredRule['changedSet'] {
  const change = options?.find((option) => option.name === 'add-set' || option.name === 'del-set');
  return change === undefined
    ? undefined
    : { name: change.values[0] ?? '', deletes: change.name === 'del-set' };
}
