import type { ShellRedirect } from '../../../../grammars/iptables/shell-syntax.ts';
import { and, type Match } from '../../../model/match.ts';
import type { Family } from '../../../packets/fields.ts';
import type { Source, Span } from '../../../source/source.ts';
import type { PassagePiece } from '../../passage.ts';
import { packetUnknown, readable } from '../lowering.ts';
import type { Workbench } from '../workbench.ts';
import { bothFamilies, type NftCall, nftCallOf, nftCommands, type NftCommand } from './nft-effects.ts';
import { withVariables } from './nft-text.ts';
import type { ScriptFiles } from './script-files.ts';
import type { Simple, Status } from './tool-calls.ts';
import { unsettle } from './unsettle.ts';

/** What a call of nft reads: a here-document line by line, or text that was made elsewhere. */
export type NftInput =
  | {
      readonly kind: 'document';
      readonly source: Source;
      readonly body: NonNullable<ShellRedirect['body']>;
      readonly line: (written: string) => string;
    }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly name: string };

/**
 * Calls of nft. What they give to it is kept for the reader of nftables; where the script does not tell that, the tables may drop whatever
 * iptables lets pass.
 */
export class NftCalls {
  private readonly bench: Workbench;
  private readonly conditions: readonly Match[];
  private readonly files: ScriptFiles;
  private readonly reported = new Set<string>();
  /** A call has changed tables in a way that is not known, so what others give to nft does not tell what they hold. */
  private lost = false;

  private readonly fileFor: (name: string) => NftInput;

  /** `fileFor` finds a file by its name, which the script may have written itself. */
  constructor(
    bench: Workbench,
    conditions: readonly Match[],
    files: ScriptFiles,
    fileFor: (name: string) => NftInput,
  ) {
    this.bench = bench;
    this.conditions = conditions;
    this.files = files;
    this.fileFor = fileFor;
  }

  /** `input`: what the call would read from its standard input, if the script tells. */
  run(args: readonly string[], statement: Simple, input: NftInput | undefined): Status {
    const span = this.bench.span(statement);
    const call = nftCallOf(args);
    // What only prints or checks may fail.
    if (call.kind === 'prints') return undefined;
    const found = this.piecesOf(call, statement, input);
    if (typeof found === 'string') {
      this.lose(span, found, bothFamilies);
      return true;
    }
    const commands = nftCommands(found.map(({ text }) => text).join(''));
    if (commands.every(({ prints }) => prints)) return undefined;
    if (commands.some(({ isUnknown }) => isUnknown))
      this.lose(span, 'the command is in a variable', bothFamilies);
    else this.take(found, commands, span);
    return true;
  }

  /** The text that nft gets; a string says why it is not known. */
  private piecesOf(
    call: Exclude<NftCall, { readonly kind: 'prints' }>,
    statement: Simple,
    input: NftInput | undefined,
  ): readonly PassagePiece[] | string {
    const origin = this.bench.span(statement);
    const defines = call.defines.map(([name, value]): PassagePiece => ({
      text: `define ${name} = ${withVariables(value)}\n`,
      origin,
      exact: false,
    }));
    if (call.kind === 'commands') {
      const pieces = [...defines, { text: `${withVariables(call.text)}\n`, origin, exact: false }];
      return pieces.map((piece) => this.conditional(piece));
    }
    if (call.json) return 'JSON in a script is not read';
    const isInput = call.file === '-' || call.file === '/dev/stdin';
    const from = isInput ? input : this.fileFor(call.file);
    if (from === undefined) return 'the script does not tell what nft reads';
    const text = this.inputText(from, origin);
    return typeof text === 'string' ? text : [...defines, ...text].map((piece) => this.conditional(piece));
  }

