import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

/** The sources of the Dockerfile's COPY lines; with `stage`, of those that copy out of that stage. */
function copied(stage?: string): readonly string[] {
  const from = stage === undefined ? '' : `--from=${stage} `;
  return readFileSync('Dockerfile', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`COPY ${from}`) && (stage !== undefined || !line.includes('--from')))
    .flatMap((line) => line.slice(`COPY ${from}`.length).split(' ').slice(0, -1));
}

it('the Dockerfile copies all that the build reads, and the image all that runs', () => {
  const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
  const folder = mkdtempSync(join(tmpdir(), 'fw-audit-docker-'));
  try {
    for (const path of copied()) {
      expect(ignored).not.toContain(path);
      cpSync(path, join(folder, path), {
        recursive: true,
        filter: (file) => !file.startsWith('src/generated'),
      });
    }
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    const build = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: folder, encoding: 'utf8' });
    expect([build.status, build.stderr]).toEqual([0, '']);
    const image = join(folder, 'image');
    for (const path of copied('build')) {
      const inside = path.replace('/build/', '');
      expect(existsSync(join(folder, inside)), path).toBe(true);
      cpSync(join(folder, inside), join(image, inside), { recursive: true });
    }
    const run = spawnSync(process.execPath, [join(image, 'dist/fw-audit.js'), 'hosts/web-1.rules'], {
      cwd: resolve('fixtures/repo'),
      encoding: 'utf8',
    });
    expect([run.status, run.stderr]).toEqual([0, '']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
