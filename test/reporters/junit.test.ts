import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { junit } from '../../src/reporters/junit.ts';
import { clean, hostile, options } from './hostile-report.ts';

const schema = new URL('schemas/jenkins-junit.xsd', import.meta.url).pathname;

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

function elementsOf(xml: string): Element[] {
  const elements: Element[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) =>
    elements.push({ name, attributes: attributes as Record<string, string> }),
  );
  parser.write(xml).close();
  return elements;
}

describe('junit', () => {
  it.each([
    ['clean', clean],
    ['hostile', hostile],
  ])("is valid by Jenkins' XSD (needs xmllint): %s", (name, report) => {
    const path = join(mkdtempSync(join(tmpdir(), 'fw-audit-')), `${name}.xml`);
    writeFileSync(path, junit.render(report, options));
    execFileSync('xmllint', ['--noout', '--schema', schema, path], { stdio: 'pipe' });
  });

  it('has a suite an input, a case an exposure or finding, and counts that agree', () => {
    const elements = elementsOf(junit.render(hostile, options));
    const suites = elements.filter(({ name }) => name === 'testsuite');
    expect(suites.map(({ attributes }) => attributes['name'])).toEqual([
      'hosts/a b#1 & <x>.rules',
      'hosts/ü.v6',
      'policy and run',
    ]);
    const count = (name: string): number => elements.filter((element) => element.name === name).length;
    const sum = (key: string): number =>
      suites.reduce((all, { attributes }) => all + Number(attributes[key]), 0);
    expect(sum('tests')).toBe(count('testcase'));
    expect(sum('failures')).toBe(count('failure'));
    expect(sum('errors')).toBe(count('error'));
    expect(sum('skipped')).toBe(count('skipped'));
    expect([count('failure'), count('error'), count('skipped')]).toEqual([2, 1, 1]);
  });

  it('fails a case only from the threshold on', () => {
    const failures = (failOn: 'none' | 'high'): number =>
      elementsOf(junit.render(hostile, { ...options, failOn })).filter(({ name }) => name === 'failure')
        .length;
    expect(failures('high')).toBe(1);
    expect(failures('none')).toBe(0);
  });
});
