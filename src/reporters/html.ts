import { conditionText, fromText, portsText } from '../report/row-text.ts';
import type { Exposure, Finding, Report, ReportDiagnostic } from '../report/report.ts';
import { htmlStyle } from './html-style.ts';
import { escapeMarkup } from './plain-text.ts';
import type { Reporter } from './reporter.ts';

/** One page that needs nothing else: no script, no font, no picture from elsewhere. */
export const html: Reporter = { name: 'html', render };

function render(report: Report): string {
  const open = report.findings.filter(({ suppressed }) => suppressed === undefined);
  const silenced = report.findings.filter(({ suppressed }) => suppressed !== undefined);
  const errors = report.diagnostics.filter(({ severity }) => severity === 'error');
  const remarks = report.diagnostics.filter(({ severity }) => severity !== 'error');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>fw-audit: ${escapeMarkup(report.inputs.map(({ path }) => path).join(', '))}</title>
<style>
${htmlStyle}</style>
</head>
<body>
<main>
<h1>${report.asked === 'lint' ? 'Rules without effect' : 'Firewall audit'}</h1>
${inputsTable(report)}
<ul class="figures">
${openFigures(report)}${figure(open.length, open.length === 1 ? 'finding' : 'findings')}
</ul>
${section('Could not be read', errors, diagnosticList)}
${section('Findings', open, findingTable)}
${section('What is open', report.exposures, exposureTable)}
${section('Suppressed', silenced, findingTable)}
${section('Remarks on the inputs', remarks, diagnosticList)}
${section('Assumptions', report.assumptions, (all) => `<ul>${all.map((one) => `<li>${escapeMarkup(one)}</li>`).join('')}</ul>`)}
<footer>${escapeMarkup(`${report.tool.name} ${report.tool.version} · port registry: ${report.registry.source}, ${report.registry.asOf}`)}</footer>
</main>
</body>
</html>
`;
}

function openFigures({ asked, summary }: Report): string {
  if (asked === 'lint') return '';
  return [
    figure(summary.openPorts, 'ports open'),
    figure(summary.openToInternet, 'to the internet'),
    figure(summary.openToPrivate, 'to private networks only'),
    figure(summary.deserveALook, 'deserve a look'),
    '',
  ].join('\n');
}

function section<T>(title: string, items: readonly T[], body: (items: readonly T[]) => string): string {
  if (items.length === 0) return '';
  return `<section aria-label="${title}">\n<h2>${title} <small>${items.length.toLocaleString('en-US')}</small></h2>\n${body(items)}\n</section>`;
}

function inputsTable({ inputs }: Report): string {
  const rows = inputs.map(
    ({ path, dialect, families, rules, understood }) =>
      `<tr><td><code>${escapeMarkup(path)}</code></td><td>${escapeMarkup(dialect)}</td><td>${families.map((family) => (family === 'ipv4' ? 'IPv4' : 'IPv6')).join(', ')}</td><td class="number">${rules.toLocaleString('en-US')}</td><td class="number">${understood.toLocaleString('en-US')}</td></tr>`,
  );
  return table(['Input', 'Format', 'Families', 'Rules', 'Understood'], rows);
}

function figure(count: number, words: string): string {
  return `<li><strong>${count.toLocaleString('en-US')}</strong> ${words}</li>`;
}

function findingTable(findings: readonly Finding[]): string {
  const rows = findings.map(
    ({ severity, code, name, message, help, location, suppressed }) =>
      `<tr><td><span class="mark ${severity}">${severity}</span></td><td>${escapeMarkup(message)}${help === undefined ? '' : `<p class="help">${escapeMarkup(help)}</p>`}${suppressed === undefined ? '' : `<p class="help">Suppressed by ${suppressed.by}: ${escapeMarkup(suppressed.reason)}</p>`}</td><td>${place(location)}</td><td>${escapeMarkup(`${code} ${name}`)}</td></tr>`,
  );
  return table(['Severity', 'What', 'Where', 'Finding'], rows);
}

function exposureTable(exposures: readonly Exposure[]): string {
  const rows = exposures.map((row) => {
    const rule = row.rules[row.rules.length - 1];
    const conditions = row.conditions.map(conditionText).join('; ');
    const possible =
      row.certainty === 'certain'
        ? ''
        : `<p class="help">possible${conditions === '' ? '' : `: ${escapeMarkup(conditions)}`}</p>`;
    return `<tr><td><code>${escapeMarkup(portsText(row))}</code>${possible}</td><td>${row.direction}</td><td>${row.family === 'ipv4' ? 'IPv4' : 'IPv6'}</td><td>${escapeMarkup(row.assignment?.service ?? row.assignment?.status ?? '')}</td><td>${escapeMarkup(fromText(row))}</td><td><span class="mark ${row.scrutiny.level}">${row.scrutiny.level === 'none' ? '' : row.scrutiny.level}</span></td><td>${row.policy === null ? '' : escapeMarkup([row.policy.verdict, row.policy.owner, row.policy.reason].filter((part) => part !== undefined).join(' · '))}</td><td>${rule === undefined ? '' : `<code title="${escapeMarkup(rule.text)}">${escapeMarkup(`${rule.path}:${rule.line}`)}</code>`}</td></tr>`;
  });
  return table(['Port', 'Direction', 'Family', 'Service', 'From', 'Scrutiny', 'Policy', 'Rule'], rows);
}

function diagnosticList(diagnostics: readonly ReportDiagnostic[]): string {
  return `<ul>${diagnostics
    .map(
      ({ code, message, help, location }) =>
        `<li>${escapeMarkup(code)} ${place(location)} ${escapeMarkup(message)}${help === undefined ? '' : `<p class="help">${escapeMarkup(help)}</p>`}</li>`,
    )
    .join('')}</ul>`;
}

function place(location: Finding['location']): string {
  return location === undefined ? '' : `<code>${escapeMarkup(`${location.path}:${location.line}`)}</code>`;
}

function table(heads: readonly string[], rows: readonly string[]): string {
  return `<div class="scroll"><table>\n<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody>\n</table></div>`;
}
