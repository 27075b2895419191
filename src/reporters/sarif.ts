import type { Finding, Location, Report, ReportDiagnostic, Severity } from '../report/report.ts';
import { oneLine, wellFormed } from './plain-text.ts';
import type { CodeDocumentation, RenderOptions, Reporter } from './reporter.ts';

/** SARIF 2.1.0 (OASIS standard), as GitHub code scanning and other viewers read it. */
export const sarif: Reporter = {
  name: 'sarif',
  render: (report, options) => `${JSON.stringify(logOf(report, options), null, 2)}\n`,
};

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const home = 'https://www.npmjs.com/package/fw-audit';

function logOf(report: Report, options: RenderOptions): Json {
  const codes = [...new Set(report.findings.map(({ code }) => code))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: report.tool.name,
            version: report.tool.version,
            semanticVersion: report.tool.version,
            informationUri: home,
            rules: codes.map((code) => ruleOf(code, report, options.documentationOf?.(code))),
          },
        },
        invocations: [
          {
            executionSuccessful: report.diagnostics.every(({ severity }) => severity !== 'error'),
            toolExecutionNotifications: report.diagnostics.map(notificationOf),
          },
        ],
        artifacts: report.inputs.map(({ path }) => ({ location: { uri: uriOf(path) } })),
        columnKind: 'utf16CodeUnits',
        results: report.findings.map((finding) => resultOf(finding, codes)),
      },
    ],
  };
}

function ruleOf(code: string, report: Report, documentation: CodeDocumentation | undefined): Json {
  const first = report.findings.find((finding) => finding.code === code)!;
  const name = documentation?.name ?? first.name;
  const severity = documentation?.severity ?? first.severity;
  const explanation = documentation?.explanation ?? name;
  const advice = documentation?.advice ?? first.help ?? '';
  return {
    id: code,
    name: pascalCase(name),
    shortDescription: { text: firstSentence(explanation) },
    fullDescription: { text: explanation },
    help: {
      text: `${explanation}\n\n${advice}`.trim(),
      markdown: `**${name}**: ${explanation}\n\n${advice}\n\nMore: \`fw-audit explain ${code}\``,
    },
    defaultConfiguration: { level: levelOf(severity) },
    properties: { tags: ['security', 'firewall'], 'security-severity': scoreOf(severity) },
  };
}

function resultOf(finding: Finding, codes: readonly string[]): Json {
  return {
    ruleId: finding.code,
    ruleIndex: codes.indexOf(finding.code),
    level: levelOf(finding.severity),
    message: {
      text: oneLine(finding.help === undefined ? finding.message : `${finding.message}. ${finding.help}`),
    },
    locations: finding.location === undefined ? [] : [locationOf(finding.location)],
    partialFingerprints: { 'fwAudit/v1': finding.fingerprint },
    properties: { severity: finding.severity },
    // An empty list says that suppression was looked for and there is none; viewers then show the result as open.
    suppressions:
      finding.suppressed === undefined
        ? []
        : [
            {
              kind: finding.suppressed.by === 'comment' ? 'inSource' : 'external',
              status: 'accepted',
              justification: oneLine(finding.suppressed.reason),
            },
          ],
  };
}

function notificationOf(diagnostic: ReportDiagnostic): Json {
  return {
    descriptor: { id: diagnostic.code },
    level: diagnostic.severity,
    message: { text: oneLine(diagnostic.message) },
    ...(diagnostic.location === undefined ? {} : { locations: [locationOf(diagnostic.location)] }),
  };
}

function locationOf(location: Location): Json {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(location.path) },
      region: {
        startLine: location.line,
        startColumn: location.column,
        endLine: location.endLine,
        endColumn: Math.max(location.endColumn, location.line === location.endLine ? location.column : 1),
      },
    },
  };
}

/** A relative URI for a relative path; `file:` for an absolute one. */
function uriOf(path: string): string {
  if (path === '-') return 'stdin';
  const slashes = path.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
  const encoded = wellFormed(slashes).split('/').map(encodeURIComponent).join('/');
  if (slashes.startsWith('/')) return `file://${encoded}`;
  return /^[A-Za-z]:\//.test(slashes) ? `file:///${slashes[0]!}:${encoded.slice(4)}` : encoded;
}

function levelOf(severity: Severity): 'none' | 'note' | 'warning' | 'error' {
  switch (severity) {
    case 'high':
      return 'error';
    case 'medium':
      return 'warning';
    case 'low':
    case 'note':
      return 'note';
    case 'none':
      return 'none';
  }
}

/** GitHub sorts by a score like CVSS: over 7.0 is high, over 4.0 medium. */
function scoreOf(severity: Severity): string {
  const scores: Readonly<Record<Severity, string>> = {
    high: '8.0',
    medium: '5.5',
    low: '3.0',
    note: '1.0',
    none: '0.0',
  };
  return scores[severity];
}

function pascalCase(name: string): string {
  return name
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}

function firstSentence(text: string): string {
  const end = text.search(/[.:] /);
  return end < 0 ? text : `${text.slice(0, end)}.`;
}
