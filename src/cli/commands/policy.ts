import { loadPolicyAt } from '../load-policy.ts';
import { nearestPolicy, policyFileName } from '../nearest-policy.ts';
import { problemText } from '../problem-text.ts';
import type { PolicyArguments } from '../command-arguments.ts';
import type { ExitCode, Io } from '../io.ts';
import type { Report } from '../../report/report.ts';
import type { Source } from '../../source/source.ts';

/** `fw-audit policy check|init|suggest|evidence`. */
export async function runPolicy(args: PolicyArguments, io: Io): Promise<ExitCode> {
  if (args.action === 'check') return check(args, io);
  if (args.action === 'init' && args.paths.length === 0)
    return usage('policy init needs the exports to look at', io);
  if (args.action !== 'evidence' && (args.format === 'markdown' || args.format === 'csv'))
    return usage(`policy ${args.action} writes YAML, or JSON with -f json`, io);
  const { auditInputs } = await import('../audit-inputs.ts');
  // A first policy asks what is open, whatever an older policy says.
  const policy = args.action === 'init' ? false : args.policy;
  const result = await auditInputs({ ...args.audit, policy }, io);
  if (result.kind === 'failed') {
    io.stderr(result.text);
    return 2;
  }
  const { report, sources } = result;
  const code = tellProblems(report, sources, io);
  switch (args.action) {
    case 'init':
      return (await init(report, args, io)) ?? code;
    case 'suggest':
      return (await suggest(report, args, io)) ?? code;
    case 'evidence':
      return (await evidence(report, args, io)) ?? code;
  }
}

function usage(message: string, io: Io): ExitCode {
  io.stderr(`fw-audit: ${message}\nfw-audit policy --help tells more.\n`);
  return 2;
}

async function check(args: PolicyArguments, io: Io): Promise<ExitCode> {
  const found = args.paths.length > 0 ? args.paths : [args.policy || nearestPolicy(io)];
  let wrong = false;
  const results: unknown[] = [];
  for (const path of found) {
    if (path === undefined)
      return usage(`there is no ${policyFileName} in this folder or above it; name the policy to check`, io);
    const loading = loadPolicyAt(path, io);
    if (loading.kind === 'unreadable') {
      io.stderr(`fw-audit: ${loading.message}\n`);
      return 2;
    }
    const { policy, diagnostics, sources } = loading;
    if (policy === undefined) wrong = true;
    if (args.format === 'json') {
      results.push({ path, valid: policy !== undefined, diagnostics });
      continue;
    }
    for (const problem of diagnostics) io.stderr(problemText(problem, sources, io));
    if (policy !== undefined)
      io.stdout(
        `${path}: well-formed; ${counted(policy.allow.length, 'allow')}, ${counted(policy.deny.length, 'deny')} and ${counted(policy.require.length, 'require')}\n`,
      );
  }
  if (args.format === 'json') io.stdout(`${JSON.stringify({ policies: results }, null, 2)}\n`);
  return wrong ? 2 : 0;
}

function counted(count: number, kind: string): string {
  return `${count} ${kind} ${count === 1 ? 'entry' : 'entries'}`;
}

/** Inputs that could not be read: what is open there is not known, so it is in no policy either. */
function tellProblems(report: Report, sources: readonly Source[], io: Io): ExitCode {
  const errors = report.diagnostics.filter(({ severity }) => severity === 'error');
  for (const error of errors) io.stderr(problemText(error, sources, io));
  return errors.length > 0 ? 3 : 0;
}

async function init(report: Report, args: PolicyArguments, io: Io): Promise<ExitCode | undefined> {
  const { initialPolicy } = await import('../../policy/compose.ts');
  const path = args.output ?? policyFileName;
  // Paths that mean the same beside the policy: those of this folder, where the policy stands in it.
  const beside = path !== '-' && !/[/\\]/.test(path);
  const paths = beside ? args.paths.filter((one) => one !== '-' && !/^([/\\]|[A-Za-z]:|\.\.)/.test(one)) : [];
  const text = initialPolicy(report.exposures, report.inputs, paths);
  if (path === '-') {
    io.stdout(text);
    return undefined;
  }
  if (io.kindOf(path) !== 'missing')
    return usage(
      `${path} is there already; name another file with -o, or see what to add with fw-audit policy suggest`,
      io,
    );
  const problem = io.writeFile(path, text);
  if (problem !== undefined) return usage(`cannot write ${path}: ${problem}`, io);
  const todo = text.match(/reason: TODO/g)?.length ?? 0;
  io.stdout(
    todo === 0
      ? `Wrote ${path}. Nothing is open, so nothing needs a reason.\n`
      : `Wrote ${path}: replace ${todo} TODO ${todo === 1 ? 'reason' : 'reasons'}, then run fw-audit policy check ${path}\n`,
  );
  return undefined;
}

async function suggest(report: Report, args: PolicyArguments, io: Io): Promise<ExitCode | undefined> {
  const { entriesYaml, missingEntries } = await import('../../policy/compose.ts');
  const entries = missingEntries(report.exposures, report.inputs);
  if (args.format === 'json')
    return write(
      `${JSON.stringify({ entries: entries.map(({ remarks: _remarks, ...entry }) => entry) }, null, 2)}\n`,
      args,
      io,
    );
  if (entries.length === 0) {
    io.stderr('fw-audit: nothing to add; all that is open is justified or forbidden\n');
    return undefined;
  }
  return write(
    `# Add under allow: in the policy, and replace each TODO by a reason.\n${entriesYaml(entries)}`,
    args,
    io,
  );
}

async function evidence(report: Report, args: PolicyArguments, io: Io): Promise<ExitCode | undefined> {
  if (args.policy === false || (args.policy === undefined && nearestPolicy(io) === undefined))
    return usage('evidence needs a policy; name it with --policy', io);
  const { evidenceOf, unjustifiedCount } = await import('../../policy/evidence.ts');
  const lines = evidenceOf(report);
  if (args.format === 'json') return write(`${JSON.stringify({ evidence: lines }, null, 2)}\n`, args, io);
  const { evidenceCsv, evidenceMarkdown } = await import('../../policy/evidence-text.ts');
  if (args.format === 'csv') {
    const { cell } = await import('../../reporters/csv.ts');
    return write(evidenceCsv(lines, cell), args, io);
  }
  const open = unjustifiedCount(report);
  return write(evidenceMarkdown(lines, args.today ?? io.today(), open), args, io);
}

function write(text: string, args: PolicyArguments, io: Io): ExitCode | undefined {
  if (args.output === undefined || args.output === '-') {
    io.stdout(text);
    return undefined;
  }
  const problem = io.writeFile(args.output, text);
  return problem === undefined ? undefined : usage(`cannot write ${args.output}: ${problem}`, io);
}
