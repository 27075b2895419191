import type { Report } from '../report/report.ts';
import type { Reporter } from './reporter.ts';

/** The report itself, schemaVersion 1; described by `rulesets/schema/report.schema.json`. */
export const json: Reporter = {
  name: 'json',
  render: (report) => [...pieces(report)].join(''),
  pieces,
};

/** As `JSON.stringify(report, null, 2)` writes it, list by list: with many rows it is longer than a string can be. */
function* pieces(report: Report): Generator<string> {
  let before = '{\n';
  for (const [key, value] of Object.entries(report) as [string, unknown][]) {
    if (value === undefined) continue;
    if (!Array.isArray(value) || value.length === 0) {
      yield `${before}${inObject(key, value)}`;
    } else {
      let beforeItem = `${before}  ${JSON.stringify(key)}: [\n`;
      for (const item of value as unknown[]) {
        yield `${beforeItem}${inList(item)}`;
        beforeItem = ',\n';
      }
      yield '\n  ]';
    }
    before = ',\n';
  }
  yield '\n}\n';
}

function inObject(key: string, value: unknown): string {
  return JSON.stringify({ [key]: value }, null, 2).slice('{\n'.length, -'\n}'.length);
}

/** An item of a list of the report, indented as such. */
function inList(item: unknown): string {
  return JSON.stringify({ l: [item] }, null, 2).slice('{\n  "l": [\n'.length, -'\n  ]\n}'.length);
}
