import { auditing } from '../../audit.ts';
import type { Look } from '../../host-results.ts';
import { isAtLeast } from '../../findings/row-severity.ts';
import type { Report } from '../../report/report.ts';
import { useAudit } from '../audit-inputs.ts';
import type { AuditArguments } from '../command-arguments.ts';
import type { ExitCode, Io } from '../io.ts';
import { destinations, renderReport, writeRendered, type OutputArguments } from '../write-report.ts';

/** `fw-audit <path...>`: what the exports open, judged by the policy, in any format. */
export async function runAudit(
  args: AuditArguments & OutputArguments,
  io: Io,
  look: Look = auditing,
): Promise<ExitCode> {
  const to = destinations(args);
  if (typeof to === 'string') {
    io.stderr(`fw-audit: ${to}\n`);
    return 2;
  }
  const result = await useAudit(args, io, look, async ({ report, sources }) => ({
    report,
    rendered: await renderReport(report, to, args, sources, io),
  }));
  if (result.kind === 'failed') {
    io.stderr(result.text);
    return 2;
  }
  const { report, rendered } = result.used;
  const problem = (await writeBaseline(report, args.writeBaseline, io)) ?? writeRendered(rendered, io);
  if (problem !== undefined) {
    io.stderr(`fw-audit: ${problem}\n`);
    return 2;
  }
  if (!args.quiet && to.every(({ path }) => path !== undefined)) io.stderr(writtenText(report, args));
  return exitCodeOf(report, args.failOn);
}

async function writeBaseline(report: Report, path: string | undefined, io: Io): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const { baselineText } = await import('../../findings/baseline.ts');
  const problem = io.writeFile(path, baselineText(report.findings));
  return problem === undefined ? undefined : `cannot write ${path}: ${problem}`;
}

/** One line for whoever sees no report: its counts and where it is. */
function writtenText({ asked, summary, findings }: Report, { output }: OutputArguments): string {
  const open = findings.filter(({ suppressed }) => suppressed === undefined).length;
  const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  const ports = asked === 'lint' ? '' : `${count(summary.openPorts, 'port')} open, `;
  return `fw-audit: ${ports}${count(open, 'finding')}; written to ${output.join(', ')}\n`;
}

/**
 * 3 before 1: where an input was not fully read, the findings may not be all. What a comment or the baseline silences does not count.
 */
export function exitCodeOf(report: Report, failOn: AuditArguments['failOn']): ExitCode {
  if (report.diagnostics.some(({ severity }) => severity === 'error')) return 3;
  const fails = report.findings.some(
    ({ severity, suppressed }) => suppressed === undefined && isAtLeast(severity, failOn),
  );
  return fails ? 1 : 0;
}
