import type { ShellWord } from '../../../../grammars/iptables/shell-syntax.ts';
import { declaring } from '../../../../grammars/iptables/shell-tokens.ts';
import type { Match } from '../../../model/match.ts';
import type { Source } from '../../../source/source.ts';
import { readable, ruleUnknown } from '../lowering.ts';
import type { Workbench } from '../workbench.ts';
import { evaluateTest } from './conditions.ts';
import { startedBy } from './elsewhere.ts';
import { arithmetic, expandFields, expandJoined, expandPattern } from './expand.ts';
import { callAmong, holdsCall, runsNothing } from './mentions.ts';
import { isLookUp, programName } from './prefixes.ts';
import { fieldsOf, linesOf, separatorsOf } from './read-loop.ts';
import { isShell, type Run, runsOf } from './runners.ts';
import type { ScriptFiles } from './script-files.ts';
import { Streams } from './streams.ts';
import type { Simple, Status, ToolCalls } from './tool-calls.ts';
import { toolOf } from './tools.ts';
import type { Variables } from './variables.ts';

/** What `return`, `break` and `continue` end. */
export type Leaving = 'function' | 'loop' | 'turn';

export const mayNotRun = 'the script may not run this command';

/** The shell that commands run in. */
export interface Shell {
  /** Runs code that a command hands to a shell: to this one, to one below or, with `positional`, to another program. */
  code(code: string, place: Simple, below: boolean, positional?: readonly string[]): Status;
  perhaps(condition: Match, act: () => Status): Status;
  isFunction(name: string): boolean;
  call(name: string, args: readonly string[]): Status;
  file(source: Source): void;
  exit(): void;
  /** Ends the function (or the file that is read), the loop, or this turn of it. `failed`: because something is not as it should be. */
  leave(what: Leaving, failed: boolean): void;
}

/** Carries out the simple commands of a script: tools, words of the shell, and commands that start others. */
export class Commands {
  readonly streams: Streams;
  private readonly bench: Workbench;
  private readonly shell: Shell;
  private readonly variables: Variables;
  private readonly tools: ToolCalls;
  private readonly files: ScriptFiles;
  private atExit: { readonly code: string; readonly statement: Simple } | undefined;

  constructor(bench: Workbench, shell: Shell, variables: Variables, tools: ToolCalls, files: ScriptFiles) {
    this.bench = bench;
    this.shell = shell;
    this.variables = variables;
    this.tools = tools;
    this.files = files;
    this.streams = new Streams(bench, shell, variables, tools, files);
  }

  simple(written: Simple): Status {
    const statement = this.streams.withInput(written);
    const substituted = this.substitutions(statement);
    if (statement.words.length === 0) {
      for (const assignment of statement.assignments) this.variables.assign(assignment);
      return substituted.ran ? substituted.status : true;
    }
    if (isBracket(statement.words)) {
      // Nothing is split into several words here.
      const [, ...operands] = statement.words;
      return evaluateTest(
        operands.map((word) => expandJoined(word, this.variables.scope)),
        operands.map((word) => expandPattern(word, this.variables.scope)),
      );
    }
    const words = statement.words.flatMap((word) => expandFields(word, this.variables.scope));
    this.streams.writes(words, statement);
    this.streams.prints(words, statement);
    if (!declaring.has(words[0] ?? '')) return this.command(words, statement);
    this.declare(words, statement);
    return true;
  }

  /** `declare`, `local` and the like. */
  private declare([command = '', ...args]: readonly string[], { assignments }: Simple): void {
    const { variables } = this;
    const texts = args.flatMap((arg) => {
      const found = /^([A-Za-z_]\w*)(?:=([^]*))?$/.exec(arg);
      return found === null ? [] : [{ name: found[1] ?? '', value: found[2] }];
    });
    const isAssociative = args.some((arg) => /^-[a-z]*A/.test(arg));
    for (const { name } of [...texts, ...assignments]) {
      // Global from within a function only with -g.
      if (command !== 'export' && command !== 'readonly' && !args.some((arg) => /^-[a-zA-Z]*g/.test(arg)))
        variables.local(name);
      if (isAssociative) variables.associative(name);
    }
    for (const { name, value } of texts) if (value !== undefined) variables.set(name, [value]);
    for (const assignment of assignments) variables.assign(assignment);
  }

