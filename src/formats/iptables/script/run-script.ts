import { parseShell } from '../../../../grammars/iptables/shell-parser.ts';
import type { ShellAssignment, ShellStatement } from '../../../../grammars/iptables/shell-syntax.ts';
import { all, and, not, type Match } from '../../../model/match.ts';
import type { Source, Span } from '../../../source/source.ts';
import { isUnresolved, packetUnknown, readable, ruleUnknown, unresolvedMark } from '../lowering.ts';
import type { SaveReader } from '../read-save.ts';
import type { Workbench } from '../workbench.ts';
import { evaluateTest, fitsPattern } from './conditions.ts';
import { expandFields, expandJoined, type Scope } from './expand.ts';
import { namesRead } from './names-read.ts';
import { ScriptFiles } from './script-files.ts';
import { ToolCalls, type Status } from './tool-calls.ts';
import { toolOf } from './tools.ts';

interface ShellFunction {
  readonly body: ShellStatement;
  /** Where it is written. */
  readonly source: Source;
}

type Simple = Extract<ShellStatement, { kind: 'simple' }>;

const mostCommands = 200000;
const deepestCall = 40;

/**
 * Replays a shell script on a rule set without ever executing anything: variables, constant loops, functions and tests of constants are
 * followed; what hangs on anything else becomes a condition on the rules that it guards.
 */
export class ScriptRunner {
  private readonly bench: Workbench;
  private readonly tools: ToolCalls;
  private readonly scope: Scope;
  private readonly files: ScriptFiles;
  private readonly functions = new Map<string, ShellFunction>();
  private readonly conditions: Match[] = [];
  private commands = 0;
  private depth = 0;
  private stopped = false;
  private returning = false;

  constructor(bench: Workbench, saves: SaveReader) {
    this.bench = bench;
    const given = [...bench.options.definitions].map(([name, value]) => [name, [value]] as const);
    this.scope = { variables: new Map(given), positional: undefined };
    bench.lowerers.ipv4.scripted = true;
    bench.lowerers.ipv6.scripted = true;
    this.files = new ScriptFiles(bench);
    this.tools = new ToolCalls(bench, saves, this.files, { scope: this.scope, conditions: this.conditions });
  }

  run(): void {
    this.file(this.bench.source);
    for (const table of this.bench.ruleset.tables.values()) {
      if (!this.tools.flushed.has(`${table.family}/${table.name}`))
        this.bench.assumptions.add(
          `The script does not flush the ${table.family === 'ipv4' ? 'IPv4' : 'IPv6'} ${table.name} table; rules that were there before are not known`,
        );
      this.bench.reportMissingPolicies(table);
    }
  }

  /** The commands of one file. */
  private file(source: Source): void {
    const script = parseShell(source.text);
    const conditions = this.conditions.length;
    if (script.lostAt !== undefined) {
      this.bench.reporter.add(
        {
          code: 'FW1114',
          severity: 'error',
          message:
            'the structure of the script cannot be followed from here; every command in it is taken as one that may run',
        },
        this.span(script.lostAt, script.lostAt + 1),
      );
      this.conditions.push(ruleUnknown('the script may not run this command'));
    }
    this.list(script.statements);
    this.returning = false;
    this.conditions.length = conditions;
  }

  private span(start: number, end: number): Span {
    return { source: this.bench.source.id, start, end: Math.min(end, this.bench.source.text.length) };
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
    this.conditions.push(condition);
    const status = this.list(statements);
    this.conditions.pop();
    this.returning = false;
    this.stopped = this.commands > mostCommands;
    return status === undefined ? undefined : status;
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
    return packetUnknown(`script: ${this.textOf(statement)}`);
  }

  private textOf(statement: ShellStatement): string {
    switch (statement.kind) {
      case 'simple':
        return this.bench.source.text.slice(statement.start, statement.end);
      case 'pipeline':
        return statement.parts.map((part) => this.textOf(part)).join(' | ');
      case 'and':
      case 'or':
        return `${this.textOf(statement.left)} ${statement.kind === 'and' ? '&&' : '||'} ${this.textOf(statement.right)}`;
      default:
        return statement.kind;
    }
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
    for (const part of statement.parts) {
      status =
        part.kind === 'simple' && input !== undefined
          ? this.simple({ ...part, redirects: [...part.redirects, input] })
          : this.statement(part);
    }
    return statement.negated || status === undefined ? undefined : status;
  }

