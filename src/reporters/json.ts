import { jsonPieces } from './json-pieces.ts';
import type { Reporter } from './reporter.ts';

/** The report itself, schemaVersion 1; described by `rulesets/schema/report.schema.json`. */
export const json: Reporter = {
  name: 'json',
  render: (report) => [...jsonPieces(report)].join(''),
  pieces: jsonPieces,
};