  private inputText(from: NftInput, origin: Span): readonly PassagePiece[] | string {
    switch (from.kind) {
      case 'text':
        return [{ text: `${withVariables(from.text)}\n`, origin, exact: false }];
      case 'document': {
        const { source } = from;
        let at = from.body.start;
        return source.text
          .slice(from.body.start, from.body.end)
          .split('\n')
          .map((written): PassagePiece => {
            const text = withVariables(from.line(written));
            const place = { source: source.id, start: at, end: at + written.length };
            at += written.length + 1;
            return { text: `${text}\n`, origin: place, exact: text === written };
          });
      }
      case 'file': {
        const pieces: PassagePiece[] = [];
        const reason = this.files.visit(from.name, (source) => {
          const place = { source: source.id, start: 0, end: source.text.length };
          pieces.push(
            { text: source.text, origin: place, exact: true },
            { text: '\n', origin: place, exact: false },
          );
        });
        return reason === undefined
          ? pieces
          : `rules are loaded from ${readable(from.name)}, which is not part of this input (${reason})`;
      }
    }
  }

  private conditional(piece: PassagePiece): PassagePiece {
    return this.conditions.length === 0 ? piece : { ...piece, condition: and(...this.conditions) };
  }

  private take(pieces: readonly PassagePiece[], commands: readonly NftCommand[], span: Span): void {
    const { bench } = this;
    for (const { families } of commands.filter(({ clearsAll }) => clearsAll)) this.clear(families, span);
    const shared = commands.filter(
      ({ families, table }) =>
        table !== undefined && families.some((family) => bench.ruleset.tables.has(`${family}/${table}`)),
    );
    for (const { families, table } of shared)
      for (const family of families)
        unsettle(
          bench,
          bench.ruleset.table(family, table!),
          `script: nft changes the table ${table!}, which is that of iptables-nft`,
          span,
          this.conditions,
        );
    if (shared.length > 0) {
      this.lose(
        span,
        'the table is one of iptables-nft as well, which the script sets up with iptables',
        shared.flatMap(({ families }) => families),
      );
      return;
    }
    if (this.conditions.length > 0 && commands.some(({ adds, prints }) => !adds && !prints)) {
      // Before anything is set up, it is for what was there before, which is not known either way.
      if (bench.nftText.length === 0 && !commands.some(({ adds }) => adds)) return;
      this.lose(
        span,
        'whether these commands run is not known',
        commands.flatMap(({ families }) => families),
      );
      return;
    }
    if (!this.lost) for (const piece of pieces) bench.nftText.push(piece);
    else
      this.lose(
        span,
        undefined,
        commands.flatMap(({ families }) => families),
      );
  }

  private lose(span: Span, reason: string | undefined, families: readonly Family[]): void {
    const { ruleset, runner, reporter, assumptions } = this.bench;
    runner.rules++;
    if (reason !== undefined && !this.reported.has(reason))
      reporter.add(
        {
          code: 'FW1114',
          severity: 'error',
          message: `what nft is given here is not followed: ${reason}; its tables may drop what other rules let pass`,
          help: 'Audit the loaded rules instead: nft list ruleset, which has those of iptables-nft as well.',
        },
        span,
      );
    if (reason !== undefined) this.reported.add(reason);
    assumptions.add('Translations and marks that the nft commands of the script make are not considered');
    this.lost = true;
    const taken = this.bench.nftText.length > 0;
    this.bench.nftText.length = 0;
    for (const family of taken ? bothFamilies : families) {
      if (ruleset.unreadTables.has(family)) continue;
      ruleset.unreadTables.set(family, {
        id: ruleset.nextRuleId(),
        span,
        match: packetUnknown('script: tables of nft, which are not read'),
        action: { kind: 'drop' },
        enabled: true,
      });
    }
  }

  /** `nft flush ruleset` empties all tables of nft, those of iptables-nft among them, and none of iptables-legacy. */
  private clear(families: readonly Family[], span: Span): void {
    const { ruleset, runner, parser, lowerers } = this.bench;
    const condition = and(...this.conditions, packetUnknown('script: iptables is iptables-nft'));
    for (const table of ruleset.tables.values()) {
      if (!families.includes(table.family)) continue;
      runner.run(parser.options.readWords(['-F']), table, lowerers[table.family], span, condition);
      for (const { name, policy } of [...table.chains.values()])
        if (policy?.kind === 'drop') runner.setPolicy(table, span, name, 'ACCEPT', condition);
    }
    if (this.conditions.length > 0) return;
    for (const family of families) ruleset.unreadTables.delete(family);
    if (ruleset.unreadTables.size === 0) this.lost = false;
  }
}
