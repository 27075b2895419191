import { ipsetCommand } from '../../../../grammars/iptables/ipset-parser.ts';
import { lexWord } from '../../../../grammars/iptables/shell-lexer.ts';
import type { ShellRedirect, ShellStatement } from '../../../../grammars/iptables/shell-syntax.ts';
import type { CommandSyntax } from '../../../../grammars/iptables/syntax.ts';
import { and, type Match, not } from '../../../model/match.ts';
import type { Family } from '../../../packets/fields.ts';
import type { Span } from '../../../source/source.ts';
import { readIpsetSave } from '../ipset/read-ipset.ts';
import { isUnresolved, packetUnknown, readable } from '../lowering.ts';
import type { SaveReader } from '../read-save.ts';
import { isTableName, type TableState } from '../ruleset.ts';
import { verbOf } from '../run-command.ts';
import type { Workbench } from '../workbench.ts';
import { expandJoined, type Scope } from './expand.ts';
import { NftCalls, type NftInput } from './nft-calls.ts';
import type { ScriptFiles, WrittenDocument } from './script-files.ts';
import { runSomewhere } from './somewhere.ts';
import { UnknownChanges } from './unknown-changes.ts';
import { unsettle } from './unsettle.ts';

export type Simple = Extract<ShellStatement, { kind: 'simple' }>;

/** Whether a command succeeds; undefined when the script does not tell. */
export type Status = boolean | undefined;

/** What a script has come to when it calls a tool: its variables and the conditions over the call. */
export interface ScriptWorld {
  readonly scope: Scope;
  readonly conditions: readonly Match[];
}

/** Carries out a script's calls of iptables, iptables-restore and ipset on the rule set and the sets. */
export class ToolCalls {
  /** Tables that the script empties before it fills them. */
  readonly flushed = new Set<string>();
  readonly unknown: UnknownChanges;
  readonly nft: NftCalls;
  private readonly bench: Workbench;
  private readonly saves: SaveReader;
  private readonly files: ScriptFiles;
  private readonly world: ScriptWorld;

  constructor(bench: Workbench, saves: SaveReader, files: ScriptFiles, world: ScriptWorld) {
    this.files = files;
    this.bench = bench;
    this.saves = saves;
    this.world = world;
    this.unknown = new UnknownChanges(bench, world.conditions, this.flushed);
    this.nft = new NftCalls(bench, world.conditions, files, (name) => this.fileFor(name));
  }

  private extra(): Match | undefined {
    return this.world.conditions.length === 0 ? undefined : and(...this.world.conditions);
  }

  /** Whether what is called now is sure to be. */
  isCertain(): boolean {
    return this.world.conditions.length === 0;
  }

  /** How many conditions there are over what is called now. */
  conditions(): number {
    return this.world.conditions.length;
  }

  /** The file that nft reads, which the script may have written itself. */
  fileFor(name: string): NftInput {
    const written = this.files.documentIn(name);
    return written === undefined
      ? { kind: 'file', name }
      : { kind: 'document', ...written, line: (line) => this.documentLine(line, written.body) };
  }

  /** `iptables` and `ip6tables`. */
  iptables(family: Family, args: readonly string[], statement: Simple): Status {
    const command = this.bench.parser.options.readWords(args);
    const span = this.bench.span(statement);
    const name =
      command.options.find((option) => option.owner === 'core' && option.name === 'table')?.values[0] ??
      'filter';
    const verb = verbOf(command);
    if (verb === undefined && args.some(isUnresolved)) {
      this.unknown.command(family, isTableName(name) ? name : undefined, args, span);
      return undefined;
    }
    if (verb === undefined || verb.name === 'list' || verb.name === 'list-rules' || verb.name === 'zero')
      return true;
    if (!isTableName(name)) {
      this.bench.reporter.add(
        {
          code: 'FW1114',
          severity: 'error',
          message: `the table ${JSON.stringify(readable(name))} is not known; the command is left out`,
        },
        span,
      );
      this.bench.runner.rules++;
      return undefined;
    }
    const table = this.bench.ruleset.table(family, name);
    const lowerer = this.bench.lowerers[family];
    if (verb.name === 'check')
      return this.extra() === undefined ? this.bench.runner.has(command, table, lowerer) : undefined;
    if (verb.name === 'flush' && verb.values.length === 0 && this.extra() === undefined)
      this.flushed.add(`${family}/${name}`);
    const [chain = '', ...others] = verb.values;
    const placeUnknown =
      verb.name === 'delete'
        ? args.some(isUnresolved)
        : (verb.name === 'insert' || verb.name === 'replace') && others.some(isUnresolved);
    if (isUnresolved(chain)) this.everywhere(command, table, span, verb.name, readable(chain));
    else if (placeUnknown)
      runSomewhere(this.bench, {
        command,
        verb,
        table,
        span,
        extra: this.extra(),
        written: readable(args.join(' ')),
      });
    else {
      const { failures } = this.bench.runner;
      const isKnown = chain === '' || table.chains.has(chain) || verb.name === 'new-chain';
      this.bench.runner.run(command, table, lowerer, span, this.extra());
      // What fails on the tables as the script makes them may succeed on what was there before.
      if (this.bench.runner.failures > failures)
        return this.isCertain() && this.flushed.has(`${family}/${name}`) ? false : undefined;
      if (!isKnown || command.problems.length > 0) return undefined;
    }
    return true;
  }

