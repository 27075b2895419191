import { createHash } from 'node:crypto';
import { normalizePath } from '../policy/glob.ts';

/**
 * Sixteen hexadecimal digits that name a finding by what it says: the same in the next run although its rule has moved to another
 * line, and different once the ports, sources or conditions differ.
 */
export function fingerprintOf(code: string, path: string, identity: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([code, normalizePath(path), ...identity]))
    .digest('hex')
    .slice(0, 16);
}
