import { changesDestination } from './analysis/changes-destination.ts';
import { type EvaluateOptions, evaluating } from './analysis/evaluate.ts';
import { synOnly } from './analysis/packet.ts';
import { rowsOf } from './analysis/rows.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { findingsOf, type UselessRule, uselessRuleFindings } from './findings/index.ts';
import { chainActions } from './model/chain-actions.ts';
import type { EntryPoint, Firewall, Rule } from './model/firewall.ts';
import { rulesReached } from './model/chains-reached.ts';
import { TooComplex } from './packets/bdd.ts';
import type { Direction } from './packets/fields.ts';
import { doTogether, type ListBuilder, type ListWork } from './packets/list-work.ts';
import type { PacketSpace } from './packets/packet-space.ts';
import { judge } from './policy/judge.ts';
import type { Policy } from './policy/policy-types.ts';
import type { HostResults, Look } from './host-results.ts';
import { builtInKnowledge, type PortKnowledge } from './ports/describe.ts';
import { type ExposureContext, exposureOf } from './report/exposures.ts';
import { translatesAccepted } from './report/row-translation.ts';
import { expanded } from './report/expand.ts';
import { reportDiagnostic } from './report/report-diagnostic.ts';
import type { Exposure, Report } from './report/report.ts';
import { RuleReferences } from './report/rule-reference.ts';
import { summaryOf } from './report/summary.ts';
import { type Host, inOrder, readHosts, type ReadHostOptions } from './read-hosts.ts';
import type { Source } from './source/source.ts';
import { version } from './version.ts';

export interface AuditOptions extends ReadHostOptions {
  /** Default `in` and `forward`. */
  readonly directions?: readonly Direction[];
  /** Keep what arrives on the loopback interface. */
  readonly loopback?: boolean;
  /** Split rows until each has one assignment status. */
  readonly expand?: boolean;
  /** Ceiling of diagram nodes; some 30 bytes each. */
  readonly maxNodes?: number;
  readonly policy?: Policy;
  /** `YYYY-MM-DD`; the day that a policy's `expires` is compared with. Required with a policy that has such entries. */
  readonly today?: string;
  /** See `judge`. */
  readonly relativePath?: (inputPath: string, policyFile: string) => string;
  readonly knowledge?: PortKnowledge;
  /** Also look for rules without effect. They are looked for in any case where the policy gives such a finding a severity. */
  readonly uselessRules?: boolean;
  /** Builds packet sets beside the caller's thread. */
  readonly listBuilder?: ListBuilder;
}

/** Some 800 MB. */
export const defaultMaxNodes = 24_000_000;

/**
 * The whole pipeline: what the inputs open, by which rules, what is known of those ports, and what a policy says of them.
 * No input or output, no clock: the same arguments give the same report. All inputs are audited in the caller's thread, one after the
 * other; rows work out their `from` and `rules` when these are first asked for.
 */
export async function audit(sources: readonly Source[], options: AuditOptions = {}): Promise<Report> {
  return auditing.conclude(await auditing.hosts(sources, options), options);
}

export const auditing: Look = { name: 'audit', hosts: auditHosts, conclude };

async function auditHosts(sources: readonly Source[], options: AuditOptions): Promise<HostResults> {
  const { hosts, inputs, diagnostics, sources: met } = await readHosts(sources, options);
  const knowledge = options.knowledge ?? builtInKnowledge();
  const references = new RuleReferences(met);
  const results: EntryResult[] = [];
  for (const [done, host] of hosts.entries()) {
    const path = inputs[host.inputs[0] ?? 0]?.path ?? '';
    options.progress?.(path, hosts.length + done, hosts.length * 2);
    for (const result of resultsOf(host, options, knowledge, references)) results.push(result);
  }
  const useless: (readonly UselessRule[])[] = [];
  const searching: Diagnostic[] = [];
  if (wantsUselessRules(options)) {
    // A search of its own, which most audits do without.
    const { uselessRulesOf } = await import('./findings/useless-rules.ts');
    for (const { firewall } of hosts) {
      const found = uselessRulesOf(firewall, references, options.maxNodes ?? defaultMaxNodes);
      useless.push(found.rules);
      searching.push(...found.problems);
    }
  }
  return {
    inputs,
    exposures: results.flatMap(({ exposures }) => exposures),
    uselessRules: useless.flat(),
    assumptions: hosts.flatMap((host) => host.firewall.assumptions),
    diagnostics: {
      ...diagnostics,
      evaluating: results.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
      searching,
    },
    sources: met,
    nodes: () => Math.max(0, ...results.map(({ space }) => space?.bdd.size ?? 0)),
  };
}

