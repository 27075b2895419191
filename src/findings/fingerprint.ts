import { normalizePath } from '../policy/glob.ts';
import { sha256 } from './sha256.ts';

/** What a finding says, as text: two findings that say the same have the same. */
export function fingerprintText(code: string, path: string, identity: readonly string[]): string {
  return JSON.stringify([code, normalizePath(path), ...identity]);
}

/**
 * Sixteen hexadecimal digits that name a finding by what it says: the same in the next run although its rule has moved to another
 * line, and different once the ports, sources or conditions differ. `text` is the `fingerprintText` of the finding.
 */
export function fingerprintOf(text: string): string {
  return sha256(text).slice(0, 16);
}
