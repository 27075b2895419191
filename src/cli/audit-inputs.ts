import { auditing, type AuditOptions } from '../audit.ts';
import { applyBaseline, parseBaseline } from '../findings/baseline.ts';
import type { Look } from '../host-results.ts';
import { suppress } from '../findings/suppress.ts';
import { visibleText } from '../diagnostics/visible-text.ts';
import type { Policy } from '../policy/policy-types.ts';
import { PortKnowledge } from '../ports/describe.ts';
import { loadRegistry } from '../ports/load-registry.ts';
import type { Direction } from '../packets/fields.ts';
import type { Report, ReportDiagnostic } from '../report/report.ts';
import { summaryOf } from '../report/summary.ts';
import { decode } from '../source/decode.ts';
import type { Source } from '../source/source.ts';
import type { AuditArguments } from './command-arguments.ts';
import type { Io, Threads } from './io.ts';
import { readInputs, type Inputs } from './read-inputs.ts';

export interface Audited {
  readonly report: Report;
  /** The inputs and the policy's files, to show places in them. */
  readonly sources: readonly Source[];
}

/** Exit 2; the text is complete, for standard error. */
export interface Failed {
  readonly kind: 'failed';
  readonly text: string;
}

/** From arguments to a report: reads the files, the policy, the registry and the baseline, and audits, all in this thread. */
export async function auditInputs(
  args: AuditArguments,
  io: Io,
): Promise<({ readonly kind: 'report' } & Audited) | Failed> {
  const { threads: _none, ...alone } = io;
  const result = await useAudit(args, alone, auditing, (audited) => Promise.resolve(audited));
  return result.kind === 'failed' ? result : { kind: 'report', ...result.used };
}

/**
 * From arguments to a report, and what is made of it. Where several hosts are large, they are looked at in several threads; then `use` may
 * be called with reports that are not complete, so it has no effect but what it returns, which the last call counts for.
 */
export async function useAudit<T>(
  args: AuditArguments,
  io: Io,
  look: Look,
  use: (audited: Audited) => Promise<T>,
): Promise<{ readonly kind: 'used'; readonly used: T } | Failed> {
  const failed = (message: string): Failed => ({ kind: 'failed', text: `fw-audit: ${message}\n` });
  const policy = await policyFor(args, io);
  if (policy.kind === 'failed') return policy;
  const paths = args.paths.length > 0 ? args.paths : (policy.policy?.inputs ?? []);
  if (paths.length === 0)
    return failed('nothing to audit: name an export, or list some under inputs: in fw-audit.yaml');
  const inputs = await readInputs({ ...args, paths }, io);
  if (inputs.kind === 'usage') return failed(inputs.message);
  if (args.today !== undefined && !isDay(args.today)) {
    return failed(`--today needs a day as YYYY-MM-DD, not "${args.today}"`);
  }
  const registry = await loadRegistry(io, args.registry);
  if (registry.kind === 'failed') return failed(registry.message);
  if (registry.warning !== undefined) io.stderr(`fw-audit: ${registry.warning}\n`);
  const baseline = readBaseline(args.baseline, io);
  if (typeof baseline === 'string') return failed(baseline);

  const { progress } = io;
  const options: AuditOptions = {
    ...readOptions(args, inputs),
    ...(progress === undefined || args.quiet
      ? {}
      : {
          progress: (path, done, total) =>
            progress(
              `fw-audit: ${Math.floor((100 * done) / total)} % ${visibleText(path, { ascii: !io.unicode })}`,
            ),
        }),
    directions: directionsOf(args),
    loopback: args.loopback,
    expand: args.expand,
    today: args.today ?? io.today(),
    ...(args.maxNodes === undefined ? {} : { maxNodes: args.maxNodes }),
    ...(policy.policy === undefined ? {} : { policy: policy.policy }),
    ...(policy.relativePath === undefined ? {} : { relativePath: policy.relativePath }),
    ...(registry.from === 'built-in' ? {} : { knowledge: new PortKnowledge(registry.registry) }),
  };
  const finish = async (concluded: Report): Promise<{ readonly kind: 'used'; readonly used: T } | Failed> => {
    progress?.(undefined);
    const heard = await listenersFor(concluded, args, inputs, policy.policy, io);
    if (typeof heard === 'string') return failed(heard);
    const { report } = heard;
    const silenced = suppress(report.findings, report.exposures, inputs.read);
    const findings =
      baseline === undefined
        ? silenced.findings
        : applyBaseline(silenced.findings, baseline, args.baseline ?? '');
    const finished: Report = {
      ...report,
      findings,
      diagnostics: [
        ...inputs.diagnostics,
        ...report.diagnostics,
        ...silenced.diagnostics,
        ...policy.warnings,
      ],
      summary: summaryOf(report.exposures, findings, report.inputs),
    };
    const sources = [...inputs.read, ...heard.sources, ...policy.sources];
    return { kind: 'used', used: await use({ report: finished, sources }) };
  };
  const threads = threadsFor(args, inputs, io);
  if (threads === undefined) {
    const size = inputs.sources.reduce((sum, { text }) => sum + text.length, 0);
    const listBuilder = look.name === 'audit' ? await io.listBuilder?.(size) : undefined;
    const inParts = listBuilder === undefined ? options : { ...options, listBuilder };
    return finish(look.conclude(await look.hosts(inputs.sources, inParts), options));
  }
  const { lookInThreads } = await import('./threads/look-in-threads.ts');
  return lookInThreads(look, inputs.sources, options, threads, finish);
}

