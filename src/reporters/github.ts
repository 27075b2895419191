import type { Location, Report, Severity } from '../report/report.ts';
import { visible } from './plain-text.ts';
import type { Reporter } from './reporter.ts';

/** Workflow commands that GitHub Actions turns into annotations of the changed lines. Suppressed findings are left out. */
export const github: Reporter = { name: 'github', render };

function render(report: Report): string {
  const lines = [
    ...report.diagnostics
      .filter(({ severity }) => severity !== 'note')
      .map(({ severity, code, message, help, location }) =>
        command(severity === 'error' ? 'error' : 'warning', code, location, withHelp(message, help)),
      ),
    ...report.findings
      .filter(({ suppressed, severity }) => suppressed === undefined && severity !== 'none')
      .map(({ severity, code, name, message, help, location }) =>
        command(levelOf(severity), `${code} ${name}`, location, withHelp(message, help)),
      ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function withHelp(message: string, help: string | undefined): string {
  return help === undefined ? message : `${message}\n${help}`;
}

function levelOf(severity: Severity): 'error' | 'warning' | 'notice' {
  return severity === 'high' ? 'error' : severity === 'medium' ? 'warning' : 'notice';
}

function command(level: string, title: string, location: Location | undefined, message: string): string {
  const properties: readonly (readonly [string, string])[] = [
    ...(location === undefined
      ? []
      : ([
          ['file', location.path.replaceAll('\\', '/')],
          ['line', String(location.line)],
          ['endLine', String(location.endLine)],
          // GitHub takes columns only for an annotation of one line.
          ...(location.line === location.endLine
            ? ([
                ['col', String(location.column)],
                ['endColumn', String(location.endColumn)],
              ] as const)
            : []),
        ] as const)),
    ['title', title],
  ];
  return `::${level} ${properties.map(([key, value]) => `${key}=${property(value)}`).join(',')}::${data(message)}`;
}

/** As @actions/core escapes what follows `::`. */
function data(text: string): string {
  return visible(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
