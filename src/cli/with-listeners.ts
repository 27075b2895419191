import { joinListeners } from '../listeners/join-listeners.ts';
import { readListeners } from '../listeners/read-listeners.ts';
import { reportDiagnostic } from '../report/report-diagnostic.ts';
import type { Report, Severity } from '../report/report.ts';
import { decode } from '../source/decode.ts';
import type { Source } from '../source/source.ts';
import type { Io } from './io.ts';

/** The report with who listens, by the list in `path` (`-`: standard input), or a sentence that says why there is none. */
export async function withListeners(
  report: Report,
  path: string,
  id: number,
  io: Io,
  severities?: ReadonlyMap<string, Severity>,
): Promise<{ readonly report: Report; readonly source: Source } | string> {
  const bytes = path === '-' ? await io.stdin() : io.readFile(path);
  if (typeof bytes === 'string') return `cannot read the listeners ${path}: ${bytes}`;
  const decoded = decode(bytes, path, id);
  if (decoded.kind !== 'text') return `${path}: ${decoded.diagnostic.message}`;
  const { source } = decoded;
  const { listeners, diagnostics } = readListeners([source]);
  const problems = [...decoded.notes, ...diagnostics].map((one) => reportDiagnostic(one, [source]));
  // A file that is no list says nothing about the host: joining it would call every port unheard.
  const unread = diagnostics.some(({ code }) => code === 'FW1502');
  const joined = unread ? report : joinListeners(report, listeners, severities);
  return { report: { ...joined, diagnostics: [...joined.diagnostics, ...problems] }, source };
}
