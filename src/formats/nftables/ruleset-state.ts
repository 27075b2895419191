import type {
  ChainItemHook,
  RuleSyntax,
  SetElementSyntax,
  SetSyntax,
  ObjectSyntax,
} from '../../../grammars/nftables/syntax.ts';
import type { Span } from '../../source/source.ts';

/** What the kernel holds after the commands so far. */
export class RulesetState {
  /** By `family table`. */
  readonly tables = new Map<string, TableState>();
  /** Files that could not be read and may hold anything. */
  readonly missingIncludes: MissingInclude[] = [];
  /** Tables and chains that were there before, and get rules or elements: they may drop packets. */
  readonly earlier: MissingInclude[] = [];
}

export function tableKey({ family, table }: { readonly family: string; readonly table: string }): string {
  return `${family} ${table}`;
}

export interface TableState {
  readonly family: string;
  readonly name: string;
  readonly chains: Map<string, ChainState>;
  readonly sets: Map<string, SetState>;
  readonly objects: Map<string, ObjectSyntax>;
  /** Unknown where a flag is none of nft's. */
  dormant: boolean | 'unknown';
  handle: number | undefined;
  readonly span: Span;
}

export interface ChainState {
  name: string;
  hook: ChainItemHook | undefined;
  policy: { readonly verdict: 'accept' | 'drop' | 'unknown'; readonly span: Span } | undefined;
  rules: RuleState[];
  handle: number | undefined;
  readonly span: Span;
  /** When it was made, counted over all chains: the kernel runs later ones of equal priority first. */
  readonly registered: number;
}

export type RuleState = RuleSyntax | MissingInclude;

/** Something that is not in the input, and holds rules. */
export interface MissingInclude {
  readonly kind: 'missing-include';
  readonly path: string;
  readonly span: Span;
}

export interface SetState {
  readonly syntax: SetSyntax;
  elements: { readonly source: number; readonly element: SetElementSyntax }[];
  /** An `elements` clause or command was there: an empty set is meant to be empty. */
  filled: boolean;
  /** Rules add to it or take from it while packets pass. */
  updated: boolean;
  handle: number | undefined;
}

/** nft(8), "TABLES"; the JSON of nft 1.0.6 has a word in their place that is no flag. */
const tableFlags: ReadonlySet<string> = new Set(['dormant', 'owner', 'persist']);

/** Whether a table with these flags does nothing. */
export function dormancy(flags: readonly string[]): boolean | 'unknown' {
  if (flags.includes('dormant')) return true;
  return flags.every((flag) => tableFlags.has(flag)) ? false : 'unknown';
}
