import { linting } from '../../lint.ts';
import type { AuditArguments } from '../command-arguments.ts';
import type { ExitCode, Io } from '../io.ts';
import type { OutputArguments } from '../write-report.ts';
import { runAudit } from './audit.ts';

/** `fw-audit lint <path...>`: rules without effect, in any of an audit's formats and with its exit codes. */
export function runLint(args: AuditArguments & OutputArguments, io: Io): Promise<ExitCode> {
  return runAudit(args, io, linting);
}
