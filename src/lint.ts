import { type AuditOptions, defaultMaxNodes } from './audit.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { findingsOf, type UselessRule, uselessRuleFindings } from './findings/index.ts';
import { uselessRulesOf } from './findings/useless-rules.ts';
import { builtInKnowledge } from './ports/describe.ts';
import { readHosts } from './read-hosts.ts';
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
  const { hosts, inputs, diagnostics, sources: met } = await readHosts(sources, options);
  const references = new RuleReferences(met);
  const { registry } = options.knowledge ?? builtInKnowledge();
  const problems: Diagnostic[] = [...diagnostics];
  const useless: (readonly UselessRule[])[] = [];
  for (const [done, { firewall, inputs: own }] of hosts.entries()) {
    options.progress?.(inputs[own[0] ?? 0]?.path ?? '', hosts.length + done, hosts.length * 2);
    const found = uselessRulesOf(firewall, references, options.maxNodes ?? defaultMaxNodes);
    useless.push(found.rules);
    problems.push(...found.problems);
  }
  const findings = findingsOf({
    inputs,
    exposures: [],
    sources: met,
    uselessRules: useless.flat(),
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
    diagnostics: problems.map((problem) => reportDiagnostic(problem, met)),
    assumptions: [...new Set(hosts.flatMap((host) => host.firewall.assumptions))],
    summary: summaryOf([], findings, inputs),
  };
}
