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
}

export interface TableState {
  readonly family: string;
  readonly name: string;
  readonly chains: Map<string, ChainState>;
  readonly sets: Map<string, SetState>;
  readonly objects: Map<string, ObjectSyntax>;
  dormant: boolean;
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
