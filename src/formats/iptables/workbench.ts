import { type LineGrammar, RestoreParser } from '../../../grammars/iptables/restore-parser.ts';
import type { Family } from '../../packets/fields.ts';
import type { Source, Span } from '../../source/source.ts';
import type { ReadOptions } from '../format.ts';
import type { PassagePiece } from '../passage.ts';
import { SetStore } from './ipset/set-store.ts';
import { RuleLowerer } from './lower-rule.ts';
import { Reporter } from './reporter.ts';
import { CommandRunner } from './run-command.ts';
import { Ruleset, type TableState } from './ruleset.ts';
import type { ServiceLookup } from './service-ports.ts';

/** What the readers of the parts of one input share: the rule set they build and what they need to build it. */
export class Workbench {
  /** What is being read: the input, or a file that a script in it reads. */
  source: Source;
  readonly options: ReadOptions;
  readonly ruleset = new Ruleset();
  readonly reporter: Reporter;
  readonly runner: CommandRunner;
  readonly parser: RestoreParser;
  readonly lowerers: Readonly<Record<Family, RuleLowerer>>;
  readonly sets: SetStore;
  readonly assumptions = new Set<string>();
  /** What a script gives to nft. */
  readonly nftText: PassagePiece[] = [];

  constructor(source: Source, options: ReadOptions, lookup: ServiceLookup, grammar: LineGrammar) {
    this.parser = new RestoreParser(grammar);
    this.source = source;
    this.options = options;
    this.reporter = new Reporter(source);
    this.sets = new SetStore(this.reporter, lookup);
    this.runner = new CommandRunner(this.ruleset, this.reporter);
    this.lowerers = {
      ipv4: new RuleLowerer('ipv4', options.localAddresses, lookup),
      ipv6: new RuleLowerer('ipv6', options.localAddresses, lookup),
    };
  }

  /** Where something stands in what is being read; what is open at the end of the text ends there. */
  span({ start, end }: { readonly start: number; readonly end: number }): Span {
    return { source: this.source.id, start, end: Math.min(end, this.source.text.length) };
  }

  /** Does something with another source in the place of this one. */
  within(source: Source, act: () => void): void {
    const outer = this.source;
    this.source = source;
    this.reporter.know(source);
    act();
    this.source = outer;
  }

  private readonly reportedChains = new Set<string>();

  /** Says which built-in chains of a table end in a policy that the input does not tell. Chains of nat can only accept. */
  reportMissingPolicies(table: TableState, span?: Span): void {
    if (table.name === 'nat') return;
    for (const chain of table.chains.values()) {
      if (!chain.builtin || chain.policy !== undefined || this.reportedChains.has(chain.id)) continue;
      if (chain.rules.length === 0 && table.name !== 'filter') continue;
      this.reportedChains.add(chain.id);
      this.reporter.add(
        {
          code: 'FW1104',
          severity: 'warning',
          message: `the policy of ${table.name} ${chain.name} is not in the input; ACCEPT is assumed`,
          help: `A line ":${chain.name} DROP [0:0]" in iptables-save, or "-P ${chain.name} DROP", says it.`,
        },
        span,
      );
    }
  }
}
