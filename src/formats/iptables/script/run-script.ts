import { parseShell } from '../../../../grammars/iptables/shell-parser.ts';
import type { ShellStatement } from '../../../../grammars/iptables/shell-syntax.ts';
import { all, and, not, type Match } from '../../../model/match.ts';
import type { Source } from '../../../source/source.ts';
import { isUnresolved, packetUnknown, readable, ruleUnknown, unresolvedMark } from '../lowering.ts';
import type { SaveReader } from '../read-save.ts';
import type { Workbench } from '../workbench.ts';
import { Commands, mayNotRun, type Shell } from './commands.ts';
import { fitsPattern } from './conditions.ts';
import { expandFields, expandJoined, type Scope } from './expand.ts';
import { holdsCall } from './mentions.ts';
import { namesRead } from './names-read.ts';
import { ScriptFiles } from './script-files.ts';
import { placedAt, textOf } from './statement-text.ts';
import { type Simple, type Status, ToolCalls } from './tool-calls.ts';
import { Variables } from './variables.ts';

interface ShellFunction {
  readonly body: ShellStatement;
  /** Where it is written. */
  readonly source: Source;
}

const mostCommands = 200000;
const deepestCall = 40;

/**
 * Replays a shell script on a rule set without ever executing anything: variables, constant loops, functions and tests of constants are
 * followed; what hangs on anything else becomes a condition on the rules that it guards.
 */
export class ScriptRunner implements Shell {
  private readonly bench: Workbench;
  private readonly tools: ToolCalls;
  private readonly scope: Scope;
  private readonly variables: Variables;
  private readonly commands: Commands;
  private readonly functions = new Map<string, ShellFunction>();
  private readonly conditions: Match[] = [];
  private count = 0;
  private depth = 0;
  private stopped = false;
  private returning = false;

  constructor(bench: Workbench, saves: SaveReader) {
    this.bench = bench;
    this.variables = new Variables(bench.options.definitions, this.conditions);
    this.scope = this.variables.scope;
    bench.lowerers.ipv4.scripted = true;
    bench.lowerers.ipv6.scripted = true;
    const files = new ScriptFiles(bench);
    this.tools = new ToolCalls(bench, saves, files, { scope: this.scope, conditions: this.conditions });
    this.commands = new Commands(bench, this, this.variables, this.tools, files);
  }

  run(): void {
    this.file(this.bench.source);
    this.stopped = false;
    this.commands.end();
    for (const table of this.bench.ruleset.tables.values()) {
      if (!this.tools.flushed.has(`${table.family}/${table.name}`))
        this.bench.assumptions.add(
          `The script does not flush the ${table.family === 'ipv4' ? 'IPv4' : 'IPv6'} ${table.name} table; rules that were there before are not known`,
        );
      this.bench.reportMissingPolicies(table);
    }
  }

  /** The commands of one file. */
  file(source: Source): void {
    const script = parseShell(source.text);
    const conditions = this.conditions.length;
    if (script.lostAt !== undefined) {
      this.reportLost(script.lostAt, script.lostAt + 1);
      this.conditions.push(ruleUnknown(mayNotRun));
    }
    this.list(script.statements);
    this.returning = false;
    this.conditions.length = conditions;
  }

  private list(statements: readonly ShellStatement[]): Status {
    let status: Status = true;
    for (const statement of statements) {
      if (this.stopped || this.returning) break;
      status = this.statement(statement);
    }
    return status;
  }

  /** Runs statements that may or may not run. */
  private under(condition: Match, statements: readonly ShellStatement[]): Status {
    return this.perhaps(condition, () => this.list(statements));
  }

  /** Does what may or may not happen. */
  perhaps(condition: Match, act: () => Status): Status {
    this.conditions.push(condition);
    const status = act();
    this.conditions.pop();
    this.returning = false;
    this.stopped = this.count > mostCommands;
    return status;
  }

  /** Runs code that a command hands to a shell: to one below, with `positional` to another program, or to this one (`eval`). */
  code(code: string, place: Simple, below: boolean, positional?: readonly string[]): Status {
    if (this.depth >= deepestCall) return undefined;
    const { statements, lostAt } = parseShell(code);
    if (lostAt !== undefined && holdsCall(code)) this.reportLost(place.start, place.end);
    const placed = placedAt(statements, code, place);
    this.depth++;
    const run = (): Status =>
      lostAt === undefined ? this.list(placed) : this.under(ruleUnknown(mayNotRun), placed);
    const status = below ? this.variables.below(positional, run) : run();
    this.depth--;
    if (below) {
      this.returning = false;
      this.stopped = this.count > mostCommands;
    }
    return status;
  }

  private reportLost(start: number, end: number): void {
    this.bench.reporter.add(
      {
        code: 'FW1114',
        severity: 'error',
        message:
          'the structure of the script cannot be followed from here; every command in it is taken as one that may run',
      },
      this.bench.span({ start, end }),
    );
  }

