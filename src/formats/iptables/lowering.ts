import type { OptionSyntax } from '../../../grammars/iptables/syntax.ts';
import type { Family } from '../../packets/fields.ts';
import type { LocalAddress } from '../format.ts';
import type { Match } from '../../model/match.ts';
import type { DiagnosticCode } from '../../diagnostics/codes.ts';
import type { DiagnosticSeverity } from '../../diagnostics/diagnostic.ts';
import type { NftRelease } from './nft-release.ts';
import type { ServiceLookup } from './service-ports.ts';

/** One loaded match or target of a rule with the options that went to it. */
export interface ModuleUse {
  readonly name: string;
  readonly options: readonly OptionSyntax[];
}

/** Something to tell the user about a rule; the reader adds where. */
export interface Remark {
  readonly code: DiagnosticCode;
  readonly severity: DiagnosticSeverity;
  readonly message: string;
  readonly help?: string;
  /** Text to point at inside the rule. */
  readonly word?: string;
}

/** The protocol test of the rule, which port and ICMP tests hang on. */
export interface ProtocolTest {
  /** 0 when the rule has none. */
  readonly number: number;
  readonly negated: boolean;
}

/** What the lowering of one rule may ask and tell. */
export interface RuleContext {
  readonly family: Family;
  readonly protocol: ProtocolTest;
  /** The table and built-in chain the rule stands in; the chain is undefined for user chains. */
  readonly table: string;
  readonly hook: string | undefined;
  readonly localAddresses: readonly LocalAddress[];
  /** Undefined if nothing tells. */
  readonly nftRelease: NftRelease | undefined;
  readonly lookup: ServiceLookup;
  /** The tool refuses the rule: `word` was read, `message` says what is wrong. */
  readonly refuse: (message: string, word?: string) => void;
  readonly remark: (remark: Remark) => void;
  /** A part of the rule is unknown to fw-audit: says so and counts the rule as not understood. */
  readonly misunderstood: (message: string, word?: string) => void;
}

/** A condition about which the input says nothing: the same question has the same answer for a packet wherever it is asked. */
export function packetUnknown(key: string, reason = key): Match {
  return { kind: 'unknown', scope: 'packet', key, reason };
}

/** A condition whose answer may differ each time it is asked. */
export function ruleUnknown(reason: string): Match {
  return { kind: 'unknown', scope: 'rule', key: reason, reason };
}

/** The text of a module's options as iptables would print them, each with its full name. */
export function canonicalText(use: ModuleUse): string {
  return use.options
    .map((option) =>
      [`${option.negated ? '! ' : ''}--${option.name}`, ...option.values.map(quoteValue)].join(' '),
    )
    .join(' ');
}

function quoteValue(value: string): string {
  return /^[^\s"'\\]+$/.test(value) ? value : JSON.stringify(value);
}

/** The option of that name, the last if it is given twice. */
export function optionNamed(use: ModuleUse, name: string): OptionSyntax | undefined {
  return use.options.findLast((option) => option.name === name);
}

/** Stands in a word of a script where something could not be resolved; the readable text follows it. */
export const unresolvedMark = '\uE000';

export function isUnresolved(text: string): boolean {
  return text.includes(unresolvedMark);
}

/** What stands where an expansion is not known: a mark, and the text as it was written. */
export function unresolved(written: string): string {
  return unresolvedMark + written;
}

/** The text as people may read it. */
export function readable(text: string): string {
  return text.replaceAll(unresolvedMark, '');
}