/** Only where every input is a host of its own, and reads nothing that is not at hand. */
function threadsFor(args: AuditArguments, { sources }: Inputs, io: Io): Threads | undefined {
  if (sources.length < 2 || args.host || args.includeRoot.length > 0 || args.listeners !== undefined)
    return undefined;
  const sizes = sources.map(({ text }) => text.length);
  return io.threads?.(
    sizes.reduce((sum, size) => sum + size, 0) - sizes.reduce((most, size) => Math.max(most, size), 0),
  );
}

/** `--listeners`: the report with who listens. Loads only when asked for. */
async function listenersFor(
  report: Report,
  args: AuditArguments,
  inputs: Inputs,
  policy: Policy | undefined,
  io: Io,
): Promise<{ readonly report: Report; readonly sources: readonly Source[] } | string> {
  const path = args.listeners;
  if (path === undefined) return { report, sources: [] };
  if (!directionsOf(args).includes('in')) return '--listeners needs the direction in';
  if (path === '-' && args.paths.includes('-')) return 'standard input cannot be both rules and listeners';
  const { withListeners } = await import('./with-listeners.ts');
  const id = 1 + Math.max(-1, ...inputs.read.map((source) => source.id));
  const joined = await withListeners(report, path, id, io, policy?.severity);
  return typeof joined === 'string' ? joined : { report: joined.report, sources: [joined.source] };
}

/** What every command that reads exports hands to the reading of them. */
export function readOptions(args: AuditArguments, inputs: Inputs): AuditOptions {
  return {
    host: args.host,
    ipsets: inputs.ipsets,
    localAddresses: inputs.localAddresses,
    bareInterfaces: inputs.bareInterfaces,
    tables: inputs.tables,
    emptyAnchors: args.emptyAnchors,
    definitions: inputs.definitions,
    include: inputs.include,
    ...(args.inputFormat === undefined ? {} : { inputFormat: args.inputFormat }),
    ...(args.dialect === undefined ? {} : { dialect: args.dialect }),
  };
}

export function directionsOf({ direction }: AuditArguments): readonly Direction[] {
  if (direction.length === 0) return ['in', 'forward'];
  if (direction.includes('all')) return ['in', 'forward', 'out'];
  return (['in', 'forward', 'out'] as const).filter((one) => direction.includes(one));
}

interface PolicyInUse {
  readonly kind: 'policy';
  readonly policy: Policy | undefined;
  readonly relativePath: AuditOptions['relativePath'];
  readonly warnings: readonly ReportDiagnostic[];
  readonly sources: readonly Source[];
}

const noPolicy: PolicyInUse = {
  kind: 'policy',
  policy: undefined,
  relativePath: undefined,
  warnings: [],
  sources: [],
};

async function policyFor(
  args: AuditArguments,
  io: Io,
): Promise<PolicyInUse | { readonly kind: 'failed'; readonly text: string }> {
  if (args.policy === false) return noPolicy;
  // The policy's parser loads only where there is a policy.
  const { nearestPolicy } = await import('./nearest-policy.ts');
  const path = args.policy ?? nearestPolicy(io);
  if (path === undefined) return noPolicy;
  const { loadPolicyAt, relativePath } = await import('./load-policy.ts');
  const loading = loadPolicyAt(path, io);
  if (loading.kind === 'unreadable') return { kind: 'failed', text: `fw-audit: ${loading.message}\n` };
  if (loading.policy === undefined) {
    const { problemText } = await import('./problem-text.ts');
    const text = loading.diagnostics.map((problem) => problemText(problem, loading.sources, io)).join('\n');
    return { kind: 'failed', text };
  }
  return {
    kind: 'policy',
    policy: loading.policy,
    relativePath: relativePath(io),
    warnings: loading.diagnostics,
    sources: loading.sources,
  };
}

function readBaseline(path: string | undefined, io: Io): ReadonlySet<string> | undefined | string {
  if (path === undefined) return undefined;
  const bytes = io.readFile(path);
  if (typeof bytes === 'string') return `cannot read the baseline ${path}: ${bytes}`;
  const decoded = decode(bytes, path, 0);
  if (decoded.kind !== 'text') return `${path}: ${decoded.diagnostic.message}`;
  const reading = parseBaseline(decoded.source);
  return reading.ok
    ? reading.baseline
    : `${path}:${reading.location.line}:${reading.location.column}: ${reading.message}. ${reading.help}`;
}

/** A day of the calendar as `YYYY-MM-DD`. */
function isDay(text: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return day !== undefined && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
