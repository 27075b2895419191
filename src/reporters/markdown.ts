import { conditionText, fromText, portsText } from '../report/row-text.ts';
import type { Exposure, Finding, Report } from '../report/report.ts';
import { code, text } from './markdown-text.ts';
import type { RenderOptions, Reporter } from './reporter.ts';

/**
 * For a pull-request comment or a job summary: the findings first, the rest folded away. Stays under GitHub's limit of 65,536
 * characters by showing fewer rows and saying how many are left out.
 */
export const markdown: Reporter = {
  name: 'markdown',
  render: (report, options) => {
    for (const most of [200, 50, 15, 5]) {
      const text = page(report, options, most);
      if (text.length <= limit) return text;
    }
    return `${page(report, options, 0).slice(0, limit)}\n`;
  },
};

const limit = 65_000;

const marks = { high: '🔴 high', medium: '🟠 medium', low: '🟡 low', note: '⚪ note', none: 'none' } as const;

function page(report: Report, options: RenderOptions, most: number): string {
  const open = report.findings.filter(({ suppressed }) => suppressed === undefined);
  const silenced = report.findings.filter(({ suppressed }) => suppressed !== undefined);
  const loud = open.filter(({ severity }) => severity === 'high' || severity === 'medium');
  const quiet = open.filter((finding) => !loud.includes(finding));
  const errors = report.diagnostics.filter(({ severity }) => severity === 'error');
  const parts = [
    `### fw-audit: ${headline(report, open)}`,
    summaryLine(report),
    ...(errors.length === 0
      ? []
      : [
          `**${counted(errors.length, 'part')} of the inputs could not be read; what they open is not known:**`,
          list(
            errors.map(({ code, message, location }) =>
              `${code} ${place(location)} ${text(message)}`.replaceAll('  ', ' '),
            ),
            most,
          ),
        ]),
    ...(loud.length === 0 ? [] : [findingTable(loud, most)]),
    ...(quiet.length === 0
      ? []
      : [folded(`${counted(quiet.length, 'remark')} (low and note)`, findingTable(quiet, most))]),
    ...(options.quiet || report.exposures.length === 0
      ? []
      : [
          folded(
            `What is open (${counted(report.exposures.length, 'row')})`,
            exposureTable(report.exposures, most),
          ),
        ]),
    ...(silenced.length === 0
      ? []
      : [folded(`${counted(silenced.length, 'suppressed finding')}`, silencedList(silenced, most))]),
    ...(report.assumptions.length === 0
      ? []
      : [folded('Assumptions', list(report.assumptions.map(text), most))]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function headline(report: Report, open: readonly Finding[]): string {
  if (report.diagnostics.some(({ severity }) => severity === 'error') && open.length === 0)
    return 'not everything could be read';
  if (open.length === 0) return 'nothing to do ✅';
  const counts = (['high', 'medium', 'low', 'note'] as const).flatMap((severity) => {
    const count = open.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  return `${counted(open.length, 'finding')} (${counts.join(', ')})`;
}

function summaryLine({ asked, inputs, summary, diagnostics }: Report): string {
  const found = diagnostics.some(({ severity }) => severity === 'error') ? 'as far as could be read, ' : '';
  const shown =
    inputs.length <= 3 ? inputs.map(({ path }) => code(path)).join(', ') : `${inputs.length} inputs`;
  return `${shown}: ${counted(summary.rules, 'rule')}, ${summary.understood === summary.rules ? 'all understood' : `${summary.understood} understood`}${asked === 'lint' ? '; only rules without effect were looked for.' : `; ${found}${counted(summary.openPorts, 'port')} open, ${summary.openToInternet.toLocaleString('en-US')} of them to the internet.`}`;
}

function findingTable(findings: readonly Finding[], most: number): string {
  const rows = findings
    .slice(0, most)
    .map(
      ({ severity, code: id, name, message, help, location }) =>
        `| ${marks[severity]} | ${text(message)}${help === undefined ? '' : `<br><sub>${text(help)}</sub>`} | ${place(location)} | ${id} ${name} |`,
    );
  return [
    '| Severity | What | Where | Finding |',
    '| :-- | :-- | :-- | :-- |',
    ...rows,
    ...more(findings.length - rows.length, '\n'),
  ].join('\n');
}

function exposureTable(exposures: readonly Exposure[], most: number): string {
  const rows = exposures.slice(0, most).map((row) => {
    const certainty = row.certainty === 'certain' ? '' : ` (possible${conditionsText(row)})`;
    const direction = row.direction === 'in' ? '' : ` ${row.direction}`;
    const rule = row.rules[row.rules.length - 1];
    return `| ${code(portsText(row))}${direction}${text(certainty)} | ${text(row.assignment?.service ?? row.assignment?.status ?? '')} | ${text(fromText(row))} | ${row.policy?.verdict ?? ''} | ${rule === undefined ? '' : code(`${rule.path}:${rule.line}`)} |`;
  });
  return [
    '| Port | Service | From | Policy | Rule |',
    '| :-- | :-- | :-- | :-- | :-- |',
    ...rows,
    ...more(exposures.length - rows.length, '\n'),
  ].join('\n');
}

function conditionsText(row: Exposure): string {
  return row.conditions.length === 0 ? '' : `: ${row.conditions.map(conditionText).join('; ')}`;
}

function silencedList(findings: readonly Finding[], most: number): string {
  return list(
    findings.map(
      ({ code: id, message, suppressed }) =>
        `${id} ${text(message)} — ${suppressed!.by === 'comment' ? 'ignored' : 'in the baseline'}: ${text(suppressed!.reason)}`,
    ),
    most,
  );
}

function list(items: readonly string[], most: number): string {
  return [...items.slice(0, most).map((item) => `- ${item}`), ...more(items.length - most, '')].join('\n');
}

function more(count: number, before: string): string[] {
  return count > 0 ? [`${before}… and ${count} more`] : [];
}

function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

function place(location: Finding['location']): string {
  return location === undefined ? '' : code(`${location.path}:${location.line}`);
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
