import { parseShell } from '../../../../grammars/iptables/shell-parser.ts';
import type { ShellStatement } from '../../../../grammars/iptables/shell-syntax.ts';
import { all, and, not, type Match } from '../../../model/match.ts';
import type { Source } from '../../../source/source.ts';
import { isUnresolved, packetUnknown, readable, ruleUnknown, unresolved } from '../lowering.ts';
import type { SaveReader } from '../read-save.ts';
import type { Workbench } from '../workbench.ts';
import { commandLinesOf } from './command-lines.ts';
import { Commands, type Leaving, mayNotRun, type Shell } from './commands.ts';
import { expandFields, expandJoined, expandPattern, type Scope } from './expand.ts';
import { holdsCall } from './mentions.ts';
import { namesSet } from './names-set.ts';
import { fitsPattern } from './patterns.ts';
import { fieldsOf, lineReaderOf, linesOf } from './read-loop.ts';
import { ScriptFiles } from './script-files.ts';
import { placedAt, textOf } from './statement-text.ts';
import { type Simple, type Status, ToolCalls } from './tool-calls.ts';
import { Variables } from './variables.ts';

interface ShellFunction {
  readonly body: ShellStatement;
  /** Where it is written. */
  readonly source: Source;
}

/** Steps of a script that are followed: commands, turns of loops and calls of functions. */
const mostCommands = 200000;
/** Reading code in quotes takes as long as some steps, and one more for so many characters. */
const stepsOfCode = 8;
const charactersOfStep = 64;
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
  /** The command that runs, or ran last. */
  private last: Pick<Simple, 'start' | 'end'> = { start: 0, end: 0 };
  private depth = 0;
  private stopped = false;
  private leaving: { readonly what: Leaving; readonly failed: boolean } | undefined;
  /** What may have been left, and under which condition: the rest of it runs where that does not hold. */
  private perhapsLeft: readonly { readonly what: Leaving; readonly condition: Match }[] = [];

  constructor(bench: Workbench, saves: SaveReader) {
    this.bench = bench;
    this.variables = new Variables(bench.options.definitions);
    this.scope = this.variables.scope;
    bench.lowerers.ipv4.scripted = true;
    bench.lowerers.ipv6.scripted = true;
    const files = new ScriptFiles(bench);
    this.tools = new ToolCalls(bench, saves, files, { scope: this.scope, conditions: this.conditions });
    this.commands = new Commands(bench, this, this.variables, this.tools, files);
  }

  run(): void {
    const { source } = this.bench;
    const commands = commandLinesOf(source.text);
    if (commands === undefined) this.file(source);
    else {
      // wg-quick and systemd name the interface or instance after the file.
      const name = /([^/]+?)(?:\.\w+)?$/.exec(source.path)?.[1];
      if (name !== undefined && name !== '-') this.variables.set('i', [name]);
      this.bench.source = { ...source, text: commands };
      this.file(this.bench.source);
      this.bench.source = source;
    }
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
    this.arrive('function');
    this.conditions.length = conditions;
  }

  private list(statements: readonly ShellStatement[]): Status {
    let status: Status = true;
    const conditions = this.conditions.length;
    for (const statement of statements) {
      if (this.stopped || this.leaving !== undefined) break;
      const seen = this.perhapsLeft.length;
      status = this.statement(statement);
      for (const { condition } of this.perhapsLeft.slice(seen)) this.conditions.push(not(condition));
    }
    this.conditions.length = conditions;
    return status;
  }

  /** What was left, or may have been, ends here; what surrounds it may be left still. */
  private arrive(what: Leaving): void {
    const ends = (other: Leaving): boolean =>
      what === 'function' || other === what || (what === 'loop' && other === 'turn');
    if (this.leaving !== undefined && ends(this.leaving.what)) this.leaving = undefined;
    if (this.perhapsLeft.length > 0) this.perhapsLeft = this.perhapsLeft.filter((left) => !ends(left.what));
  }

  /** Runs statements that may or may not run. */
  private under(condition: Match, statements: readonly ShellStatement[]): Status {
    return this.perhaps(condition, () => this.list(statements));
  }

  /** Does what may or may not happen. */
  perhaps(condition: Match, act: () => Status): Status {
    const seen = this.perhapsLeft.length;
    this.conditions.push(condition);
    const status = this.variables.perhaps(act);
    this.conditions.pop();
    const { leaving } = this;
    this.leaving = undefined;
    this.stopped = this.count > mostCommands;
    this.perhapsLeft = this.perhapsLeft.map((left, i) =>
      i < seen ? left : { ...left, condition: and(condition, left.condition) },
    );
    // A script is read as one that meets nothing that it takes for an error.
    if (leaving !== undefined && !leaving.failed)
      this.perhapsLeft = [...this.perhapsLeft, { what: leaving.what, condition }];
    return status;
  }

  /** Runs code that a command hands to a shell: to one below, with `positional` to another program, or to this one (`eval`). */
  code(code: string, place: Simple, below: boolean, positional?: readonly string[]): Status {
    if (this.depth >= deepestCall || !this.step(stepsOfCode + code.length / charactersOfStep))
      return undefined;
    const { statements, lostAt } = parseShell(code);
    if (lostAt !== undefined && holdsCall(code)) this.reportLost(place.start, place.end);
    const placed = placedAt(statements, code, place);
    this.depth++;
    const run = (): Status =>
      lostAt === undefined ? this.list(placed) : this.under(ruleUnknown(mayNotRun), placed);
    const status = below ? this.variables.below(positional, run) : run();
    this.depth--;
    if (below) {
      this.arrive('function');
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
      case 'while':
        return this.repeat(statement);
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
    if (items === undefined)
      return this.anyNumber(
        [statement.name, ...namesSet(statement.body)],
        `the loop over ${statement.name}`,
        statement.body,
      );
    const conditions = this.conditions.length;
    for (const item of items) {
      if (this.stopped || this.leaving !== undefined) break;
      this.variables.set(statement.name, [isUnresolved(item) ? unresolved(`$${statement.name}`) : item]);
      if (!isUnresolved(item)) this.turn(() => this.list(statement.body));
      else {
        for (const name of namesSet(statement.body)) this.variables.forget(name);
        this.turn(() => this.under(ruleUnknown(`the loop over ${readable(item)}`), statement.body));
      }
    }
    this.conditions.length = conditions;
    this.arrive('loop');
    return true;
  }

  /** One turn of a loop. If it may end the loop, the turns behind it are run where it does not. */
  private turn(act: () => void): void {
    if (!this.step()) return;
    const seen = this.perhapsLeft.length;
    act();
    this.arrive('turn');
    for (const { condition } of this.perhapsLeft.slice(seen)) this.conditions.push(not(condition));
  }

  /** Runs the body of a loop of which the script does not tell how often it runs. What it changes may be anything in each turn. */
  private anyNumber(names: readonly string[], reason: string, body: readonly ShellStatement[]): Status {
    for (const name of names) this.variables.forget(name);
    this.under(ruleUnknown(reason), body);
    this.arrive('loop');
    for (const name of names) this.variables.forget(name);
    return undefined;
  }

  private repeat(statement: Extract<ShellStatement, { kind: 'while' }>): Status {
    const { condition, body, step, negated } = statement;
    const reader = negated ? undefined : lineReaderOf(condition, this.scope);
    const input = reader === undefined ? undefined : this.commands.streams.inputOf(statement);
    const conditions = this.conditions.length;
    const turns = reader === undefined || input === undefined ? undefined : linesOf(input);
    const unknown = (): Status =>
      this.anyNumber(
        namesSet([statement]),
        'the loop may not run',
        step === undefined ? body : [...body, step],
      );
    for (let turn = 0; ; turn++) {
      if (this.stopped || this.leaving !== undefined) break;
      if (reader !== undefined && turns !== undefined) {
        const line = turns[turn];
        if (line === undefined) break;
        fieldsOf(line, reader).forEach((field, i) => {
          this.variables.set(reader.names[i]!, [field]);
        });
      } else {
        const status = this.list(condition);
        // A loop without an end waits for something.
        if (status === undefined || isConstant(condition)) return unknown();
        if (status === negated) break;
      }
      this.turn(() => this.list(body));
      if (step !== undefined && this.leaving === undefined) this.statement(step);
    }
    this.conditions.length = conditions;
    this.arrive('loop');
    return true;
  }

  private caseOf(statement: Extract<ShellStatement, { kind: 'case' }>): Status {
    const subject = expandJoined(statement.subject, this.scope);
    if (!isUnresolved(subject)) {
      for (const arm of statement.arms)
        if (arm.patterns.some((pattern) => fitsPattern(subject, expandPattern(pattern, this.scope)) === true))
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
    const input = statement.parts
      .map(onlyCommand)
      .flatMap((part) =>
        part.kind === 'simple' ? part.redirects.filter((redirect) => redirect.body !== undefined) : [],
      )[0];
    let status: Status;
    let output: string | undefined;
    const { text } = this.bench.source;
    const outer = this.commands.streams.pipe;
    for (const [i, part] of statement.parts.entries()) {
      const from = statement.parts.slice(0, i);
      if (i > 0)
        this.commands.streams.pipe = {
          from,
          text: from.map((each) => textOf(each, text)).join(' | '),
          output,
        };
      const run = (): Status =>
        (part.kind === 'simple' || part.kind === 'while') && input !== undefined
          ? this.statement({ ...part, redirects: [...part.redirects, input] })
          : this.statement(part);
      if (i === statement.parts.length - 1) status = run();
      else output = this.commands.streams.printed(run).text;
    }
    this.commands.streams.pipe = outer;
    return statement.negated || status === undefined ? undefined : status;
  }

  private simple(statement: Simple): Status {
    this.last = statement;
    return this.step() ? this.commands.simple(statement) : undefined;
  }

  /** Counts what a script can do without end; false where it has done enough. */
  private step(size = 1): boolean {
    this.count += Math.max(1, size);
    if (this.count <= mostCommands) return true;
    if (!this.stopped)
      this.bench.reporter.add(
        {
          code: 'FW1006',
          severity: 'error',
          message: `the script runs more than ${mostCommands} commands; the rest was not read`,
        },
        this.bench.span(this.last),
      );
    this.stopped = true;
    return false;
  }

  isFunction(name: string): boolean {
    return this.functions.has(name);
  }

  /** Ends the script, or the shell below it that runs. */
  exit(): void {
    this.stopped = true;
  }

  leave(what: Leaving, failed: boolean): void {
    this.leaving = { what, failed };
  }

  call(name: string, args: readonly string[]): Status {
    const called = this.functions.get(name);
    if (called === undefined) return undefined;
    if (this.depth >= deepestCall || !this.step()) return undefined;
    const outer = this.scope.positional;
    this.scope.positional = args;
    this.depth++;
    let status: Status;
    this.bench.within(called.source, () => {
      status = this.variables.inFunction(() => this.statement(called.body));
    });
    this.depth--;
    const { leaving } = this;
    if (leaving?.what === 'function' && leaving.failed) status = false;
    this.arrive('function');
    this.scope.positional = outer;
    return status;
  }
}

/** `while true`. */
function isConstant(condition: readonly ShellStatement[]): boolean {
  const [only, ...others] = condition;
  if (only === undefined) return true;
  if (only.kind !== 'simple' || others.length > 0) return false;
  const texts = only.words.flatMap((word) =>
    word.parts.map((part) => (part.kind === 'text' ? part.text : '$')),
  );
  return ['true', ':', 'let 1', '[ 1 ]', 'false'].includes(texts.join(' ').trim());
}

/** `( cat <<EOF )` is like the command in it. */
function onlyCommand(statement: ShellStatement): ShellStatement {
  if (statement.kind !== 'group') return statement;
  const [only, ...others] = statement.body;
  return only === undefined || others.length > 0 ? statement : onlyCommand(only);
}