  /** Runs what stands in `$(…)` of a command, where it may call a tool. */
  private substitutions(statement: Simple): { ran: boolean; status: Status } {
    let ran = false;
    let status: Status;
    const words = [...statement.assignments.flatMap(({ values }) => values), ...statement.words];
    for (const { parts } of words)
      for (const part of parts) {
        if (part.kind !== 'command' || !this.mayCall(part.text)) continue;
        const result = this.shell.code(part.text, statement, true);
        // What only looks something up is taken to succeed, as it was when the script was written.
        if (
          !/\s-(?:[ACDFINPRXE]\b|-(?:append|check|delete|insert)\b)/.test(part.text) &&
          !this.callsFunction(part.text)
        )
          continue;
        status = result;
        ran = true;
      }
    return { ran, status };
  }

  private mayCall(code: string): boolean {
    if (/tables|ipset|nft|\$\{?\w*IPT/i.test(code)) return true;
    return this.callsFunction(code);
  }

  private callsFunction(code: string): boolean {
    return code.split(/[\s;&|()]+/).some((word) => this.shell.isFunction(word));
  }

  /** Runs the command that these words make. */
  private command(given: readonly string[], statement: Simple): Status {
    const [name = '', ...operands] = given;
    if (this.shell.isFunction(name)) return this.call(name, operands, statement);
    const { where, words } = startedBy(given);
    // `time` is a word of the shell; other prefixes start programs and know no functions.
    if (name === 'time' && this.shell.isFunction(words[0] ?? ''))
      return this.call(words[0]!, words.slice(1), statement);
    if (isLookUp(given)) return toolOf(given.slice(-1)) === undefined ? undefined : true;
    if (where !== undefined) {
      if (callAmong(['', ...words]) > 0 || words.some(holdsCall))
        this.tools.unknown.elsewhere(where, statement);
      return undefined;
    }
    const tool = toolOf(words);
    if (tool !== undefined) {
      switch (tool.kind) {
        case 'iptables':
          return this.tools.iptables(tool.family, tool.args, statement);
        case 'restore':
          return this.tools.restore(tool.family, tool.args, statement, this.streams.textFor(statement));
        case 'ipset':
          return this.tools.ipset(tool.args, statement);
        case 'nft':
          return this.tools.nft.run(tool.args, statement, this.streams.nftInput(statement));
      }
    }
    const runs = runsOf(words, this.streams.inputOf(statement));
    if (runs === undefined) return this.builtin(words, statement);
    let status: Status = true;
    for (const run of runs) status = this.started(run, statement);
    return status;
  }

  /** What a function reads is read by the commands in it. */
  private call(name: string, operands: readonly string[], { redirects }: Simple): Status {
    return this.streams.inFunction(redirects, () => this.shell.call(name, operands));
  }

  private started({ what, positional, uncertain }: Run, statement: Simple): Status {
    if (uncertain !== undefined)
      return this.shell.perhaps(ruleUnknown(uncertain), () =>
        this.started({ what, ...(positional === undefined ? {} : { positional }) }, statement),
      );
    if (typeof what !== 'string') return this.command(what, statement);
    return this.shell.code(what, statement, positional !== undefined, positional);
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
        return evaluateTest(args);
      case 'let': {
        const results = args.map((arg) => arithmetic(arg, this.variables.scope));
        const last = results.at(-1);
        return last === undefined ? undefined : last !== 0n;
      }
      case 'unset':
        for (const arg of args) this.variables.set(arg, ['']);
        return true;
      case 'shift':
        this.variables.scope.positional = this.variables.scope.positional?.slice(Number(args[0] ?? '1'));
        return true;
      case 'set':
        if (args[0] === '--') this.variables.setPositional(args.slice(1));
        return true;
      case 'read':
        return this.read(args, statement);
      case 'return':
        this.shell.leave('function', /^[1-9]/.test(args[0] ?? ''));
        return true;
      case 'break':
      case 'continue':
        this.shell.leave(command === 'break' ? 'loop' : 'turn', false);
        return true;
      case 'trap':
        return this.trap(args, statement);
      case 'exit':
        this.shell.exit();
        return true;
      case '.':
      case 'source':
        return this.readFile(args, statement);
      default:
        return this.other(words, statement);
    }
  }

