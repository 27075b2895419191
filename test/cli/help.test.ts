import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/command-table.ts';
import { helpText } from '../../src/cli/help.ts';
import { manualPage } from '../../src/cli/manual.ts';
import { run } from '../../src/cli/run.ts';
import { memoryIo } from './memory-io.ts';

describe('help', () => {
  it('of fw-audit', async () => {
    await expect(helpText(undefined, 80)).toMatchFileSnapshot('goldens/help.txt');
  });

  it.each(commands.map(({ name }) => name))('of %s', async (name) => {
    const io = memoryIo({}, { columns: 100 });
    expect(await run([name, '--help'], io)).toBe(0);
    expect(io.err()).toBe('');
    await expect(io.out()).toMatchFileSnapshot(`goldens/help-${name}.txt`);
  });

  it('fits the terminal', () => {
    for (const command of [undefined, ...commands]) {
      for (const columns of [60, 80, 120]) {
        for (const line of helpText(command, columns).split('\n')) {
          // A usage line or a shell command is not broken.
          if (!line.startsWith('Usage') && !line.includes('fw-audit '))
            expect(line.length, line).toBeLessThanOrEqual(columns);
        }
      }
    }
  });

  it('is not what an empty command line prints: that is a usage error', async () => {
    const io = memoryIo();
    expect(await run([], io)).toBe(2);
    expect(io.err()).toMatch(/^fw-audit: nothing to audit/);
  });
});

describe('the manual page', () => {
  const page = manualPage('1.2.3', '2026-11-23');

  it('names every command and option', () => {
    const plain = page.replaceAll('\\-', '-');
    for (const { name, options } of commands) {
      expect(plain).toContain(`.SS ${name}\n`);
      for (const option of options) expect(plain).toContain(`\\fB--${option}\\fR`);
    }
  });

  it('has no line that groff would take for a request by mistake', () => {
    const requests = new Set(page.split('\n').flatMap((line) => /^[.']\S*/.exec(line)?.[0] ?? []));
    expect([...requests].sort()).toEqual(['.B', '.BR', '.I', '.PP', '.SH', '.SS', '.TH', '.TP', '.br']);
  });

  const man = spawnSync('man', ['--version']).error === undefined;
  it.skipIf(!man && process.env['FW_AUDIT_REQUIRE_ALL'] === undefined)(
    'is shown by man without a warning',
    () => {
      const { stdout, stderr, status } = spawnSync('man', ['--warnings', '-l', '-'], {
        input: page,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '', MANWIDTH: '80', LC_ALL: 'C.UTF-8', MANPAGER: 'cat' },
      });
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toContain('EXIT STATUS');
    },
  );
});
