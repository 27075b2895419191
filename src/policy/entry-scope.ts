import type { ReportInput } from '../report/report.ts';
import { globMatches, normalizePath } from './glob.ts';
import type { PolicyEntry } from './policy-types.ts';

/** Which inputs an entry speaks of. Answers are remembered, for thousands of entries share a few globs. */
export interface EntryScope {
  readonly covers: (entry: PolicyEntry, input: number) => boolean;
}

export function entryScope(
  inputs: readonly ReportInput[],
  relativePath: (inputPath: string, policyFile: string) => string = besidePolicy,
): EntryScope {
  const known = new Map<string, boolean>();
  return {
    covers: (entry, input) => {
      if (entry.inputs === undefined) return true;
      const path = inputs[input]?.path;
      if (path === undefined) return false;
      const seen = relativePath(path, entry.file);
      return entry.inputs.some((glob) => {
        const key = `${glob}\n${seen}`;
        let hit = known.get(key);
        if (hit === undefined) known.set(key, (hit = globMatches(glob, seen)));
        return hit;
      });
    },
  };
}

/** The input's path from the policy's folder, as far as the two texts tell. */
function besidePolicy(inputPath: string, policyFile: string): string {
  const path = normalizePath(inputPath);
  const folder = normalizePath(policyFile).split('/').slice(0, -1).join('/');
  return folder !== '' && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}
