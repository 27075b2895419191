import { lineFrame } from '../diagnostics/code-frame.ts';
import { visibleText } from '../diagnostics/visible-text.ts';
import type { ReportDiagnostic } from '../report/report.ts';
import { lineText, type Source } from '../source/source.ts';
import type { Io } from './io.ts';

/** A problem with its place as it is written to standard error: head line, the source line with carets, what to do. */
export function problemText(problem: ReportDiagnostic, sources: readonly Source[], io: Io): string {
  const { code, severity, message, help, location } = problem;
  const ascii = !io.unicode;
  const place =
    location === undefined
      ? 'fw-audit: '
      : `${visibleText(location.path, { ascii })}:${location.line}:${location.column} `;
  const lines = [`${place}${severity} ${code}: ${visibleText(message, { ascii })}`];
  const source = sources.find(({ path }) => path === location?.path);
  if (location !== undefined && source !== undefined) {
    const text = lineText(source, location.line);
    const length = location.endLine === location.line ? location.endColumn - location.column : text.length;
    lines.push(lineFrame(text, location.line, location.column, length, { columns: io.columns, ascii }));
  }
  if (help !== undefined) lines.push(`      = ${visibleText(help, { ascii })}`);
  return `${lines.join('\n')}\n`;
}
