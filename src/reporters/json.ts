import type { Reporter } from './reporter.ts';

/** The report itself, schemaVersion 1; described by `rulesets/schema/report.schema.json`. */
export const json: Reporter = {
  name: 'json',
  render: (report) => `${JSON.stringify(report, null, 2)}\n`,
};
