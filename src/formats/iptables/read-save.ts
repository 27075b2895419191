import type { CommandSyntax, LineFault } from '../../../grammars/iptables/syntax.ts';
import type { Family } from '../../packets/fields.ts';
import type { Span } from '../../source/source.ts';
import { familyOfLine } from './family.ts';
import { KnownRules } from './known-rules.ts';
import { checkLineLimits, readAtMost, surelyShort } from './line-limits.ts';
import { Lines, linesOf } from './lines.ts';
import { nftReleaseOf, type NftRelease } from './nft-release.ts';
import { isTableName, tableNames, TableState, type TableKey } from './ruleset.ts';
import type { Workbench } from './workbench.ts';

/** How iptables-restore was called. */
export interface SaveOptions {
  /** `--noflush`: what the table holds stays. */
  readonly keep?: boolean;
  /** Replaces the variables of a here-document. */
  readonly expand?: (line: string) => string;
  /** The text, where it is not a part of the source, and what it is said of. */
  readonly made?: { readonly text: string; readonly place: Span };
  /** The family of the tool, as a header before the text or the command names it. */
  readonly family?: Family;
  /** What a header before the text says of the tool. */
  readonly nftRelease?: NftRelease;
}

interface Section {
  readonly table: TableState;
  readonly known: KnownRules;
  readonly span: Span;
  /** With `--noflush`: makes the table what it was. */
  readonly undo: (() => void) | undefined;
  /** Nothing of it is loaded, since a command in it has failed, or one before it in the same run. */
  lost: boolean;
}

/** Reads text of iptables-save into a rule set, as iptables-restore would load it. */
export class SaveReader {
  private readonly bench: Workbench;
  private readonly loaded = new Map<TableKey, Span>();
  private section: Section | undefined;
  private how: SaveOptions = {};
  /** Families whose tool has met a command that fails, and has ended. */
  private readonly ended = new Set<Family>();

  constructor(bench: Workbench) {
    this.bench = bench;
  }

  /** Reads the part `[from, to)` of the source. `assumed` is the family where nothing in the text tells it. */
  read(from: number, to: number, assumed: Family | undefined, how: SaveOptions = {}): void {
    const { made } = how;
    const text = made?.text ?? this.bench.source.text;
    let headerFamily = how.family;
    this.how = how;
    this.ended.clear();
    this.noteTool(how.nftRelease);
    const { reporter } = this.bench;
    for (const lines = new Lines(text, from, to); lines.next();) {
      const { start, end } = lines;
      const isCommand = end > start && isCommandLike(text.charCodeAt(start));
      if (isCommand && this.readAsKnown(start, end)) continue;
      const line = how.expand === undefined ? text.slice(start, end) : how.expand(text.slice(start, end));
      if (line === '') continue;
      const syntax = this.bench.parser.parse(line.length > readAtMost ? line.slice(0, readAtMost) : line);
      const span = made?.place ?? { source: this.bench.source.id, start, end };
      const said = reporter.diagnostics.length;
      if (line.length > surelyShort) checkLineLimits(line, span, reporter);
      if (syntax.kind !== 'comment' && syntax.fault !== undefined)
        this.reportFault(syntax.fault, span, how.expand === undefined && made === undefined);
      switch (syntax.kind) {
        case 'unknown':
        case 'blank':
          break;
        case 'comment':
          headerFamily = headerOf(syntax.text) ?? headerFamily;
          this.noteTool(nftReleaseOf(syntax.text));
          break;
        case 'table':
          this.open(syntax.name, span, headerFamily ?? this.guessFamily(end, to) ?? assumed);
          break;
        case 'chain':
          this.declareChain(syntax.name, syntax.policy, span);
          break;
        case 'commit':
          this.commit(span);
          break;
        case 'command':
          this.command(syntax.command, span);
          if (isCommand && reporter.diagnostics.length === said) this.known()?.learn(line);
          break;
      }
    }
    this.abandon();
    this.how = {};
    this.bench.runner.onFailure = 'goes on';
  }

