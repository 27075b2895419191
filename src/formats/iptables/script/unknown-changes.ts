import type { Match } from '../../../model/match.ts';
import type { Family } from '../../../packets/fields.ts';
import type { Span } from '../../../source/source.ts';
import { readable } from '../lowering.ts';
import { type TableName, tableNames } from '../ruleset.ts';
import type { Workbench } from '../workbench.ts';
import type { Simple } from './tool-calls.ts';
import { unsettle } from './unsettle.ts';

/** What a script does to packet filters without telling what: each such command is said, and what it may change is possible only. */
export class UnknownChanges {
  private readonly bench: Workbench;
  private readonly conditions: readonly Match[];
  private readonly flushed: Set<string>;
  private readonly places = new Set<string>();

  constructor(bench: Workbench, conditions: readonly Match[], flushed: Set<string>) {
    this.bench = bench;
    this.conditions = conditions;
    this.flushed = flushed;
  }

  /** A command sets up packet filters in another place than this host. */
  elsewhere(where: string, statement: Simple): void {
    if (this.places.has(where)) return;
    this.places.add(where);
    this.bench.reporter.add(
      {
        code: 'FW1114',
        severity: 'warning',
        message: `this command is for ${readable(where)}, not for this host; its rules are not counted`,
      },
      this.bench.span(statement),
    );
    this.bench.assumptions.add(`Rules for ${readable(where)} are left out`);
  }

  /** A program that is not known is given a call of a tool as its words. */
  notFollowed(program: string, statement: Simple): void {
    this.bench.reporter.add(
      {
        code: 'FW1114',
        severity: 'error',
        message: `what ${readable(program)} does with this command is not known; it is taken as one that may run`,
      },
      this.bench.span(statement),
    );
  }

  /** A program that is not known is given calls of tools in a text. What they do is not known: any table may be changed. */
  calls(program: string, statement: Simple): void {
    const span = this.bench.span(statement);
    const reason = `script: commands that ${readable(program)} may run`;
    this.bench.reporter.add(
      {
        code: 'FW1114',
        severity: 'error',
        message: `${readable(program)} may run commands that change the packet filter, and which is not known; whatever it holds by then is taken as possible`,
        help: 'Audit the loaded rules with iptables-save.',
      },
      span,
    );
    this.bench.runner.rules++;
    for (const family of ['ipv4', 'ipv6'] as const)
      if ([...this.bench.ruleset.tables.values()].some((table) => table.family === family))
        this.unsettle(family, undefined, reason, span);
  }

  /** Any table of the family may be changed, or the one that is named. */
  unsettle(family: Family, name: string | undefined, reason: string, span: Span): void {
    for (const each of tableNames) {
      if (name !== undefined && name !== each) continue;
      const table = this.bench.ruleset.table(family, each);
      unsettle(this.bench, table, reason, span, this.conditions);
      this.flushed.add(`${family}/${each}`);
    }
  }

  /** What the command does is in a variable or comes from elsewhere. */
  command(family: Family, name: TableName | undefined, args: readonly string[], span: Span): void {
    const written = readable(args.join(' '));
    this.bench.reporter.add(
      {
        code: 'FW1114',
        severity: 'error',
        message: `the command ${JSON.stringify(written)} is not known; whatever the tables hold by then is taken as possible`,
        help: 'Give variables with --define, or audit the loaded rules with iptables-save.',
      },
      span,
    );
    this.bench.runner.rules++;
    this.unsettle(family, name, `script: iptables ${written}`, span);
  }
}
