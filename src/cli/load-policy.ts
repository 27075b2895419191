import { readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { loadPolicies, type ResolvePolicy } from '../policy/load.ts';
import type { Policy, PolicyDiagnostic } from '../policy/policy-types.ts';
import { decode } from '../source/decode.ts';
import type { Source } from '../source/source.ts';
import type { Io } from './io.ts';

export type PolicyLoading =
  | {
      readonly kind: 'loaded';
      /** Undefined if any diagnostic is an error: exit 2. */
      readonly policy: Policy | undefined;
      readonly diagnostics: readonly PolicyDiagnostic[];
      /** The policy's files, to show places in them. */
      readonly sources: readonly Source[];
    }
  | { readonly kind: 'unreadable'; readonly message: string };

/** Loads a policy file, or a folder of them (`*.yaml` and `*.yml`, by name). */
export function loadPolicyAt(named: string, io: Io): PolicyLoading {
  const files = io.kindOf(named) === 'folder' ? policyFiles(named, io) : [named];
  if (files.length === 0) return { kind: 'unreadable', message: `${named} holds no .yaml file` };
  const sources: Source[] = [];
  for (const file of files) {
    const source = readPolicy(file, sources.length, io);
    if (typeof source === 'string') return { kind: 'unreadable', message: source };
    sources.push(source);
  }
  const resolvePolicy: ResolvePolicy = (name, from) => {
    const file = isAbsolute(name) ? name : join(dirname(from.path), name);
    const source = readPolicy(file, sources.length, io);
    if (typeof source !== 'string') sources.push(source);
    return source;
  };
  const own = [...sources];
  const { policy, diagnostics } = loadPolicies(own, resolvePolicy);
  return { kind: 'loaded', policy, diagnostics, sources };
}

function policyFiles(folder: string, io: Io): string[] {
  return readdirSync(resolve(io.cwd, folder))
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function readPolicy(path: string, id: number, io: Io): Source | string {
  const bytes = io.readFile(path);
  if (typeof bytes === 'string') return `cannot read the policy ${path}: ${bytes}`;
  const decoded = decode(bytes, path, id);
  return decoded.kind === 'text' ? decoded.source : `${path}: ${decoded.diagnostic.message}`;
}

/** An input's path as the globs of a policy file see it: relative to the folder of that file. */
export function relativePath(io: Io): (inputPath: string, policyFile: string) => string {
  return (inputPath, policyFile) => {
    if (inputPath === '-') return '-';
    const way = relative(resolve(io.cwd, dirname(policyFile)), resolve(io.cwd, inputPath));
    return way.replaceAll('\\', '/');
  };
}
