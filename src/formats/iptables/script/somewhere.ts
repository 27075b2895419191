import type { CommandSyntax, OptionSyntax } from '../../../../grammars/iptables/syntax.ts';
import { and, type Match, not } from '../../../model/match.ts';
import type { Span } from '../../../source/source.ts';
import { packetUnknown, ruleUnknown } from '../lowering.ts';
import type { TableState } from '../ruleset.ts';
import type { Workbench } from '../workbench.ts';

/** A command that inserts, replaces or deletes a rule, and does not tell which or where. */
interface UnplacedCommand {
  readonly command: CommandSyntax;
  readonly verb: OptionSyntax;
  readonly table: TableState;
  readonly span: Span;
  readonly extra: Match | undefined;
  readonly written: string;
}

/**
 * Carries it out wherever it may be: what may be deleted is there or not, and a rule that stands somewhere among others decides first,
 * as one at the head would, or what these leave, as one at the end would.
 */
export function runSomewhere(bench: Workbench, unplaced: UnplacedCommand): void {
  const { command, verb, table, span, extra, written } = unplaced;
  const { runner, ruleset, reporter, lowerers } = bench;
  reporter.add(
    {
      code: 'FW1114',
      severity: 'warning',
      message:
        verb.name === 'insert'
          ? 'the place of the rule is not known'
          : 'which rule the command means is not known; any of the chain may be gone',
      help: 'Audit the loaded rules with iptables-save for an exact answer.',
    },
    span,
  );
  const [chainName = ''] = verb.values;
  const chain = table.chains.get(chainName);
  if (verb.name !== 'insert' && chain !== undefined)
    chain.rules = chain.rules.map((rule) =>
      ruleset.narrowed(
        rule,
        not(and(...(extra === undefined ? [] : [extra]), ruleUnknown(`script: ${written}`))),
      ),
    );
  if (verb.name === 'delete') return;
  const run = (name: string, values: readonly string[], condition: Match | undefined): void => {
    const options = command.options.map((option) => (option === verb ? { ...verb, name, values } : option));
    runner.run({ options, problems: command.problems }, table, lowerers[table.family], span, condition);
  };
  const conditions = extra === undefined ? [] : [extra];
  run(
    'insert',
    [chainName, '1'],
    and(...conditions, packetUnknown(`script: the rule of ${written} comes first`)),
  );
  // It is one rule still, and said once what there is to say of it.
  const { rules, understood } = runner;
  const said = reporter.diagnostics.length;
  run(
    'append',
    [chainName],
    verb.name === 'insert' ? extra : and(...conditions, ruleUnknown(`script: ${written}`)),
  );
  Object.assign(runner, { rules, understood });
  reporter.diagnostics.length = said;
}
