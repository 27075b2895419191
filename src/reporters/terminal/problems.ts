import { lineFrame } from '../../diagnostics/code-frame.ts';
import type { Finding, Location, Report, ReportDiagnostic } from '../../report/report.ts';
import type { RenderOptions } from '../reporter.ts';
import { severityMark, type Style } from './style.ts';
import { counted, grouped } from './words.ts';

/** Diagnostics of one kind that are shown in full unless the user asks for all. */
const mostOfAKind = 5;

/** What was not understood, with the place and what to do. Notes only for those who ask for all. */
export function diagnosticLines(report: Report, options: RenderOptions, style: Style): string[] {
  const shown = report.diagnostics.filter(({ severity }) => options.verbose || severity !== 'note');
  const seen = new Map<string, number>();
  const lines: string[] = [];
  for (const diagnostic of shown) {
    const count = (seen.get(diagnostic.code) ?? 0) + 1;
    seen.set(diagnostic.code, count);
    if (options.verbose || count <= mostOfAKind)
      lines.push('', ...diagnosticBlock(diagnostic, options, style));
  }
  for (const [code, count] of seen) {
    if (!options.verbose && count > mostOfAKind) {
      lines.push('', style.dim(`${grouped(count - mostOfAKind)} more of ${code}; --verbose shows all`));
    }
  }
  return lines;
}

function diagnosticBlock(diagnostic: ReportDiagnostic, options: RenderOptions, style: Style): string[] {
  const { code, severity, message, help, location } = diagnostic;
  const place = location === undefined ? '' : `${placeText(location, style)} `;
  const name = severity === 'error' ? style.bad('error') : severity;
  const lines = [`${place}${name} ${code}: ${style.safe(message)}`];
  const line = location === undefined ? undefined : options.lineAt?.(location.path, location.line);
  if (location !== undefined && line !== undefined && line !== '') {
    const length = location.endLine === location.line ? location.endColumn - location.column : line.length;
    lines.push(
      lineFrame(line, location.line, location.column, length, {
        columns: style.columns,
        ascii: !style.unicode,
      }),
    );
  }
  if (help !== undefined) lines.push(`      = ${style.safe(help)}`);
  return lines;
}

function placeText({ path, line, column }: Location, style: Style): string {
  return `${style.safe(path)}:${line}:${column}`;
}

/** Findings that are about no row of the tables: a forgotten policy entry, a closed port that must be open, a dead rule. */
export function findingLines(report: Report, verbose: boolean, style: Style): string[] {
  const open = report.findings.filter(
    ({ exposure, suppressed }) => exposure === undefined && suppressed === undefined,
  );
  const ladder = ['high', 'medium', 'low', 'note', 'none'] as const;
  const ordered = ladder.flatMap((severity) => open.filter((finding) => finding.severity === severity));
  const shown = verbose
    ? ordered
    : ordered.filter(({ severity }) => severity !== 'none').slice(0, mostFindings);
  const lines = shown.flatMap((finding) => findingBlock(finding, verbose, style));
  if (shown.length < ordered.length) {
    lines.push(
      style.dim(`     ${grouped(ordered.length - shown.length)} more findings; --verbose shows all`),
    );
  }
  const suppressed = report.findings.filter((finding) => finding.suppressed !== undefined);
  if (suppressed.length > 0) {
    lines.push(style.dim(`     ${counted(suppressed.length, 'finding')} suppressed by comment or baseline`));
  }
  return lines.length === 0 ? [] : ['', ...lines];
}

const mostFindings = 50;

function findingBlock(finding: Finding, verbose: boolean, style: Style): string[] {
  const { severity, message, location, help, code } = finding;
  const place = location === undefined ? '' : ` (${style.safe(location.path)}:${location.line})`;
  const mark = style.mark(severity, ` ${severityMark(severity, style.unicode)}  `);
  const lines = [`${mark}${style.safe(message)}${place}${verbose ? ` ${code}` : ''}`];
  if (help !== undefined && (verbose || severity === 'high' || severity === 'medium')) {
    lines.push(style.dim(`       ${style.safe(help)}`));
  }
  return lines;
}
