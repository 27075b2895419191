import { dirname, join, relative, resolve } from 'node:path';
import { loadPolicies } from '../policy/load.ts';
import type { LoadedPolicy } from '../policy/load.ts';
import { decode } from '../source/decode.ts';
import type { Source } from '../source/source.ts';
import { findFiles } from './find-files.ts';
import type { Io } from './io.ts';

/** The names that a policy beside rule files goes by. */
const names: readonly string[] = ['fw-audit.yaml', 'fw-audit.yml'];

export type PolicyReading =
  /** No policy was asked for, and none lies in this folder or above. */
  | { readonly kind: 'none' }
  | ({ readonly kind: 'read' } & LoadedPolicy & { readonly sources: readonly Source[] })
  /** The file that was asked for cannot be read: exit 2. */
  | { readonly kind: 'unreadable'; readonly message: string };

/**
 * The policy of a run: `--policy FILE` or a folder of them (its .yaml and .yml files by name, merged in that order), else the nearest
 * `fw-audit.yaml` in this folder or one above it, else none.
 */
export async function readPolicy(wanted: string | false | undefined, io: Io): Promise<PolicyReading> {
  if (wanted === false) return { kind: 'none' };
  const path = wanted ?? nearestPolicy(io);
  if (path === undefined) return { kind: 'none' };
  return readPolicyFiles([path], io);
}

/** The same for files and folders that are named. */
export async function readPolicyFiles(paths: readonly string[], io: Io): Promise<PolicyReading> {
  const sources: Source[] = [];
  for (const path of paths) {
    const files =
      io.kindOf(path) === 'folder'
        ? (await findFiles([`${path.replace(/\/+$/, '')}/*.{yaml,yml}`], io)).paths.map((found) => found.path)
        : [path];
    if (files.length === 0) return { kind: 'unreadable', message: `${path} holds no .yaml file` };
    for (const file of files) {
      const source = readSource(file, io);
      if (typeof source === 'string') return { kind: 'unreadable', message: `${file}: ${source}` };
      sources.push(source);
    }
  }
  const loaded = loadPolicies(sources, (name, from) => readSource(join(dirname(from.path), name), io));
  return { kind: 'read', sources, ...loaded };
}

/** The input's path as the globs of a policy file see it: relative to that file's folder. */
export function relativeToPolicy(io: Io): (inputPath: string, policyFile: string) => string {
  return (inputPath, policyFile) =>
    relative(resolve(io.cwd, dirname(policyFile)), resolve(io.cwd, inputPath)).replaceAll('\\', '/');
}

function nearestPolicy(io: Io): string | undefined {
  let folder = io.cwd;
  for (;;) {
    for (const name of names) {
      const path = join(relative(io.cwd, folder), name);
      if (io.kindOf(path) === 'file') return path;
    }
    const above = dirname(folder);
    if (above === folder) return undefined;
    folder = above;
  }
}

function readSource(path: string, io: Io): Source | string {
  if (io.kindOf(path) === 'missing') return 'there is no such file';
  const bytes = io.readFile(path);
  if (typeof bytes === 'string') return bytes;
  const decoded = decode(bytes, path, -1, {});
  return decoded.kind === 'text' ? decoded.source : decoded.diagnostic.message;
}