  /** A command on a chain whose name is not known may be about any built-in chain. */
  private everywhere(
    command: CommandSyntax,
    table: TableState,
    span: Span,
    verb: string,
    written: string,
  ): void {
    this.bench.reporter.add(
      {
        code: 'FW1114',
        severity: 'error',
        message: `the chain ${written} is not known; the command is kept as one that may be about any built-in chain`,
      },
      span,
    );
    for (const chain of [...table.chains.values()].filter((candidate) => candidate.builtin)) {
      const options = command.options.map((option) =>
        option.owner === 'core' && option.name === verb
          ? { ...option, values: [chain.name, ...option.values.slice(1)] }
          : option,
      );
      const condition = and(
        ...this.world.conditions,
        packetUnknown(`script: the chain ${written} is ${chain.name}`),
      );
      this.bench.runner.run(
        { options, problems: command.problems },
        table,
        this.bench.lowerers[table.family],
        span,
        condition,
      );
    }
  }

  /** The file that a tool reads: named by an option or argument, or redirected to it. */
  private fileOf(statement: Simple, named: string | undefined): string | undefined {
    const redirect = statement.redirects.find((each) => each.operator === '<');
    return redirect === undefined ? named : expandJoined(redirect.target, this.world.scope);
  }

  /** `iptables-restore` with a here-document, a file or (`piped`) a text that the script makes. */
  restore(family: Family, args: readonly string[], statement: Simple, piped: string | undefined): Status {
    const given = inputOf(statement.redirects)?.body;
    const name = given === undefined ? this.fileOf(statement, fileArgument(args)) : undefined;
    const document: WrittenDocument | undefined =
      given !== undefined
        ? { source: this.bench.source, body: given }
        : name === undefined
          ? undefined
          : this.files.documentIn(name);
    const keep = args.some((arg) => arg === '-n' || arg === '--noflush');
    // A test of the file loads nothing; the file is taken to pass it.
    if (args.some((arg) => arg === '-t' || arg === '--test')) return true;
    const named = optionValue(args, ['-T', '--table']);
    const table = named !== undefined && isTableName(named) ? named : undefined;
    const span = this.bench.span(statement);
    if (document === undefined && name === undefined && piped !== undefined) {
      const text = piped;
      // What is read is not written like that anywhere.
      this.saves.read(0, text.length, undefined, { keep, family, made: { text, place: span } });
      this.loadedPerhaps(family, span);
      for (const key of this.bench.ruleset.tables.keys()) this.flushed.add(key);
      return true;
    }
    if (document === undefined) {
      const word = name;
      const reason =
        word === undefined
          ? undefined
          : this.files.visit(word, (source) => {
              this.saves.read(0, source.text.length, undefined, { keep, family });
            });
      if (word !== undefined && reason === undefined) {
        this.loadedPerhaps(family, span);
        for (const key of this.bench.ruleset.tables.keys()) this.flushed.add(key);
        return true;
      }
      this.bench.reporter.add(
        {
          code: 'FW1114',
          severity: 'error',
          message: `rules are loaded from ${word === undefined ? 'elsewhere' : readable(word)}, which is not part of this input${reason === undefined ? '' : ` (${reason})`}`,
          help: 'Audit that file, name its folder with --include-root, or audit the loaded rules with iptables-save.',
        },
        span,
      );
      this.bench.runner.rules++;
      const from = word === undefined ? 'elsewhere' : readable(word);
      this.unknown.unsettle(family, table, `script: rules loaded from ${from}`, span);
      return undefined;
    }
    const { body } = document;
    this.bench.within(document.source, () => {
      this.saves.read(body.start, body.end, undefined, {
        keep,
        family,
        ...(body.literal && !body.stripTabs
          ? {}
          : { expand: (line: string) => this.documentLine(line, body) }),
      });
    });
    this.loadedPerhaps(family, span);
    for (const key of this.bench.ruleset.tables.keys()) this.flushed.add(key);
    return true;
  }

