import type { Rule } from '../../model/firewall.ts';
import type { ReadOptions } from '../format.ts';
import { chainId } from './build-firewall.ts';
import { type ChainPlace, nowhere } from './chain-places.ts';
import { withoutFalseTranslations } from './iptables-translations.ts';
import { RuleLowering } from './lower-rule.ts';
import { LoweringContext, type TablePlace } from './lowering-context.ts';
import { PlainLowering } from './plain-lowering.ts';
import type { Reporter } from './reporter.ts';
import type { RuleSink } from './rule-sink.ts';
import type { ChainState, MissingInclude, TableState } from './ruleset-state.ts';
import type { SetLibrary } from './set-library.ts';
import type { FindChain } from './verdict-action.ts';

/** What the chains of one table are lowered with. */
export interface ChainLowering {
  readonly table: TableState;
  readonly library: SetLibrary;
  readonly sink: RuleSink;
  readonly options: ReadOptions;
  readonly reporter: Reporter;
  /** What could not be read, outside of chains. */
  readonly missing: MissingInclude | undefined;
  readonly places: ReadonlyMap<string, ChainPlace>;
  /** The table may be one of iptables-nft's, as nft lists it. */
  readonly isTranslated: boolean;
  /** By place: what chains there have lowered of rules that are plain. */
  readonly plain: Map<string, PlainLowering>;
}

/** Lowers a chain's rules into `rules`; how many of them are not understood. */
export function lowerChainRules(
  chain: ChainState,
  rules: Rule[],
  lowering: ChainLowering,
  pushMissing: (missing: MissingInclude, rules: Rule[], sink: RuleSink) => void,
): number {
  const { table, library, sink, options, reporter } = lowering;
  const id = chainId(table, chain.name);
  const place: TablePlace = {
    family: table.family,
    table: table.name,
    ...(lowering.places.get(chain.name) ?? nowhere),
  };
  const context = new LoweringContext(place, library, options, reporter);
  const find: FindChain = (name) => {
    const found = table.chains.get(name);
    return found && { id: chainId(table, name), isBase: found.hook !== undefined };
  };
  const key = `${place.hook ?? ''} ${place.conntrack}`;
  let plain = lowering.plain.get(key);
  if (plain === undefined) {
    plain = new PlainLowering(place, library, options, sink, find);
    lowering.plain.set(key, plain);
  }
  const into = { chain: id, rules };
  let misunderstood = 0;
  for (const written of chain.rules) {
    if (written.kind === 'missing-include') {
      pushMissing(written, rules, sink);
      continue;
    }
    const rule = lowering.isTranslated ? withoutFalseTranslations(written) : written;
    if (plain.lower(rule, into)) continue;
    context.source = rule.span.source;
    context.understood = true;
    new RuleLowering(context, sink, rule, find).lower(rule, into);
    if (!context.understood) misunderstood++;
  }
  return misunderstood;
}