function conclude(results: HostResults, options: AuditOptions): Report {
  const { inputs, exposures, sources } = results;
  const { evaluating, searching } = results.diagnostics;
  const knowledge = options.knowledge ?? builtInKnowledge();
  const judged =
    options.policy === undefined
      ? undefined
      : judgePolicy(exposures, options.policy, options, inputs, knowledge);
  const final = judged?.exposures ?? exposures;
  const findings = findingsOf({
    inputs,
    exposures: final,
    sources,
    ...(options.policy === undefined || judged === undefined
      ? {}
      : { policy: options.policy, judgement: judged }),
    uselessRules: results.uselessRules,
  });
  return {
    schemaVersion: 1,
    tool: { name: 'fw-audit', version },
    registry: { source: knowledge.registry.source, asOf: knowledge.registry.asOf },
    inputs,
    exposures: final,
    findings,
    diagnostics: [...inOrder(results.diagnostics), ...evaluating, ...searching].map((problem) =>
      reportDiagnostic(problem, sources),
    ),
    assumptions: [...new Set(results.assumptions)],
    summary: summaryOf(final, findings, inputs),
  };
}

/** Somebody wants to know of rules without effect, which takes a search of its own. */
export function wantsUselessRules({ uselessRules, policy }: AuditOptions): boolean {
  if (uselessRules !== undefined) return uselessRules;
  return uselessRuleFindings.some((name) => (policy?.severity.get(name) ?? 'none') !== 'none');
}

function judgePolicy(
  exposures: readonly Exposure[],
  policy: Policy,
  options: AuditOptions,
  inputs: Report['inputs'],
  knowledge: PortKnowledge,
): ReturnType<typeof judge> {
  return judge(exposures, policy, options.today ?? '0000-01-01', inputs, {
    describe: (row) =>
      row.ports === null
        ? {}
        : knowledge.describe({
            protocol: row.protocol,
            ports: row.ports,
            scope: row.scope,
            direction: row.direction,
          }),
    ...(options.relativePath === undefined ? {} : { relativePath: options.relativePath }),
  });
}

/** What one entry point lets through. */
interface EntryResult {
  readonly exposures: readonly Exposure[];
  /** Undefined where it became too large. */
  readonly space: PacketSpace | undefined;
  readonly problem?: Diagnostic;
}

function resultsOf(
  host: Host,
  options: AuditOptions,
  knowledge: PortKnowledge,
  references: RuleReferences,
): readonly EntryResult[] {
  const directions = options.directions ?? ['in', 'forward'];
  let rules = 0;
  let translates = false;
  let accepted = false;
  for (const chain of host.firewall.chains.values()) {
    rules += chain.rules.length;
    if (chainActions(chain).changes.size === 0) continue;
    translates ||= chain.rules.some(({ action }) => changesDestination(action));
    accepted ||= translates && chain.rules.some(({ action }) => translatesAccepted(chain, action));
  }
  let byId: ReadonlyMap<number, Rule> | undefined;
  const resultOf = function* (entry: EntryPoint): ListWork<EntryResult> {
    const exposures: Exposure[] = [];
    let space: PacketSpace | undefined;
    try {
      const evaluation = yield* evaluating(host.firewall, entry, {
        ...evaluateOptions(options),
        loopback: options.loopback === true,
      });
      space = evaluation.space;
      const context: ExposureContext = {
        firewall: host.firewall,
        references,
        knowledge,
        inputOf: host.inputOf,
        fallbackInput: host.inputs[0] ?? 0,
        inputs: host.inputs.length,
        ruleById: (id) => (byId ??= rulesById(host.firewall)).get(id),
        rules,
        translates,
        translatesAccepted: accepted,
        conditions: new Map(),
        leadingRules: new Map(),
      };
      for (const row of rowsOf(evaluation)) {
        const exposure = exposureOf(row, context);
        if (options.expand === true) exposures.push(...expanded(exposure, knowledge));
        else exposures.push(exposure);
      }
      return { exposures, space };
    } catch (error) {
      return { exposures, space, problem: tooComplex(error, entry) };
    }
  };
  const entries = host.firewall.entries.filter(({ direction }) => directions.includes(direction));
  // The one that takes longest goes before, and the others on while it waits.
  const bySize = entries
    .map((entry) => ({ entry, rules: rulesReached(host.firewall, entry.stages) }))
    .sort((a, b) => b.rules - a.rules)
    .map(({ entry }) => entry);
  const results = doTogether(
    bySize.map((entry) => resultOf(entry)),
    options.listBuilder,
  );
  return entries.map((entry) => results[bySize.indexOf(entry)]!);
}

function rulesById({ chains }: Firewall): ReadonlyMap<number, Rule> {
  const rules = new Map<number, Rule>();
  for (const chain of chains.values()) for (const rule of chain.rules) rules.set(rule.id, rule);
  return rules;
}

export function evaluateOptions(options: AuditOptions): EvaluateOptions {
  return {
    state: 'first',
    tcpFlags: synOnly,
    hostAddresses: options.localAddresses ?? [],
    maxNodes: options.maxNodes ?? defaultMaxNodes,
  };
}

/** A set that outgrew its ceiling is a diagnostic; anything else is a bug. */
export function tooComplex(error: unknown, entry: EntryPoint): Diagnostic {
  if (!(error instanceof TooComplex)) throw error;
  return {
    code: 'FW1007',
    severity: 'error',
    message: `${entry.direction}, ${entry.family}: ${error.message}; nothing is known of what this direction opens`,
    help: 'Raise --max-nodes if there is memory (about 30 bytes a node), or audit parts of the rule set.',
  };
}
