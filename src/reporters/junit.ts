import { fromText, openText, portsText } from '../report/row-text.ts';
import type { Exposure, Finding, Report, Severity } from '../report/report.ts';
import { escapeMarkup, oneLine } from './plain-text.ts';
import type { RenderOptions, Reporter } from './reporter.ts';

/**
 * JUnit XML as Jenkins and GitLab read it: one suite an input, one case an exposure, and one for each finding or error that belongs
 * to no exposure. A case fails if a finding reaches `failOn`; lesser ones are its output; suppressed ones are told as skipped.
 */
export const junit: Reporter = { name: 'junit', render };

interface Case {
  readonly name: string;
  readonly classname: string;
  readonly findings: readonly Finding[];
  readonly errors: readonly string[];
  readonly output?: string;
}

function render(report: Report, options: RenderOptions): string {
  const failOn = options.failOn ?? 'medium';
  const byExposure = new Map<number, Finding[]>();
  for (const finding of report.findings) {
    if (finding.exposure === undefined) continue;
    const list = byExposure.get(finding.exposure);
    if (list === undefined) byExposure.set(finding.exposure, [finding]);
    else list.push(finding);
  }
  const loose = report.findings.filter(({ exposure }) => exposure === undefined);
  const paths = new Set(report.inputs.map(({ path }) => path));
  const elsewhere = (path: string | undefined): boolean => path === undefined || !paths.has(path);
  const diagnosticCases = (belongs: (path: string | undefined) => boolean): Case[] =>
    report.diagnostics
      .filter(({ severity, location }) => severity === 'error' && belongs(location?.path))
      .map((diagnostic) => ({
        name: `${diagnostic.code} ${place(diagnostic.location)}`.trim(),
        classname: 'input',
        findings: [],
        errors: [`${diagnostic.message}${diagnostic.help === undefined ? '' : `. ${diagnostic.help}`}`],
      }));
  const looseCases = (belongs: (path: string | undefined) => boolean): Case[] =>
    loose.filter(({ location }) => belongs(location?.path)).map((finding) => caseOf(finding));

  const suites = report.inputs.map(({ path }, index) =>
    suite(
      path,
      [
        ...report.exposures.flatMap((row, i): Case[] =>
          row.input === index ? [rowCase(row, byExposure.get(i) ?? [])] : [],
        ),
        ...looseCases((at) => at === path),
        ...diagnosticCases((at) => at === path),
      ],
      failOn,
    ),
  );
  const rest = [...looseCases(elsewhere), ...diagnosticCases(elsewhere)];
  if (rest.length > 0) suites.push(suite('policy and run', rest, failOn));
  const sum = (of: (one: Suite) => number): number => suites.reduce((total, one) => total + of(one), 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="fw-audit" tests="${sum((s) => s.tests)}" failures="${sum((s) => s.failures)}" errors="${sum((s) => s.errors)}">`,
    ...suites.map(({ text }) => text),
    '</testsuites>',
    '',
  ].join('\n');
}

function rowCase(row: Exposure, findings: readonly Finding[]): Case {
  const ip = row.family === 'ipv4' ? 'IPv4' : 'IPv6';
  return {
    name: `${portsText(row)} ${row.direction} ${ip} from ${fromText(row)}${row.certainty === 'possible' ? ' (possible)' : ''}`,
    classname: `${row.direction}.${row.family}`,
    findings,
    errors: [],
    output: `${portsText(row)} ${openText(row)} by ${row.rules.map(({ path, line }) => `${path}:${line}`).join(', ')}`,
  };
}

function caseOf(finding: Finding): Case {
  return {
    name: `${finding.name} ${place(finding.location)}`.trim(),
    classname: finding.code,
    findings: [finding],
    errors: [],
  };
}

function place(location: Finding['location']): string {
  return location === undefined ? '' : `${location.path}:${location.line}`;
}

interface Suite {
  readonly text: string;
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
}

const ladder: readonly Severity[] = ['note', 'low', 'medium', 'high'];

function suite(name: string, cases: readonly Case[], failOn: Severity): Suite {
  let failures = 0;
  let errors = 0;
  let skipped = 0;
  const lines = cases.map((one) => {
    const open = one.findings.filter(({ suppressed }) => suppressed === undefined);
    const failing = open.filter(
      ({ severity }) => failOn !== 'none' && ladder.indexOf(severity) >= ladder.indexOf(failOn),
    );
    const remarks = open.filter((finding) => !failing.includes(finding));
    const silenced = one.findings.filter(({ suppressed }) => suppressed !== undefined);
    const skip = failing.length === 0 && one.errors.length === 0 && silenced.length > 0;
    if (failing.length > 0) failures++;
    if (one.errors.length > 0) errors++;
    if (skip) skipped++;
    const output = [
      ...(one.output === undefined ? [] : [one.output]),
      ...remarks.map((finding) => `${finding.severity}: ${finding.code} ${finding.message}`),
    ];
    return [
      `    <testcase name="${attribute(one.name)}" classname="${attribute(`fw-audit.${one.classname}`)}">`,
      ...(skip ? [`      <skipped>${escapeMarkup(silenced.map(silenceText).join('\n'))}</skipped>`] : []),
      ...one.errors.map((message) => `      <error message="${attribute(message)}" type="input"/>`),
      ...failing.map(
        (finding) =>
          `      <failure message="${attribute(finding.message)}" type="${attribute(finding.name)}">${escapeMarkup(failureText(finding))}</failure>`,
      ),
      ...(output.length > 0 ? [`      <system-out>${escapeMarkup(output.join('\n'))}</system-out>`] : []),
      '    </testcase>',
    ].join('\n');
  });
  return {
    tests: cases.length,
    failures,
    errors,
    text: [
      `  <testsuite name="${attribute(name)}" tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}">`,
      ...lines,
      '  </testsuite>',
    ].join('\n'),
  };
}

function silenceText({ code, message, suppressed }: Finding): string {
  return `${code} ${message} — suppressed by ${suppressed!.by}: ${suppressed!.reason}`;
}

function failureText(finding: Finding): string {
  return [
    `${finding.code} ${finding.name} (${finding.severity})`,
    ...(finding.location === undefined ? [] : [place(finding.location)]),
    finding.message,
    ...(finding.help === undefined ? [] : [finding.help]),
  ].join('\n');
}

function attribute(text: string): string {
  return escapeMarkup(oneLine(text));
}
