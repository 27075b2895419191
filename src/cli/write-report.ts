import type { Report } from '../report/report.ts';
import { outlineOf } from '../report/row-outline.ts';
import { loadReporter, reporterForFile } from '../reporters/registry.ts';
import { reporterNames, type RenderOptions, type ReporterName } from '../reporters/reporter.ts';
import { lineText, type Source } from '../source/source.ts';
import type { AuditArguments } from './command-arguments.ts';
import type { Io } from './io.ts';
import { joinedPieces } from './joined-pieces.ts';
import { standardOutput, writeOutput } from './output-file.ts';

export interface OutputArguments {
  /** `-f`; undefined if not given. */
  readonly format: string | undefined;
  /** `-o`, in the order given. */
  readonly output: readonly string[];
}

/** What goes where: `undefined` is standard output. */
export interface Destination {
  readonly path: string | undefined;
  readonly reporter: ReporterName;
}

/**
 * With no `-o`, one report goes to standard output, in the format of `-f`. Each `-o` file gets the format that its ending names; `-f`
 * serves files whose ending names none or fits it too (SARIF in a `.json`). A `-f` that no file used goes to standard output.
 */
export function destinations({ format, output }: OutputArguments): readonly Destination[] | string {
  const wanted = reporterNames.find((name) => name === format);
  const files: Destination[] = [];
  for (const path of output) {
    if (path === standardOutput) {
      files.push({ path: undefined, reporter: wanted ?? 'terminal' });
      continue;
    }
    const reporter = reporterForFile(path, wanted);
    if (reporter === undefined) {
      return `the ending of ${path} names no format; add -f ${reporterNames.filter((name) => name !== 'terminal').join('|')}`;
    }
    files.push({ path, reporter });
  }
  const served = files.some(({ reporter }) => reporter === wanted);
  if (files.length === 0) return [{ path: undefined, reporter: wanted ?? 'terminal' }];
  return wanted === undefined || served ? files : [...files, { path: undefined, reporter: wanted }];
}

/** What is written where. */
export interface Rendered {
  readonly path: string | undefined;
  /** What to write, in pieces of a handy size. */
  readonly text: readonly string[];
}

/** The report as each destination wants it. Writes nothing yet. */
export async function renderReport(
  report: Report,
  to: readonly Destination[],
  args: Pick<AuditArguments, 'quiet' | 'verbose' | 'failOn'>,
  sources: readonly Source[],
  io: Pick<Io, 'columns' | 'color' | 'unicode'>,
): Promise<readonly Rendered[]> {
  const rendered: Rendered[] = [];
  const byPath = new Map(sources.map((source) => [source.path, source]));
  for (const { path, reporter: name } of to) {
    const reporter = await loadReporter(name);
    const documentationOf = ['sarif', 'html'].includes(name)
      ? (await import('./code-documentation.ts')).codeDocumentation
      : undefined;
    const options: RenderOptions = {
      columns: path === undefined ? io.columns : 100,
      color: path === undefined && io.color,
      unicode: path !== undefined || io.unicode,
      quiet: args.quiet,
      verbose: args.verbose,
      failOn: args.failOn,
      lineAt: (file, line) => {
        const source = byPath.get(file);
        return source === undefined ? undefined : lineText(source, line);
      },
      ...(documentationOf === undefined ? {} : { documentationOf }),
    };
    rendered.push({
      path,
      text:
        reporter.pieces === undefined
          ? [reporter.render(report, options)]
          : joinedPieces(reporter.pieces(report, options), outlining, sourcesOf(report)),
    });
  }
  return rendered;
}

/** Formats that list no row's sources in full. */
const outlining = 'terminal, markdown, html, sarif';

/** Source prefixes that the rows name, without listing them. */
function sourcesOf({ exposures }: Report): number {
  return exposures.reduce((sum, row) => sum + outlineOf(row).prefixes, 0);
}

/** A returned sentence says what could not be written. */
export function writeRendered(rendered: readonly Rendered[], io: Io): string | undefined {
  for (const { path, text } of rendered) {
    const problem = writeOutput(path ?? standardOutput, text, io);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
