import type { Judgement } from '../policy/judge.ts';
import type { Policy } from '../policy/policy-types.ts';
import type { Exposure, Location, ReportInput, RuleReference, Severity } from '../report/report.ts';
import type { Source } from '../source/source.ts';

/** All that a finding may look at. Plain data; nothing here is computed by a finding for another one. */
export interface FindingContext {
  readonly inputs: readonly ReportInput[];
  /** As the policy left them: `policy` set, rows split. Findings refer to these by index. */
  readonly exposures: readonly Exposure[];
  /** The inputs' texts, for columns; a rule whose source is missing is pointed at by its line alone. */
  readonly sources: readonly Source[];
  readonly policy?: Policy;
  readonly judgement?: Judgement;
  /** Rules that change nothing, when the caller has looked for them. */
  readonly uselessRules?: readonly UselessRule[];
}

/** A rule without effect. */
export type UselessRule =
  | {
      /** Matches no packet. */
      readonly kind: 'dead';
      readonly rule: RuleReference;
      /** Its tests exclude each other; no packet enters its chain; none of those that do match it. */
      readonly why: 'match' | 'chain' | 'entering';
      readonly chain: string;
      /** With `chain`: how many rules it has; `rule` is the first of them. */
      readonly count: number;
    }
  | {
      /** Matches packets that other rules have decided all of. */
      readonly kind: 'shadowed';
      readonly rule: RuleReference;
      readonly by: readonly RuleReference[];
      /** They decide otherwise than this rule would. */
      readonly opposed: boolean;
    }
  | {
      /** Decides packets that end the same without it: by these rules or policies. */
      readonly kind: 'redundant';
      readonly rule: RuleReference;
      readonly by: readonly RuleReference[];
    };

/** What one occurrence of a kind says. */
export interface FindingDraft {
  /** Absent: the kind's own. A policy's `severity` replaces either. */
  readonly severity?: Severity;
  readonly message: string;
  readonly help: string;
  /** Index into `exposures`. */
  readonly exposure?: number;
  /** The rule it is about, or a place in the policy. */
  readonly at?: RuleReference | Location | undefined;
  /** What makes it the same finding in the next run, whatever line it has moved to. */
  readonly identity: readonly string[];
}

/** A kind of finding: its documentation and how it is found. `fw-audit explain FW2001` prints the documentation. */
export interface FindingKind {
  readonly code: string;
  readonly name: string;
  /** The built-in severity; where the row decides, the worst that it commonly gets. */
  readonly severity: Severity;
  /** One sentence: what was found and why it matters. */
  readonly explanation: string;
  /** What to do. */
  readonly advice: string;
  readonly examples: { readonly bad: FindingExample; readonly good: FindingExample };
  readonly find: (context: FindingContext) => readonly FindingDraft[];
}

/** Inputs on which a test runs the kind: `bad` must have the finding, `good` must not. */
export interface FindingExample {
  /** iptables-save text. */
  readonly rules: string;
  /** ip6tables-save text of the same host. */
  readonly rules6?: string;
  readonly policy?: string;
}
