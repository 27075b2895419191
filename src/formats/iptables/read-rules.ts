import type { CommandSyntax } from '../../../grammars/iptables/syntax.ts';
import type { Family } from '../../packets/fields.ts';
import type { Span } from '../../source/source.ts';
import { familyOfLine } from './family.ts';
import { guessTable, isBuiltinAnywhere, settleFamily } from './guess-table.ts';
import { linesOf } from './lines.ts';
import { verbOf } from './run-command.ts';
import type { TableName } from './ruleset.ts';
import type { Segment } from './segments.ts';
import type { Workbench } from './workbench.ts';

interface Command {
  readonly command: CommandSyntax;
  readonly span: Span;
}

/** The commands of one table; `iptables -S` prints them without its name. */
interface Block {
  readonly commands: Command[];
  readonly policies: Set<string>;
  readonly builtins: Set<string>;
  readonly targets: Set<string>;
  table: TableName | undefined;
  family: Family | undefined;
}

function newBlock(): Block {
  return {
    commands: [],
    policies: new Set(),
    builtins: new Set(),
    targets: new Set(),
    table: undefined,
    family: undefined,
  };
}

/** Reads output of `iptables -S`: a command a line, several tables one after the other. */
export function readRules(bench: Workbench, segment: Segment, assumed: Family | undefined): void {
  const { text } = bench.source;
  let block = newBlock();
  const finish = (): void => {
    if (block.commands.length > 0) apply(bench, block, segment, assumed);
    block = newBlock();
  };
  for (const [start, end] of linesOf(text, segment.start, segment.end)) {
    const line = text.slice(start, end);
    if (line === '') continue;
    const syntax = bench.parser.parse(line);
    const span: Span = { source: bench.source.id, start, end };
    if (syntax.kind === 'blank') continue;
    if (syntax.kind === 'comment') {
      block.family ??= /^# inet6\b/.test(line) ? 'ipv6' : undefined;
      continue;
    }
    if (syntax.kind !== 'command') {
      bench.reporter.add(
        {
          code: 'FW1004',
          severity: 'error',
          message: 'this line is no command that iptables -S prints, such as -A CHAIN or -P CHAIN POLICY',
        },
        span,
      );
      continue;
    }
    const { command } = syntax;
    const verb = verbOf(command);
    const chain = verb?.values[0] ?? '';
    if (verb?.name === 'policy') {
      // A policy comes once a table, before its rules: the second one begins the next table.
      if (
        block.policies.has(chain) ||
        block.commands.some((earlier) => verbOf(earlier.command)?.name === 'append')
      )
        finish();
      block.policies.add(chain);
    }
    if (isBuiltinAnywhere(chain)) block.builtins.add(chain);
    for (const option of command.options) {
      if (option.owner !== 'core') continue;
      if (option.name === 'jump') block.targets.add(option.values[0] ?? '');
    }
    block.family ??= familyOfLine(line);
    block.commands.push({ command, span });
  }
  finish();
}

function apply(bench: Workbench, block: Block, segment: Segment, assumed: Family | undefined): void {
  const family = settleFamily(bench, segment.family, block.family, assumed);
  const guess = guessTable({
    builtins: block.policies.size > 0 ? block.policies : block.builtins,
    targets: block.targets,
  });
  const name = segment.table ?? guess.table;
  if (segment.table === undefined && !guess.sure)
    bench.assumptions.add(`The rules do not name their table; ${name} is assumed`);
  const table = bench.ruleset.table(family, name);
  for (const { command, span } of block.commands)
    bench.runner.run(command, table, bench.lowerers[family], span);
  bench.reportMissingPolicies(table);
}