  /** Rules of the section that are as rules before them, if lines are read as they stand in the source. */
  private known(): KnownRules | undefined {
    const { section } = this;
    if (section === undefined || this.how.expand !== undefined || this.how.made !== undefined)
      return undefined;
    return this.bench.lowerers[section.table.family].scripted ? undefined : section.known;
  }

  /** Reads a line that is as a line before it. False if it is not: then nothing has been done. */
  private readAsKnown(start: number, end: number): boolean {
    const { source, runner } = this.bench;
    // What is longer may have to be refused, or cut.
    const rule = end - start > surelyShort ? undefined : this.known()?.read(source.text, start, end);
    if (rule === undefined) return false;
    runner.append(rule.lowered, rule.chain, this.section!.table, { source: source.id, start, end });
    return true;
  }

  /** `exact`: the line is in the source as it was read, so that the fault's place is one there. */
  private reportFault({ kind, start, end, read, expected }: LineFault, line: Span, exact: boolean): void {
    const span = exact ? { source: line.source, start: line.start + start, end: line.start + end } : line;
    const found = read === '' ? 'the end of the line' : JSON.stringify(read);
    this.bench.reporter.add(
      kind === 'blanks'
        ? {
            code: 'FW1101',
            severity: 'warning',
            message: `iptables-restore refuses this line: expected ${expected}`,
            help: 'It is read as if they were not there; remove them.',
          }
        : {
            code: 'FW1101',
            severity: 'error',
            message: `iptables-restore refuses this line: expected ${expected}, read ${found}`,
            help: 'iptables-restore would load nothing of this table; correct the line.',
          },
      span,
    );
  }

  private noteTool(release: NftRelease | undefined): void {
    if (release === undefined) return;
    for (const lowerer of Object.values(this.bench.lowerers)) lowerer.nftRelease = release;
  }

  /** Looks ahead to the end of the section for something that only one family has. */
  private guessFamily(from: number, to: number): Family | undefined {
    const text = this.how.made?.text ?? this.bench.source.text;
    for (const [start, end] of linesOf(text, from, to)) {
      const line = text.slice(start, end);
      if (line.startsWith('*') || line.startsWith('COMMIT')) return undefined;
      const family = familyOfLine(line);
      if (family !== undefined) return family;
    }
    return undefined;
  }

  private open(name: string, span: Span, family: Family | undefined): void {
    this.abandon();
    if (!isTableName(name)) {
      this.bench.reporter.add(
        {
          code: 'FW1101',
          severity: 'error',
          message: `${JSON.stringify(name)} is no table of iptables; expected ${tableNames.join(', ')}`,
          word: name,
        },
        span,
      );
      return;
    }
    if (family === undefined)
      this.bench.assumptions.add('Nothing in the input tells IPv4 from IPv6; IPv4 is assumed');
    const keep = this.how.keep === true;
    const table = keep
      ? this.bench.ruleset.table(family ?? 'ipv4', name)
      : new TableState(family ?? 'ipv4', name);
    const known = new KnownRules(this.bench.lowerers[table.family], this.bench.parser.options, table);
    const lost = this.ended.has(table.family);
    this.section = { table, known, span, undo: keep ? table.remember() : undefined, lost };
    this.bench.runner.onFailure = lost ? 'ended' : 'ends';
    if (lost)
      this.bench.reporter.add(
        {
          code: 'FW1112',
          severity: 'error',
          message: `iptables-restore has failed before and does not load the table ${name}`,
        },
        span,
      );
  }

