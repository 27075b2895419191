import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csv } from '../../src/reporters/csv.ts';
import { github } from '../../src/reporters/github.ts';
import { html } from '../../src/reporters/html.ts';
import { markdown } from '../../src/reporters/markdown.ts';
import { clean, hostile, options } from './hostile-report.ts';

describe('csv', () => {
  it('is RFC 4180 with one line an exposure, loose finding and error', () => {
    const text = csv.render(hostile, options);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/\r|[^"]*\n(?=[^"]*$)/);
    const records = parse(text, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
    expect(records.map(({ record }) => record)).toEqual(['exposure', 'exposure', 'finding', 'error']);
    expect(records[0]).toMatchObject({
      port_from: '3092',
      policy: 'unlisted',
      findings: 'FW2001 unassigned-port',
    });
  });

  it('lets no cell begin a formula', () => {
    const records = parse(csv.render(hostile, options), { record_delimiter: '\r\n' }) as string[][];
    for (const cell of records.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    expect(records.flat()).toContain('\'=HYPERLINK("http://x")');
  });
});

describe('github', () => {
  it('writes one workflow command a line and lets no text start another', () => {
    const lines = github.render(hostile, options).trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^::error file=hosts\/ü\.v6,line=3,endLine=3,col=2,endColumn=5,title=FW1004::/),
      '::warning title=FW1003::a warning without a place',
      '::warning file=hosts/a b#1 & <x>.rules,line=7,endLine=7,col=1,endColumn=40,title=FW2001 unassigned-port::3092/tcp is open to anywhere | @everyone #1 <b>`x`</b> ::error::%250A%0Anext line\\u{7}%0ASee what listens there',
      '::error file=fw-audit.yaml,line=9,endLine=9,col=5,endColumn=15,title=FW2014 required-port-closed::22/tcp must stay open',
    ]);
    expect(github.render(clean, options)).toBe('');
  });
});

describe('markdown', () => {
  it('shows findings first, folds the rest, and neutralises what a file may hold', () => {
    const text = markdown.render(hostile, options);
    expect(text).toMatch(/^### fw-audit: 2 findings \(1 high, 1 medium\)\n/);
    expect(text).toContain('\\| @<!-- -->everyone \\#1 &lt;b&gt;\\`x\\`&lt;/b&gt;');
    expect(text).toContain('<details><summary>What is open (2 rows)</summary>');
    expect(text).toContain('<details><summary>1 suppressed finding</summary>');
    expect(text).not.toMatch(/\u001b|\u202e|\u0007|<b>/);
    expect(markdown.render(clean, options)).toContain('nothing to do');
  });

  it('stays under what GitHub takes as a comment', () => {
    const many = {
      ...hostile,
      findings: Array.from({ length: 3000 }, (_, i) => ({
        ...hostile.findings[0]!,
        message: `${i} `.repeat(60),
      })),
      exposures: Array.from({ length: 3000 }, () => hostile.exposures[0]!),
    };
    const text = markdown.render(many, options);
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain('more');
  });
});

describe('html', () => {
  it('is one page without scripts or anything from elsewhere', () => {
    const text = html.render(hostile, options);
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).not.toMatch(/<script|<link|<img|src=|https?:\/\/(?!x)/);
    expect(text).not.toMatch(/\u001b|\u202e|\u0007|<b>/);
    expect(text).toContain('3092/tcp is open to anywhere');
    expect(text).toContain('Suppressed by comment');
  });
});
