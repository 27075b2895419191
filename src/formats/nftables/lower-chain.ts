import type { Rule } from '../../model/firewall.ts';
import type { ReadOptions } from '../format.ts';
import { chainId } from './build-firewall.ts';
import { type ChainPlace, nowhere } from './chain-places.ts';
import { type CalledChain, RuleLowering } from './lower-rule.ts';
import { LoweringContext } from './lowering-context.ts';
import type { Reporter } from './reporter.ts';
import type { RuleFace, RuleSink } from './rule-sink.ts';
import type { ChainState, MissingInclude, TableState } from './ruleset-state.ts';
import type { SetLibrary } from './set-library.ts';

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
  const context = new LoweringContext(
    { family: table.family, table: table.name, ...(lowering.places.get(chain.name) ?? nowhere) },
    library,
    options,
    reporter,
  );
  const find = (name: string): CalledChain | undefined => {
    const found = table.chains.get(name);
    return found && { id: chainId(table, name), isBase: found.hook !== undefined };
  };
  let misunderstood = 0;
  for (const rule of chain.rules) {
    if (rule.kind === 'missing-include') {
      pushMissing(rule, rules, sink);
      continue;
    }
    context.source = rule.span.source;
    context.understood = true;
    const face: RuleFace = {
      span: rule.span,
      ...(rule.comment === undefined ? {} : { comment: rule.comment }),
      ...(rule.label === undefined ? {} : { label: rule.label }),
    };
    new RuleLowering(context, sink, face, find).lower(rule, { chain: id, rules });
    if (!context.understood) misunderstood++;
  }
  return misunderstood;
}