  private commit(span: Span): void {
    const { section } = this;
    if (section === undefined) {
      this.bench.reporter.add(
        { code: 'FW1101', severity: 'warning', message: 'COMMIT without a table before it' },
        span,
      );
      return;
    }
    this.section = undefined;
    const { table } = section;
    if (section.lost) {
      this.leaveOut(section, 'is not loaded, since a command fails');
      return;
    }
    const key: TableKey = `${table.family}/${table.name}`;
    const earlier = this.loaded.get(key);
    if (earlier !== undefined && this.how.keep !== true)
      this.bench.reporter.add(
        {
          code: 'FW1103',
          severity: 'warning',
          message: `the table ${table.name} is loaded again later, which removes everything this section sets`,
        },
        earlier,
      );
    this.loaded.set(key, section.span);
    this.bench.reportMissingPolicies(table, section.span);
    this.bench.ruleset.tables.set(key, table);
  }

  /** A section without COMMIT changes nothing on the host. */
  private abandon(): void {
    const { section } = this;
    if (section === undefined) return;
    this.section = undefined;
    const { table, span } = section;
    this.bench.reporter.add(
      {
        code: 'FW1102',
        severity: 'error',
        message: `the table ${table.name} has no COMMIT, so iptables-restore loads nothing of it`,
        help: 'If the file was cut off, export it again; if not, add a line COMMIT.',
      },
      span,
    );
    this.leaveOut(section, 'has no COMMIT and is not loaded');
  }

  /** The table stays what it was before the section. */
  private leaveOut({ table, undo }: Section, why: string): void {
    undo?.();
    const { ruleset, assumptions } = this.bench;
    const before = ruleset.tables.get(`${table.family}/${table.name}`);
    assumptions.add(
      before === undefined
        ? `The ${table.name} table ${why}; what the host has there is taken to accept everything`
        : `The ${table.name} table ${why}; what was there before stays`,
    );
    if (before === undefined) ruleset.table(table.family, table.name);
  }

  private declareChain(name: string, policy: string | undefined, span: Span): void {
    const table = this.section?.table;
    if (table === undefined) {
      this.outside(span);
      return;
    }
    this.bench.reporter.checkChainName(name, span);
    const chain = table.chains.get(name) ?? table.addChain(name);
    chain.span = span;
    if (policy === undefined || policy === '-') return;
    this.bench.runner.setPolicy(table, span, name, policy);
  }

  private outside(span: Span): void {
    this.bench.reporter.add(
      {
        code: 'FW1101',
        severity: 'error',
        message: 'iptables-restore refuses this line: it stands outside of any table',
        help: 'A line such as *filter must come before, and COMMIT after.',
      },
      span,
    );
  }

  private command(command: CommandSyntax, span: Span): void {
    const section = this.section;
    if (section === undefined) {
      this.outside(span);
      this.bench.runner.rules++;
      return;
    }
    const { table } = section;
    const other = table.family === 'ipv4' ? 'ipv6' : 'ipv4';
    for (const option of command.options) {
      if (option.name !== other || option.owner !== 'core') continue;
      this.bench.reporter.add(
        {
          code: 'FW1105',
          severity: 'note',
          message: `the rule is for ${other === 'ipv4' ? 'IPv4' : 'IPv6'} only and skipped here`,
        },
        span,
      );
      return;
    }
    const { runner } = this.bench;
    const { failures } = runner;
    if (command.options.some(({ owner, name }) => owner === 'core' && name === 'table')) {
      runner.rules++;
      runner.fail(span, 'the option -t is refused, since the section names the table', '-t');
    } else runner.run(command, table, this.bench.lowerers[table.family], span);
    if (runner.failures === failures) return;
    section.lost = true;
    runner.onFailure = 'ended';
    this.ended.add(table.family);
  }
}

/** Begins with "-" or "[". */
function isCommandLike(code: number): boolean {
  return code === 45 || code === 91;
}

/** The family in a header line: `# Generated by ip6tables-save v1.8.9 on …`. */
export function headerOf(comment: string): Family | undefined {
  const header = /^# Generated by (ip6?)tables-?(?:nft-|legacy-)?save\b/.exec(comment);
  return header === null ? undefined : header[1] === 'ip6' ? 'ipv6' : 'ipv4';
}