  private statement(statement: ShellStatement): Status {
    switch (statement.kind) {
      case 'simple':
        return this.simple(statement);
      case 'pipeline':
        return this.pipeline(statement);
      case 'and': {
        const left = this.statement(statement.left);
        if (left === true) return this.statement(statement.right);
        if (left === false) return false;
        this.under(this.guard(statement.left), [statement.right]);
        return undefined;
      }
      case 'or': {
        const left = this.statement(statement.left);
        if (left === true) return true;
        if (left === false) return this.statement(statement.right);
        this.under(not(this.guard(statement.left)), [statement.right]);
        return undefined;
      }
      case 'if':
        return this.branches(statement);
      case 'for':
        return this.loop(statement);
      case 'while': {
        this.list(statement.condition);
        for (const name of namesRead(statement.condition)) this.scope.variables.delete(name);
        return this.under(ruleUnknown('the loop may not run'), statement.body);
      }
      case 'case':
        return this.caseOf(statement);
      case 'function':
        this.functions.set(statement.name, { body: statement.body, source: this.bench.source });
        return true;
      case 'group':
        return this.list(statement.body);
    }
  }

  /** The condition that a command succeeds, worded as the script words it; the same words are the same condition. */
  private guard(statement: ShellStatement): Match {
    return packetUnknown(`script: ${textOf(statement, this.bench.source.text)}`);
  }

  private branches(statement: Extract<ShellStatement, { kind: 'if' }>): Status {
    let before: Match = all;
    for (const branch of statement.branches) {
      const status = this.list(branch.condition);
      const last = branch.condition.at(-1);
      if (status === false) continue;
      if (status === true) {
        if (before.kind === 'all') return this.list(branch.body);
        this.under(before, branch.body);
        return undefined;
      }
      const condition = last === undefined ? ruleUnknown('if') : this.guard(last);
      this.under(and(before, condition), branch.body);
      before = and(before, not(condition));
    }
    if (before.kind === 'all') return this.list(statement.otherwise);
    this.under(before, statement.otherwise);
    return undefined;
  }

  private loop(statement: Extract<ShellStatement, { kind: 'for' }>): Status {
    const items =
      statement.items === undefined
        ? this.scope.positional
        : statement.items.flatMap((word) => expandFields(word, this.scope));
    if (items === undefined) {
      this.scope.variables.delete(statement.name);
      return this.under(ruleUnknown(`the loop over ${statement.name}`), statement.body);
    }
    for (const item of items) {
      if (this.stopped || this.returning) break;
      if (!isUnresolved(item)) {
        this.scope.variables.set(statement.name, [item]);
        this.list(statement.body);
        continue;
      }
      this.scope.variables.set(statement.name, [unresolvedMark + `$${statement.name}`]);
      this.under(ruleUnknown(`the loop over ${readable(item)}`), statement.body);
    }
    return true;
  }

  private caseOf(statement: Extract<ShellStatement, { kind: 'case' }>): Status {
    const subject = expandJoined(statement.subject, this.scope);
    if (!isUnresolved(subject)) {
      for (const arm of statement.arms)
        if (arm.patterns.some((pattern) => fitsPattern(subject, expandJoined(pattern, this.scope)) === true))
          return this.list(arm.body);
      return true;
    }
    const start = statement.arms.find((arm) =>
      arm.patterns.some((pattern) => expandJoined(pattern, this.scope) === 'start'),
    );
    if (start !== undefined) {
      this.bench.assumptions.add('The script is read as if it was run with the argument "start"');
      return this.list(start.body);
    }
    for (const arm of statement.arms) {
      const text = arm.patterns.map((pattern) => readable(expandJoined(pattern, this.scope))).join('|');
      this.under(packetUnknown(`script: ${readable(subject)} is ${text}`), arm.body);
    }
    return undefined;
  }

  private pipeline(statement: Extract<ShellStatement, { kind: 'pipeline' }>): Status {
    if (statement.parts.length === 1) {
      const status = this.statement(statement.parts[0]!);
      return status === undefined ? undefined : status !== statement.negated;
    }
    const input = statement.parts.flatMap((part) =>
      part.kind === 'simple' ? part.redirects.filter((redirect) => redirect.body !== undefined) : [],
    )[0];
    let status: Status;
    const { text } = this.bench.source;
    const outer = this.commands.pipe;
    for (const [i, part] of statement.parts.entries()) {
      const from = statement.parts.slice(0, i);
      if (i > 0) this.commands.pipe = { from, text: from.map((each) => textOf(each, text)).join(' | ') };
      status =
        part.kind === 'simple' && input !== undefined
          ? this.simple({ ...part, redirects: [...part.redirects, input] })
          : this.statement(part);
    }
    this.commands.pipe = outer;
    return statement.negated || status === undefined ? undefined : status;
  }

  private simple(statement: Simple): Status {
    if (++this.count > mostCommands) {
      if (!this.stopped)
        this.bench.reporter.add(
          {
            code: 'FW1006',
            severity: 'error',
            message: `the script runs more than ${mostCommands} commands; the rest was not read`,
          },
          this.bench.span(statement),
        );
      this.stopped = true;
      return undefined;
    }
    return this.commands.simple(statement);
  }

  isFunction(name: string): boolean {
    return this.functions.has(name);
  }

  /** Ends the script, or the shell below it that runs. */
  exit(): void {
    this.stopped = true;
  }

  /** Ends the function or the file that was read. */
  leave(): void {
    this.returning = true;
  }

  call(name: string, args: readonly string[]): Status {
    const called = this.functions.get(name);
    if (called === undefined) return undefined;
    if (this.depth >= deepestCall) return undefined;
    const outer = this.scope.positional;
    this.scope.positional = args;
    this.depth++;
    let status: Status;
    this.bench.within(called.source, () => {
      status = this.statement(called.body);
    });
    this.depth--;
    this.returning = false;
    this.scope.positional = outer;
    return status;
  }
}
