import { parseListingLine, type ListingColumns } from '../../../grammars/iptables/listing-parser.ts';
import type { CommandSyntax } from '../../../grammars/iptables/syntax.ts';
import type { Match } from '../../model/match.ts';
import type { Family } from '../../packets/fields.ts';
import type { Span } from '../../source/source.ts';
import { familyOfLine } from './family.ts';
import { guessTable, isBuiltinAnywhere, settleFamily } from './guess-table.ts';
import { linesOf } from './lines.ts';
import { option } from '../../../grammars/iptables/listing-phrases.ts';
import type { TableName } from './ruleset.ts';
import type { Segment } from './segments.ts';
import type { Workbench } from './workbench.ts';

interface Row {
  readonly chain: string;
  readonly command: CommandSyntax;
  readonly span: Span;
  readonly interfaces: boolean;
}

interface ListedChain {
  readonly name: string;
  readonly policy: string | undefined;
  readonly span: Span;
}

interface Block {
  readonly chains: Map<string, ListedChain>;
  readonly rows: Row[];
  family: Family | undefined;
}

const listingSigns6 =
  /\s(?:::\/0|[0-9a-fA-F]{0,4}:[0-9a-fA-F]*:[0-9a-fA-F:]*(?:\/\d+)?)\s|icmp6-|ipv6-icmp|icmpv6/;
const listingSigns4 = /\s!?\d{1,3}(?:\.\d{1,3}){3}(?:\/[\d.]+)?(?:\s|$)|reject-with icmp-/;

/** Without `-v` a listing leaves the interfaces out, so no row is known to hold for all of them. */
const unseenInterfaces: Match = {
  kind: 'unknown',
  scope: 'rule',
  key: 'interface not listed',
  reason: 'the listing was made without -v and does not show interfaces',
};

/** Reads `iptables -L` in all its layouts, several tables one after the other. */
export function readListing(bench: Workbench, segment: Segment, assumed: Family | undefined): void {
  const { text } = bench.source;
  let block: Block = { chains: new Map(), rows: [], family: undefined };
  let chain = '';
  let columns: ListingColumns | undefined;
  const finish = (): void => {
    if (block.chains.size > 0) apply(bench, block, segment, assumed);
    block = { chains: new Map(), rows: [], family: undefined };
  };
  for (const [start, end] of linesOf(text, segment.start, segment.end)) {
    const line = text.slice(start, end);
    if (line.startsWith('#')) continue;
    const span: Span = { source: bench.source.id, start, end };
    const syntax = parseListingLine(line, columns);
    switch (syntax.kind) {
      case 'blank':
        break;
      case 'chain':
        if (block.chains.has(syntax.name)) finish();
        chain = syntax.name;
        block.chains.set(chain, { name: chain, policy: syntax.policy, span });
        break;
      case 'header':
        columns = syntax.columns;
        break;
      case 'rule':
        if (listingSigns6.test(line)) block.family ??= 'ipv6';
        else if (listingSigns4.test(line) || familyOfLine(line) === 'ipv4') block.family ??= 'ipv4';
        block.rows.push({ chain, command: syntax.command, span, interfaces: columns?.counters === true });
        break;
      case 'unknown':
        bench.runner.rules++;
        bench.reporter.add(
          {
            code: 'FW1004',
            severity: 'error',
            message: 'this line is no row of an iptables listing',
            help: 'A rule that should stand here is missing from the answer; iptables-save prints it whole.',
          },
          span,
        );
        break;
    }
  }
  finish();
}

function apply(bench: Workbench, block: Block, segment: Segment, assumed: Family | undefined): void {
  const family = settleFamily(bench, segment.family, block.family, assumed);
  const targets = new Set(
    block.rows.flatMap((row) =>
      row.command.options.filter((found) => found.name === 'jump').map((found) => found.values[0] ?? ''),
    ),
  );
  const builtins = new Set([...block.chains.values()].filter(isBuiltin).map((listed) => listed.name));
  const guess = guessTable({ builtins, targets });
  const name: TableName = segment.table ?? guess.table;
  if (segment.table === undefined && !guess.sure)
    bench.assumptions.add(`The listing does not name its table; ${name} is assumed`);
  const table = bench.ruleset.table(family, name);
  for (const listed of block.chains.values()) {
    const chain = table.chains.get(listed.name) ?? table.addChain(listed.name);
    chain.span = listed.span;
    if (listed.policy !== undefined) bench.runner.setPolicy(table, listed.span, listed.name, listed.policy);
  }
  const blind = block.rows.find((row) => !row.interfaces);
  if (blind !== undefined) {
    bench.reporter.add(
      {
        code: 'FW1115',
        severity: 'warning',
        message: 'the listing does not show interfaces, so every rule in it is only possible',
        help: 'Use iptables-save, or iptables -L -n -v.',
      },
      blind.span,
    );
    bench.assumptions.add(
      'The listing was made without -v: which interfaces its rules speak of is not known',
    );
  }
  const lowerer = bench.lowerers[family];
  lowerer.wholeOptions = false;
  for (const row of block.rows) {
    const command: CommandSyntax = {
      options: [option('core', '', 'append', [row.chain]), ...row.command.options],
      problems: row.command.problems,
    };
    bench.runner.run(command, table, lowerer, row.span, row.interfaces ? undefined : unseenInterfaces);
  }
  lowerer.wholeOptions = true;
  bench.reportMissingPolicies(table);
}

function isBuiltin(listed: ListedChain): boolean {
  return listed.policy !== undefined || isBuiltinAnywhere(listed.name);
}
