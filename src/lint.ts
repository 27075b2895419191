import { type AuditOptions, defaultMaxNodes } from './audit.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { findingsOf, type UselessRule, uselessRuleFindings } from './findings/index.ts';
import { uselessRulesOf } from './findings/useless-rules.ts';
import type { HostResults, Look } from './host-results.ts';
import { builtInKnowledge } from './ports/describe.ts';
import { inOrder, readHosts } from './read-hosts.ts';
import { reportDiagnostic } from './report/report-diagnostic.ts';
import type { Report } from './report/report.ts';
import { RuleReferences } from './report/rule-reference.ts';
import { summaryOf } from './report/summary.ts';
import type { Source } from './source/source.ts';
import { version } from './version.ts';

/**
 * Rule-set hygiene only: the rules that no packet matches, that others shadow, or without which nothing would change, in packets of any
 * direction, family and state. The report has no exposures, since nobody asked what is open.
 */
export async function lint(sources: readonly Source[], options: AuditOptions = {}): Promise<Report> {
  return linting.conclude(await linting.hosts(sources, options), options);
}

export const linting: Look = { name: 'lint', hosts: lintHosts, conclude };

async function lintHosts(sources: readonly Source[], options: AuditOptions): Promise<HostResults> {
  const { hosts, inputs, diagnostics, sources: met } = await readHosts(sources, options);
  const references = new RuleReferences(met);
  const searching: Diagnostic[] = [];
  const useless: (readonly UselessRule[])[] = [];
  for (const [done, { firewall, inputs: own }] of hosts.entries()) {
    options.progress?.(inputs[own[0] ?? 0]?.path ?? '', hosts.length + done, hosts.length * 2);
    const found = uselessRulesOf(firewall, references, options.maxNodes ?? defaultMaxNodes);
    useless.push(found.rules);
    searching.push(...found.problems);
  }
  return {
    inputs,
    exposures: [],
    uselessRules: useless.flat(),
    assumptions: hosts.flatMap((host) => host.firewall.assumptions),
    diagnostics: { ...diagnostics, evaluating: [], searching },
    sources: met,
    nodes: () => 0,
  };
}

function conclude(results: HostResults, options: AuditOptions): Report {
  const { inputs, uselessRules, sources } = results;
  const { registry } = options.knowledge ?? builtInKnowledge();
  const findings = findingsOf({
    inputs,
    exposures: [],
    sources,
    uselessRules,
    ...(options.policy === undefined ? {} : { policy: options.policy }),
  }).filter(({ name }) => uselessRuleFindings.includes(name));
  return {
    schemaVersion: 1,
    tool: { name: 'fw-audit', version },
    registry: { source: registry.source, asOf: registry.asOf },
    asked: 'lint',
    inputs,
    exposures: [],
    findings,
    diagnostics: [...inOrder(results.diagnostics), ...results.diagnostics.searching].map((problem) =>
      reportDiagnostic(problem, sources),
    ),
    assumptions: [...new Set(results.assumptions)],
    summary: summaryOf([], findings, inputs),
  };
}
