import { normalizePath } from '../policy/glob.ts';
import { sha256 } from './sha256.ts';

/**
 * Sixteen hexadecimal digits that name a finding by what it says: the same in the next run although its rule has moved to another
 * line, and different once the ports, sources or conditions differ.
 */
export function fingerprintOf(code: string, path: string, identity: readonly string[]): string {
  return sha256(JSON.stringify([code, normalizePath(path), ...identity])).slice(0, 16);
}
