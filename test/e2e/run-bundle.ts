import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const bundle = join(import.meta.dirname, '../../dist/fw-audit.js');

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly milliseconds: number;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the shipped bundle as a user would, in an environment with nothing of the tester's in it. */
export function runBundle(args: readonly string[], { input = '', cwd, env = {} }: RunOptions = {}): Run {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', COLUMNS: '100', ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  return { code: status, out: stdout, err: stderr, milliseconds: performance.now() - start };
}

/** A folder of files that goes away after the test file. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'fw-audit-test-'));

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export const closedRules = `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
`;

export const openRules = closedRules.replace(
  'COMMIT',
  '-A INPUT -p tcp -m tcp --dport 3092 -j ACCEPT\nCOMMIT',
);

/** One rule uses a match that nobody knows. */
export const strangeRules = openRules.replace('--dport 3092', '--dport 3092 -m nosuchmatch --frobnicate 1');
