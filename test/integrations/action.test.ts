import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string): unknown => parse(readFileSync(join(root, name), 'utf8'));

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: {
    readonly steps: readonly { readonly run: string; readonly env: Readonly<Record<string, string>> }[];
  };
}

/** The action's own script in a clean copy of the example repository, as the runner would start it. */
function runAction(inputs: Readonly<Record<string, string>>, remove: readonly string[] = []) {
  const action = read('action.yml') as Action;
  const [step] = action.runs.steps;
  const folder = mkdtempSync(join(tmpdir(), 'fw-audit-action-'));
  cpSync(join(root, 'fixtures/repo'), folder, {
    recursive: true,
    filter: (path) => !remove.some((name) => path.includes(name)),
  });
  const output = join(folder, 'output.txt');
  const summary = join(folder, 'summary.txt');
  writeFileSync(output, '');
  writeFileSync(summary, '');
  const env = Object.fromEntries(
    Object.entries(step!.env).map(([key, expression]) => {
      const name = /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(expression)![1]!;
      return [key, inputs[name] ?? action.inputs[name]!.default];
    }),
  );
  const { status, stdout } = spawnSync(
    'bash',
    ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step!.run],
    {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'] ?? '',
        FW_AUDIT: join(root, 'dist/fw-audit.js'),
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        ...env,
      },
    },
  );
  return {
    status,
    stdout,
    folder,
    output: readFileSync(output, 'utf8'),
    summary: readFileSync(summary, 'utf8'),
  };
}

describe('action.yml', () => {
  it('fails on findings, annotates, writes SARIF, the summary and its output', () => {
    const run = runAction({ sarif: 'report.sarif' });
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/^::error file=hosts\//m);
    expect(run.output).toBe('exit-code=1\n');
    expect(run.summary).toMatch(/^### fw-audit: \d+ findings/);
    expect(JSON.parse(readFileSync(join(run.folder, 'report.sarif'), 'utf8'))).toMatchObject({
      version: '2.1.0',
    });
  });

  it('takes paths line by line and passes on a clean one', () => {
    const run = runAction({ paths: 'hosts/web-1.rules\nhosts/win-1.netsh.txt\n' });
    expect([run.status, run.output]).toEqual([0, 'exit-code=0\n']);
    expect(run.stdout).not.toContain('::error');
  });

  it('never runs what an input says', () => {
    const run = runAction({ paths: '$(touch pwned)\n; touch pwned', policy: '`touch pwned`' });
    expect(run.status).toBe(2);
    expect(() => readFileSync(join(run.folder, 'pwned'))).toThrow();
  });

  it('names only inputs that it has', () => {
    const text = readFileSync(join(root, 'action.yml'), 'utf8');
    const { inputs } = read('action.yml') as Action;
    const used = [...text.matchAll(/inputs\.([a-z-]+)/g)].map(([, name]) => name!);
    expect(new Set(used)).toEqual(new Set(Object.keys(inputs)));
  });
});

describe('.pre-commit-hooks.yaml', () => {
  it('starts commands that exist, on files that hold rules', () => {
    const hooks = read('.pre-commit-hooks.yaml') as readonly { id: string; entry: string; files: string }[];
    const [audit, check] = hooks;
    const pattern = new RegExp(audit!.files.replace('(?i)', ''), 'i');
    for (const name of ['rules.v4', 'hosts/a.nft', 'etc/pf.conf', 'fw-audit.yaml'])
      expect(name).toMatch(pattern);
    expect('README.md').not.toMatch(pattern);
    const run = spawnSync(
      join(root, 'dist/fw-audit.js'),
      [...check!.entry.split(' ').slice(1), 'fw-audit.yaml'],
      {
        cwd: join(root, 'fixtures/repo'),
        encoding: 'utf8',
      },
    );
    expect([run.status, run.stdout]).toEqual([0, expect.stringContaining('well-formed') as string]);
  });
});

describe('templates/fw-audit.gitlab-ci.yml', () => {
  it("runs as written, without the registry's package", () => {
    const job = (read('templates/fw-audit.gitlab-ci.yml') as Record<string, { script?: readonly string[] }>)[
      'fw-audit'
    ]!;
    const folder = mkdtempSync(join(tmpdir(), 'fw-audit-gitlab-'));
    cpSync(join(root, 'fixtures/repo'), folder, { recursive: true });
    const script = job.script!.join('\n').replace('npx --yes "fw-audit@$FW_AUDIT_VERSION"', '"$FW_AUDIT"');
    const { status } = spawnSync('bash', ['-e', '-c', script], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        FW_AUDIT: join(root, 'dist/fw-audit.js'),
        FW_AUDIT_FAIL_ON: 'medium',
        FW_AUDIT_PATHS: '',
      },
    });
    expect(status).toBe(1);
    for (const name of ['fw-audit.xml', 'fw-audit.sarif', 'fw-audit.md'])
      expect(readFileSync(join(folder, name), 'utf8')).not.toBe('');
  });
});
