import { dirname, join } from 'node:path';
import type { Io } from './io.ts';

export const policyFileName = 'fw-audit.yaml';

/** The path of the nearest `fw-audit.yaml`, from the working folder upwards, as one would type it. */
export function nearestPolicy(io: Io): string | undefined {
  for (let folder = io.cwd, path = policyFileName; ; path = join('..', path)) {
    if (io.kindOf(path) === 'file') return path;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}
