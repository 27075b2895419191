import type { Report, Severity } from '../report/report.ts';

/** What a reporter may know beside the report. Nothing here may change what is said, only how it is laid out. */
export interface RenderOptions {
  /** Width in columns for formats that lines break in. */
  readonly columns: number;
  readonly color: boolean;
  /** False: nothing beyond ASCII. */
  readonly unicode: boolean;
  /** Only what asks for action. */
  readonly quiet: boolean;
  /** Every condition, rule and note in full. */
  readonly verbose: boolean;
  /** A line of an input as written, to show a place; undefined where it is not at hand. */
  readonly lineAt?: (path: string, line: number) => string | undefined;
  /** What a code means, for formats that carry the rules' documentation along. */
  readonly documentationOf?: (code: string) => CodeDocumentation | undefined;
  /** The threshold of `--fail-on`, for formats that tell failures from remarks; default `medium`. */
  readonly failOn?: Severity;
}

/** The documentation of a kind of finding or diagnostic. */
export interface CodeDocumentation {
  readonly name: string;
  readonly explanation: string;
  readonly advice?: string;
  readonly severity?: Severity;
}

/** One output format: a pure function from the report to text. It does not decide, sort anew or read the clock. */
export interface Reporter {
  readonly name: ReporterName;
  readonly render: (report: Report, options: RenderOptions) => string;
  /** The same text in pieces, of formats that a large report makes longer than a string can be. */
  readonly pieces?: (report: Report, options: RenderOptions) => Iterable<string>;
}

export const reporterNames = [
  'terminal',
  'json',
  'sarif',
  'junit',
  'markdown',
  'github',
  'csv',
  'html',
] as const;
export type ReporterName = (typeof reporterNames)[number];
