import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { sarif } from '../../src/reporters/sarif.ts';
import { clean, hostile, options } from './hostile-report.ts';

/** The official schema, as @microsoft/jest-sarif ships it; draft-04 keywords are read as draft-07 has them. */
function officialSchema(): object {
  const path = createRequire(import.meta.url)
    .resolve('@microsoft/jest-sarif')
    .replace(/lib[\\/].*$/, 'lib/schemas/sarif-2.1.0-rtm.5.json');
  const {
    $schema: _draft,
    id: _id,
    ...schema
  } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  return schema;
}

const validate = new Ajv({
  strict: false,
  allErrors: true,
  validateFormats: false,
  unicodeRegExp: false,
}).compile(officialSchema());

interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly suppressions: readonly { readonly kind: string; readonly justification: string }[];
      readonly partialFingerprints: Readonly<Record<string, string>>;
      readonly locations: readonly {
        readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
      }[];
    }[];
    readonly invocations: readonly { readonly executionSuccessful: boolean }[];
  }[];
}

describe('sarif', () => {
  it.each([
    ['clean', clean],
    ['hostile', hostile],
  ])('is valid by the official schema: %s', (_name, report) => {
    validate(JSON.parse(sarif.render(report, options)));
    expect(validate.errors ?? []).toEqual([]);
  });

  it('can fail that validation', () => {
    expect(validate({ version: '2.1.0', runs: [{ tool: { driver: {} } }] })).toBe(false);
  });

  it('holds rules, suppressions, fingerprints and places', () => {
    const { runs } = JSON.parse(sarif.render(hostile, options)) as Log;
    const [run] = runs;
    expect(run!.results.map((result) => run!.tool.driver.rules[result.ruleIndex]!.id)).toEqual(
      hostile.findings.map(({ code }) => code),
    );
    expect(run!.results.map(({ level }) => level)).toEqual(['warning', 'note', 'error']);
    expect(run!.results[1]!.suppressions).toMatchObject([
      { kind: 'inSource', justification: 'known, "fine" ]]>' },
    ]);
    expect(run!.results[0]!.partialFingerprints).toEqual({ 'fwAudit/v1': '0123456789abcdef' });
    expect(run!.results[0]!.locations[0]!.physicalLocation.artifactLocation.uri).toBe(
      'hosts/a%20b%231%20%26%20%3Cx%3E.rules',
    );
    expect(run!.invocations[0]!.executionSuccessful).toBe(false);
  });
});
