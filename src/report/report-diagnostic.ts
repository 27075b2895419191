import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { positionAt, type Source, type Span } from '../source/source.ts';
import type { Location, ReportDiagnostic } from './report.ts';

/** A diagnostic as the report prints it: places as path, line and column. */
export function reportDiagnostic(diagnostic: Diagnostic, sources: readonly Source[]): ReportDiagnostic {
  const { code, severity, message, help, span } = diagnostic;
  const location = span === undefined ? undefined : locationOf(span, sources);
  return {
    code,
    severity,
    message,
    ...(help === undefined ? {} : { help }),
    ...(location === undefined ? {} : { location }),
  };
}

export function locationOf(span: Span, sources: readonly Source[]): Location | undefined {
  const source = sources.find((s) => s.id === span.source);
  if (source === undefined) return undefined;
  const start = positionAt(source, span.start);
  const end = positionAt(source, span.end);
  return {
    path: source.path,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
  };
}
