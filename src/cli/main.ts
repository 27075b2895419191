import { nodeIo } from './node-io.ts';
import { run } from './run.ts';

const io = nodeIo();

// The exit code is set, never forced: process.exit would cut off output that a pipe has not taken yet.
run(process.argv.slice(2), io).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof Error && error.name === 'TooComplex') {
      // Known by its name, so that the packet sets do not load with every command. A report in the making cannot say it any more.
      process.exitCode = 3;
      io.stderr(
        `error FW1007: ${error.message}; the report is not complete. Raise --max-nodes if there is memory.\n`,
      );
      return;
    }
    if (error instanceof Error && error.name === 'OutputFailure') {
      process.exitCode = 2;
      tell(`fw-audit: cannot write the answer: ${error.message}\n`);
      return;
    }
    if (error instanceof Error && ['ReportTooLong', 'NoAddressSpace'].includes(error.name)) {
      process.exitCode = 2;
      io.stderr(`fw-audit: ${error.message}\n`);
      return;
    }
    process.exitCode = 70;
    io.stderr(bugReport(error, process.argv.includes('--verbose') || Boolean(io.env['FW_AUDIT_DEBUG'])));
  },
);

/** Standard error may lie on the disk that is full; the exit code still tells. */
function tell(text: string): void {
  try {
    io.stderr(text);
  } catch {
    // There is nowhere left to say it.
  }
}

/** Only bugs come as exceptions. One line says so; the stack is for whoever asks. */
function bugReport(error: unknown, withStack: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const [line = ''] = message.split('\n', 1);
  const stack = withStack && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  return `fw-audit: internal error: ${line}. This is a bug in fw-audit: please report it, with the output under FW_AUDIT_DEBUG=1.\n${stack}`;
}