  private assign(assignment: ShellAssignment): void {
    const { name } = assignment;
    const values = assignment.array
      ? assignment.values.flatMap((word) => expandFields(word, this.scope))
      : assignment.values.map((word) => expandJoined(word, this.scope));
    const old = this.scope.variables.get(name);
    const value = !assignment.append
      ? values
      : assignment.array
        ? [...(old ?? []), ...values]
        : [(old ?? []).join(' ') + values.join(' ')];
    this.setVariable(name, value);
  }

  private setVariable(name: string, value: readonly string[]): void {
    const old = this.scope.variables.get(name);
    const changes = old !== undefined && old.join('\n') !== value.join('\n');
    // Under a condition the old value may still hold.
    if (this.conditions.length > 0 && changes) this.scope.variables.set(name, [`${unresolvedMark}$${name}`]);
    else this.scope.variables.set(name, value);
  }

  private simple(statement: Simple): Status {
    if (++this.commands > mostCommands) {
      if (!this.stopped)
        this.bench.reporter.add(
          {
            code: 'FW1006',
            severity: 'error',
            message: `the script runs more than ${mostCommands} commands; the rest was not read`,
          },
          this.span(statement.start, statement.end),
        );
      this.stopped = true;
      return undefined;
    }
    if (statement.words.length === 0) {
      for (const assignment of statement.assignments) this.assign(assignment);
      return true;
    }
    const words = statement.words.flatMap((word) => expandFields(word, this.scope));
    const tool = toolOf(words);
    if (tool !== undefined) {
      switch (tool.kind) {
        case 'iptables':
          return this.tools.iptables(tool.family, tool.args, statement);
        case 'restore':
          return this.tools.restore(tool.family, tool.args, statement);
        case 'ipset':
          return this.tools.ipset(tool.args, statement);
        case 'nft':
          return this.tools.nft(tool.args, statement);
      }
    }
    return this.builtin(words, statement);
  }

  private builtin(words: readonly string[], statement: Simple): Status {
    const [command = '', ...args] = words;
    switch (command) {
      case 'true':
      case ':':
      case 'echo':
      case 'printf':
      case 'logger':
        return true;
      case 'false':
        return false;
      case 'test':
      case '[':
      case '[[':
        return evaluateTest(args);
      case 'export':
      case 'local':
      case 'readonly':
      case 'declare':
      case 'typeset':
        for (const arg of args) {
          const found = /^([A-Za-z_]\w*)=([^]*)$/.exec(arg);
          if (found !== null) this.setVariable(found[1] ?? '', [found[2] ?? '']);
        }
        return true;
      case 'unset':
        for (const arg of args) this.scope.variables.set(arg, ['']);
        return true;
      case 'shift':
        this.scope.positional = this.scope.positional?.slice(Number(args[0] ?? '1'));
        return true;
      case 'set':
        if (args[0] === '--') this.scope.positional = args.slice(1);
        return true;
      case 'read':
        for (const arg of args) if (!arg.startsWith('-')) this.scope.variables.delete(arg);
        return undefined;
      case 'return':
        this.returning = true;
        return true;
      case 'exit':
        this.stopped = true;
        return true;
      case '.':
      case 'source':
        return this.readFile(args, statement);
      default:
        return this.call(command, args);
    }
  }

  /** `. FILE`: its commands run in this shell. */
  private readFile([word = '', ...args]: readonly string[], statement: Simple): Status {
    const outer = this.scope.positional;
    if (args.length > 0) this.scope.positional = args;
    const reason = this.files.visit(word, (source) => {
      this.file(source);
    });
    this.scope.positional = outer;
    if (reason === undefined) return undefined;
    const name = readable(word);
    this.bench.reporter.add(
      {
        code: 'FW1114',
        severity: 'warning',
        message: `the script reads ${name}, which is not part of this input (${reason}); variables and rules in it are not known`,
        help: 'Name its folder with --include-root, give variables with --define, or audit the loaded rules with iptables-save.',
      },
      this.span(statement.start, statement.end),
    );
    this.bench.assumptions.add(`The script reads ${name}, which was not read; it is taken to hold no rules`);
    return undefined;
  }

  private call(name: string, args: readonly string[]): Status {
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
