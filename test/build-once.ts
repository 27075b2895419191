import { execFileSync } from 'node:child_process';

/** End-to-end tests run the shipped bundle, so it is built once before any test. */
export function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