  /** Under a condition, the tables are what was loaded or what they were before. */
  private loadedPerhaps(family: Family, span: Span): void {
    const extra = this.extra();
    if (extra === undefined) return;
    for (const table of this.bench.ruleset.tables.values())
      if (table.family === family)
        unsettle(this.bench, table, 'script: rules that are loaded under a condition', span, [not(extra)]);
  }

  /** The text of a here-document; undefined where a variable in it is not known. */
  documentText(body: NonNullable<ShellRedirect['body']>): string | undefined {
    const text = this.documentLines(body);
    return isUnresolved(text) ? undefined : text;
  }

  documentLines(body: NonNullable<ShellRedirect['body']>): string {
    const text = this.bench.source.text.slice(body.start, body.end);
    return text
      .split('\n')
      .map((line) => this.documentLine(line, body))
      .join('\n');
  }

  /** A line of a here-document: only `$`, backquotes and `\` mean something there. */
  documentLine(written: string, { literal, stripTabs }: NonNullable<ShellRedirect['body']>): string {
    const line = stripTabs ? written.replace(/^\t+/, '') : written;
    if (literal || !/[$`\\]/.test(line)) return line;
    return expandJoined(lexWord(`"${line.replaceAll('"', '\\"')}"`), this.world.scope);
  }

  ipset(args: readonly string[], statement: Simple): Status {
    const span = this.bench.span(statement);
    const line = ipsetCommand(args);
    if (line.kind !== 'command') return true;
    if (line.verb === 'restore') {
      const document = inputOf(statement.redirects);
      if (document?.body === undefined) {
        const word = this.fileOf(statement, optionValue(args, ['-f', '-file', '--file']));
        const reason =
          word === undefined
            ? 'it comes from elsewhere'
            : this.files.visit(word, (source) => {
                const { sets, reporter } = this.bench;
                readIpsetSave(source, 0, source.text.length, sets, reporter);
              });
        if (reason === undefined) return true;
        this.bench.reporter.add(
          {
            code: 'FW1114',
            severity: 'warning',
            message: `sets are loaded from ${word === undefined ? 'elsewhere' : readable(word)}, which is not part of this input (${reason})`,
            help: 'Give the sets with --ipset FILE, or name the folder with --include-root.',
          },
          span,
        );
        return undefined;
      }
      readIpsetSave(
        this.bench.source,
        document.body.start,
        document.body.end,
        this.bench.sets,
        this.bench.reporter,
      );
      return true;
    }
    const [name = ''] = line.words;
    if (line.words.some(isUnresolved) || this.world.conditions.length > 0) {
      // Whatever the command does, the set's content is not certain any more; a set made under a condition may exist.
      if (line.verb === 'create' && !isUnresolved(name) && !line.words.slice(0, 2).some(isUnresolved))
        this.bench.sets.run(
          'create',
          line.words.filter((word) => !isUnresolved(word)),
          span,
        );
      this.bench.sets.doubt(
        name,
        `the script changes set ${readable(name)} in a way that is not known: ${readable(line.words.join(' '))}`,
      );
      return undefined;
    }
    this.bench.sets.run(line.verb, line.words, span);
    return true;
  }
}

function inputOf(redirects: readonly ShellRedirect[]): ShellRedirect | undefined {
  return redirects.findLast((redirect) => redirect.body !== undefined);
}

/** The first argument that is neither an option nor the value of one; iptables-restore takes it for a file (1.6.2 and later). */
function fileArgument(args: readonly string[]): string | undefined {
  return args.find((arg, i) => {
    if (arg.startsWith('-')) return false;
    const before = args[i - 1] ?? '';
    if (/^(?:-w|--wait|-W|--wait-interval)$/.test(before)) return !/^\d+$/.test(arg);
    return !/^(?:-M|--modprobe|-T|--table)$/.test(before);
  });
}

function optionValue(args: readonly string[], names: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => names.includes(arg));
  return at < 0 ? undefined : args[at + 1];
}
