import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findingKinds } from '../../src/findings/index.ts';
import type { Report } from '../../src/report/report.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Run {
  readonly status: number | null;
  readonly stdout: string;
}

function fwAudit(cwd: string, ...args: readonly string[]): Run {
  return spawnSync(
    process.execPath,
    [join(root, 'dist/fw-audit.js'), ...args, ...(args[0] === 'lint' ? [] : ['--today', '2026-11-23'])],
    {
      cwd,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  );
}

const repo = join(root, 'fixtures/repo');

describe('fixtures/repo, checked without a path', () => {
  it.each([
    ['terminal', 'txt'],
    ['json', 'json'],
    ['sarif', 'sarif'],
    ['junit', 'xml'],
    ['markdown', 'md'],
    ['github', 'github.txt'],
    ['csv', 'csv'],
    ['html', 'html'],
  ])('prints the golden %s report', async (format, ending) => {
    const run = fwAudit(repo, '-f', format);
    expect(run.status).toBe(1);
    await expect(run.stdout).toMatchFileSnapshot(`../../fixtures/repo/golden/report.${ending}`);
  });

  it('holds every kind of finding', () => {
    const report = JSON.parse(fwAudit(repo, '-f', 'json').stdout) as Report;
    const found = new Set(report.findings.map(({ name }) => name));
    expect(findingKinds.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([]);
    expect(report.inputs.map(({ path }) => path)).toHaveLength(12);
    expect(new Set(report.inputs.map(({ format }) => format)).size).toBe(4);
  });

  it('lints', async () => {
    const run = fwAudit(repo, 'lint');
    expect(run.status).toBe(1);
    await expect(run.stdout).toMatchFileSnapshot('../../fixtures/repo/golden/lint.txt');
  });

  it('writes several outputs at once and exits the same way whatever the format', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fw-audit-repo-'));
    cpSync(repo, folder, { recursive: true });
    const run = fwAudit(folder, '-o', 'report.sarif', '-o', 'report.md');
    expect([run.status, run.stdout]).toEqual([1, '']);
    expect(readFileSync(join(folder, 'report.md'), 'utf8')).toBe(fwAudit(repo, '-f', 'markdown').stdout);
  });

  it('counts only what is new against a baseline', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fw-audit-repo-'));
    cpSync(repo, folder, { recursive: true });
    expect(fwAudit(folder, '--write-baseline', 'known.json').status).toBe(1);
    expect(fwAudit(folder, '--baseline', 'known.json').status).toBe(0);
  });

  it('lists the evidence', async () => {
    for (const [format, ending] of [
      ['markdown', 'md'],
      ['csv', 'csv'],
    ] as const) {
      const run = fwAudit(
        repo,
        'policy',
        'evidence',
        'hosts/web-1.rules',
        'hosts/vpn-1.pf.conf',
        '-f',
        format,
      );
      expect(run.status).toBe(0);
      await expect(run.stdout).toMatchFileSnapshot(`../../fixtures/repo/golden/evidence.${ending}`);
    }
  });
});
