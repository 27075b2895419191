import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateRules } from '../../bench/generate.ts';
import { bundle, runBundle, TemporaryFolder } from './run-bundle.ts';

const folder = new TemporaryFolder();
afterAll(() => folder.remove());

/** Enough to read, though not to work out, that threads are started; every input by itself is a run in one thread. */
const names = ['a.rules', 'b.rules', 'c.rules'];
beforeAll(() => {
  mkdirSync(join(folder.path, 'hosts'));
  const remarks = '# A remark that says nothing.\n'.repeat(100_000);
  names.forEach((name, i) => folder.write(`hosts/${name}`, generateRules('router', 300, i) + remarks));
});

/** A copy of the bundle whose threads run another program. */
function withThreads(name: string, program: string): string {
  const copy = join(folder.path, name);
  cpSync(dirname(bundle), copy, { recursive: true });
  writeFileSync(join(copy, 'host-worker.js'), program);
  return join(copy, 'fw-audit.js');
}

interface Row {
  readonly input: number;
}
interface JsonReport {
  readonly exposures: readonly Row[];
}

describe.skipIf(availableParallelism() < 2)('the shipped bundle', () => {
  it('looks at several large inputs in threads, with what each says alone', () => {
    const args = ['--no-policy', '--fail-on', 'none', '-f', 'json'];
    const run = runBundle(['hosts', ...args], { cwd: folder.path });
    expect([run.code, run.err]).toEqual([0, '']);
    const { exposures } = JSON.parse(run.out) as JsonReport;
    names.forEach((name, input) => {
      const alone = JSON.parse(runBundle([`hosts/${name}`, ...args], { cwd: folder.path }).out) as JsonReport;
      expect(exposures.filter((row) => row.input === input)).toEqual(
        alone.exposures.map((row) => ({ ...row, input })),
      );
    });
  });

  it('ends with 70 and the reason when a thread fails', () => {
    const broken = withThreads('broken', `throw new RangeError('out of luck');\n`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [broken, 'hosts', '--no-policy'], {
      cwd: folder.path,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([70, '']);
    expect(stderr).toMatch(/^fw-audit: internal error: out of luck\. This is a bug in fw-audit/);
  });

  it('ends at once on Ctrl-C, whatever its threads do', async () => {
    const busy = withThreads('busy', `require('node:fs').writeSync(2, 'busy'); for (;;);\n`);
    const child = spawn(process.execPath, [busy, 'hosts', '--no-policy'], { cwd: folder.path });
    const signal = await new Promise((resolve) => {
      child.once('exit', (_, how) => {
        resolve(how);
      });
      child.stderr.once('data', () => child.kill('SIGINT'));
    });
    expect(signal).toBe('SIGINT');
  });
});
