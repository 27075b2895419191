import { conditionText, fromText, portsText, sourcesText } from '../report/row-text.ts';
import type { Exposure, Finding, Report } from '../report/report.ts';
import { visible } from './plain-text.ts';
import type { Reporter } from './reporter.ts';

/**
 * One line an exposure with its findings; then findings and errors that belong to none. RFC 4180: CRLF, quotes where needed.
 * Cells that a spreadsheet would take for a formula begin with an apostrophe.
 */
export const csv: Reporter = {
  name: 'csv',
  render: (report) => [...pieces(report)].join(''),
  pieces,
};

const columns = [
  'record',
  'path',
  'line',
  'direction',
  'family',
  'protocol',
  'port_from',
  'port_to',
  'certainty',
  'conditions',
  'from',
  'sources',
  'scope',
  'range',
  'assignment',
  'service',
  'scrutiny',
  'reasons',
  'policy',
  'policy_entry',
  'owner',
  'ticket',
  'expires',
  'reason',
  'rules',
  'findings',
  'severity',
  'message',
] as const;

type Cells = Partial<Record<(typeof columns)[number], string | number>>;

function* pieces(report: Report): Generator<string> {
  yield line([...columns]);
  for (const record of recordsOf(report)) yield line(columns.map((column) => cell(record[column] ?? '')));
}

function line(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}

function* recordsOf(report: Report): Generator<Cells> {
  const findings = new Map<number, Finding[]>();
  for (const finding of report.findings) {
    if (finding.exposure === undefined) continue;
    findings.set(finding.exposure, [...(findings.get(finding.exposure) ?? []), finding]);
  }
  for (const [index, row] of report.exposures.entries())
    yield exposureCells(row, report.inputs[row.input]?.path ?? '', findings.get(index) ?? []);
  for (const finding of report.findings) if (finding.exposure === undefined) yield findingCells(finding);
  for (const { code, message, severity, location } of report.diagnostics) {
    if (severity !== 'error') continue;
    yield {
      record: 'error',
      ...(location === undefined ? {} : { path: location.path, line: location.line }),
      findings: code,
      severity: 'error',
      message,
    };
  }
}

function exposureCells(row: Exposure, path: string, findings: readonly Finding[]): Cells {
  const open = findings.filter(({ suppressed }) => suppressed === undefined);
  const rule = row.rules[row.rules.length - 1];
  return {
    record: 'exposure',
    path,
    ...(rule === undefined ? {} : { line: rule.line }),
    direction: row.direction,
    family: row.family,
    protocol: row.protocol,
    ...(row.ports === null ? {} : { port_from: row.ports.from, port_to: row.ports.to }),
    certainty: row.certainty,
    conditions: row.conditions.map(conditionText).join('; '),
    from: fromText(row),
    sources: sourcesText(row),
    scope: row.scope,
    range: row.range ?? '',
    assignment: row.assignment?.status ?? '',
    service: row.assignment?.service ?? '',
    scrutiny: row.scrutiny.level,
    reasons: row.scrutiny.reasons.join(' '),
    policy: row.policy?.verdict ?? '',
    policy_entry: row.policy?.entry ?? '',
    owner: row.policy?.owner ?? '',
    ticket: row.policy?.ticket ?? '',
    expires: row.policy?.expires ?? '',
    reason: row.policy?.reason ?? '',
    rules: row.rules.map((one) => `${one.path}:${one.line}`).join(' '),
    findings: findings
      .map(
        ({ code, name, suppressed }) => `${code} ${name}${suppressed === undefined ? '' : ' (suppressed)'}`,
      )
      .join('; '),
    severity: open[0]?.severity ?? '',
    message: open[0]?.message ?? portsText(row),
  };
}

function findingCells(finding: Finding): Cells {
  return {
    record: 'finding',
    ...(finding.location === undefined ? {} : { path: finding.location.path, line: finding.location.line }),
    findings: `${finding.code} ${finding.name}${finding.suppressed === undefined ? '' : ' (suppressed)'}`,
    severity: finding.severity,
    message: finding.message,
  };
}

/** OWASP, CSV injection: `=`, `+`, `-`, `@` and white space that hides them start a formula. */
export function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const shown = visible(value);
  const safe = /^[\s\ufeff]*[=+\-@|%＝＋－＠]/u.test(shown) || /^[\t\r\n]/.test(shown) ? `'${shown}` : shown;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
