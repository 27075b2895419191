import { type DiffOptions, type DiffSide, diff } from '../../diff.ts';
import { isAtLeast } from '../../findings/index.ts';
import { PortKnowledge } from '../../ports/describe.ts';
import { loadRegistry } from '../../ports/load-registry.ts';
import type { Difference } from '../../report/difference.ts';
import type { ReportDiagnostic } from '../../report/report.ts';
import { jsonPieces } from '../../reporters/json-pieces.ts';
import type { Source } from '../../source/source.ts';
import { directionsOf, readOptions } from '../audit-inputs.ts';
import type { AuditArguments } from '../command-arguments.ts';
import type { ExitCode, Io } from '../io.ts';
import { joinedPieces } from '../joined-pieces.ts';
import { standardOutput, writeOutput } from '../output-file.ts';
import { problemText } from '../problem-text.ts';
import { readInputs } from '../read-inputs.ts';

export interface DiffArguments extends AuditArguments {
  readonly before: string;
  readonly after: string;
  readonly format: DiffFormat;
  readonly output: readonly string[];
}

type DiffFormat = 'terminal' | 'json' | 'markdown';

/** `fw-audit diff <before> <after>`: 0 where every packet keeps its verdict, 1 where a change reaches `--fail-on`. */
export async function runDiff(args: DiffArguments, io: Io): Promise<ExitCode> {
  const failed = (message: string): ExitCode => {
    io.stderr(`fw-audit: ${message}\n`);
    return 2;
  };
  if (args.before === '-' && args.after === '-')
    return failed('standard input (-) can be one of the two, not both');
  const [before, after] = [await readSide(args.before, args, io), await readSide(args.after, args, io)];
  if (typeof before === 'string') return failed(before);
  if (typeof after === 'string') return failed(after);
  const registry = await loadRegistry(io, args.registry);
  if (registry.kind === 'failed') return failed(registry.message);
  const options: DiffOptions = {
    directions: directionsOf(args),
    loopback: args.loopback,
    ...(before.options?.localAddresses === undefined
      ? {}
      : { localAddresses: before.options.localAddresses }),
    ...(args.maxNodes === undefined ? {} : { maxNodes: args.maxNodes }),
    ...(registry.from === 'built-in' ? {} : { knowledge: new PortKnowledge(registry.registry) }),
  };
  const compared = await diff(before, after, options);
  const difference: Difference = {
    ...compared,
    diagnostics: [...before.diagnostics, ...after.diagnostics, ...compared.diagnostics],
  };
  const problem = await write(difference, args, [...before.sources, ...after.sources], io);
  if (problem !== undefined) return failed(problem);
  if (difference.diagnostics.some(({ severity }) => severity === 'error')) return 3;
  return difference.changes.some(({ severity }) => isAtLeast(severity, args.failOn)) ? 1 : 0;
}

interface ReadSide extends DiffSide {
  readonly diagnostics: readonly ReportDiagnostic[];
}

async function readSide(path: string, args: DiffArguments, io: Io): Promise<ReadSide | string> {
  const inputs = await readInputs({ ...args, paths: [path] }, io);
  if (inputs.kind === 'usage') return inputs.message;
  if (inputs.sources.length > 1 && !args.host)
    return `${path} holds ${inputs.sources.length} exports; --host says that they are one host, else name two files`;
  return { sources: inputs.sources, options: readOptions(args, inputs), diagnostics: inputs.diagnostics };
}

async function write(
  difference: Difference,
  args: DiffArguments,
  sources: readonly Source[],
  io: Io,
): Promise<string | undefined> {
  if (args.output.length === 0) {
    if (args.format !== 'json') tellProblems(difference, args, sources, io);
    return writeOutput(standardOutput, await rendered(difference, args.format, args, io, io.columns), io);
  }
  for (const path of args.output) {
    const format = formatOf(path, args.format);
    const plain: Io = { ...io, color: false, unicode: true, columns: 100 };
    const own = path === standardOutput ? io : plain;
    const problem = writeOutput(path, await rendered(difference, format, args, own, own.columns), io);
    if (problem !== undefined) return problem;
  }
  tellProblems(difference, args, sources, io);
  return undefined;
}

function formatOf(path: string, wanted: DiffFormat): DiffFormat {
  if (/\.json$/i.test(path)) return 'json';
  return /\.(md|markdown)$/i.test(path) ? 'markdown' : wanted;
}

/** What the two sides could not be read as; a JSON reader finds it in the answer. */
function tellProblems(
  { diagnostics }: Difference,
  { quiet, verbose }: DiffArguments,
  sources: readonly Source[],
  io: Io,
): void {
  for (const problem of diagnostics) {
    const shown = problem.severity === 'error' ? !quiet || verbose : verbose;
    if (shown) io.stderr(problemText(problem, sources, io));
  }
}

async function rendered(
  difference: Difference,
  format: DiffFormat,
  { quiet, verbose }: DiffArguments,
  { color, unicode }: Io,
  columns: number,
): Promise<string | readonly string[]> {
  switch (format) {
    case 'json':
      return joinedPieces(jsonPieces(difference), 'terminal, markdown');
    case 'markdown':
      return (await import('../../reporters/diff-markdown.ts')).diffMarkdown(difference);
    case 'terminal':
      return (await import('../../reporters/diff-terminal.ts')).diffTerminal(difference, {
        columns,
        color,
        unicode,
        quiet,
        verbose,
      });
  }
}
