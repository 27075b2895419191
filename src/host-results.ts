import type { AuditOptions } from './audit.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import type { UselessRule } from './findings/index.ts';
import type { ReadingDiagnostics } from './read-hosts.ts';
import type { Exposure, Report, ReportInput } from './report/report.ts';
import type { Source } from './source/source.ts';

/** What can be said of hosts one by one, before a policy and findings look at all of them. */
export interface HostResults {
  readonly inputs: readonly ReportInput[];
  readonly exposures: readonly Exposure[];
  readonly uselessRules: readonly UselessRule[];
  readonly assumptions: readonly string[];
  readonly diagnostics: HostDiagnostics;
  /** Everything that rules and diagnostics may point into. */
  readonly sources: readonly Source[];
  /** How many diagram nodes the largest of the packet sets that rows are made of has by now. It grows as rows are asked for more. */
  readonly nodes: () => number;
}

export interface HostDiagnostics extends ReadingDiagnostics {
  readonly evaluating: readonly Diagnostic[];
  /** From the search for rules without effect. */
  readonly searching: readonly Diagnostic[];
}

/** A question to firewalls, in two steps: hosts know nothing of each other, so that each may be asked in a thread of its own. */
export interface Look {
  readonly name: 'audit' | 'lint';
  readonly hosts: (sources: readonly Source[], options: AuditOptions) => Promise<HostResults>;
  readonly conclude: (results: HostResults, options: AuditOptions) => Report;
}
