import type { GivenOptions } from './invocation.ts';
import type { ExitCode, Io } from './io.ts';

/** `-o -`: standard output. */
export const standardOutput = '-';

/** Writes what a command has to say where `-o` says; a returned sentence says why that failed. */
export function writeOutput(path: string, text: string | readonly string[], io: Io): string | undefined {
  const pieces = typeof text === 'string' ? [text] : text;
  if (path === standardOutput) {
    for (const piece of pieces) io.stdout(piece);
    return undefined;
  }
  const problem = io.writeFile(path, pieces);
  return problem === undefined ? undefined : `cannot write ${path}: ${problem}`;
}

const endings: readonly (readonly [RegExp, string])[] = [
  [/\.json$/i, 'json'],
  [/\.(md|markdown)$/i, 'markdown'],
  [/\.csv$/i, 'csv'],
];

/** The format of a command that writes one text: what the ending of `-o` names, if the command has it, else `-f`. */
export function formatOf<F extends string>(given: GivenOptions, formats: readonly F[]): F | undefined {
  const path = given.text('output') ?? '';
  const named = endings.find(([ending]) => ending.test(path))?.[1];
  return formats.find((format) => format === named) ?? given.choice('format', formats);
}

/** Runs a command that writes to standard output, and puts what it wrote into the file of `-o`, if one is given. */
export async function intoFile(
  given: GivenOptions,
  io: Io,
  run: (io: Io) => Promise<ExitCode>,
): Promise<ExitCode> {
  const [path, second] = given.list('output');
  if (path === undefined || path === standardOutput) return run(io);
  if (second !== undefined) {
    io.stderr('fw-audit: --output is given twice; this command writes one file\n');
    return 2;
  }
  const written: string[] = [];
  const code = await run({
    ...io,
    stdout: (text) => void written.push(text),
    isTTY: false,
    color: false,
    unicode: true,
    columns: 100,
  });
  if (written.length === 0) return code;
  const problem = writeOutput(path, written.join(''), io);
  if (problem === undefined) return code;
  io.stderr(`fw-audit: ${problem}\n`);
  return 2;
}
