import { auditArguments } from './arguments-of.ts';
import type { Invocation } from './invocation.ts';
import type { Io } from './io.ts';
import type { Report } from '../report/report.ts';

/** The audits of the exports that `explain --rules` names; what cannot be read is said on standard error. */
export async function reportsOf(invocation: Invocation, io: Io): Promise<readonly Report[]> {
  const paths = invocation.given.list('rules');
  if (paths.length === 0) return [];
  const { auditInputs } = await import('./audit-inputs.ts');
  const result = await auditInputs({ ...auditArguments(invocation, paths), policy: false }, io);
  if (result.kind === 'failed') {
    io.stderr(result.text);
    return [];
  }
  const { problemText } = await import('./problem-text.ts');
  for (const problem of result.report.diagnostics) {
    if (problem.severity === 'error') io.stderr(problemText(problem, result.sources, io));
  }
  return [result.report];
}