  /** `read`; what it gets is known where the command itself is given a text. */
  private read(args: readonly string[], statement: Simple): Status {
    const names = args.filter(
      (arg, i) => /^[A-Za-z_]/.test(arg) && args[i - 1] !== '-p' && args[i - 1] !== '-t',
    );
    const options = args.filter((arg) => arg.startsWith('-')).join(' ');
    const text = statement.redirects.some(({ operator }) => operator.startsWith('<<'))
      ? this.streams.inputOf(statement)
      : undefined;
    const separators = separatorsOf(statement, this.variables.scope);
    const [line] = linesOf(text ?? '');
    if (text === undefined || line === undefined || !/^(?:-r?a?)?$/.test(options)) {
      for (const name of names) this.variables.forget(name);
      return undefined;
    }
    if (options.includes('a'))
      this.variables.set(
        names[0] ?? 'REPLY',
        fieldsOf(line, { names: Array<string>(line.length + 1).fill(''), separators }).filter(
          (each) => each !== '',
        ),
      );
    else
      fieldsOf(line, { names, separators }).forEach((value, i) => {
        this.variables.set(names[i] ?? 'REPLY', [value]);
      });
    return true;
  }

  /** `trap COMMANDS EXIT`: they run when the script ends. */
  private trap([code = '', ...signals]: readonly string[], statement: Simple): Status {
    if (signals.some((signal) => /^(?:EXIT|0)$/i.test(signal)))
      this.atExit = code === '-' ? undefined : { code, statement };
    else if (holdsCall(code))
      this.bench.assumptions.add(
        'The script is read as one that runs to its end; what it does on signals and errors is left out',
      );
    return true;
  }

  /** The script has come to its end. */
  end(): void {
    const { atExit } = this;
    this.atExit = undefined;
    if (atExit !== undefined) this.shell.code(atExit.code, atExit.statement, false);
  }

  /** A program that is not followed. If it is given a call of a tool, it may carry that out. */
  private other(words: readonly string[], statement: Simple): Status {
    const [command = ''] = words;
    if (runsNothing(programName(command))) return undefined;
    const at = callAmong(words);
    if (at > 0) {
      this.tools.unknown.notFollowed(command, statement);
      this.shell.perhaps(ruleUnknown(mayNotRun), () => this.command(words.slice(at), statement));
    } else if (
      words.slice(1).some(holdsCall) ||
      (isShell(command) && holdsCall(this.streams.pipe?.text ?? ''))
    )
      this.tools.unknown.calls(command, statement);
    return undefined;
  }

  /** `. FILE`: its commands run in this shell. */
  private readFile([word = '', ...args]: readonly string[], statement: Simple): Status {
    const outer = this.variables.scope.positional;
    if (args.length > 0) this.variables.scope.positional = args;
    const reason = this.files.visit(word, (source) => {
      this.shell.file(source);
    });
    this.variables.scope.positional = outer;
    if (reason === undefined) return undefined;
    const name = readable(word);
    this.bench.reporter.add(
      {
        code: 'FW1114',
        severity: 'warning',
        message: `the script reads ${name}, which is not part of this input (${reason}); variables and rules in it are not known`,
        help: 'Name its folder with --include-root, give variables with --define, or audit the loaded rules with iptables-save.',
      },
      this.bench.span(statement),
    );
    this.bench.assumptions.add(`The script reads ${name}, which was not read; it is taken to hold no rules`);
    return undefined;
  }
}

/** `[[`. */
function isBracket([first]: readonly ShellWord[]): boolean {
  const [part, ...others] = first?.parts ?? [];
  return part?.kind === 'text' && !part.quoted && part.text === '[[' && others.length === 0;
}
