import { resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import type { Io } from './io.ts';

export interface FoundPath {
  readonly path: string;
  /** The user named this very file, so it must be readable and recognised. */
  readonly named: boolean;
  /** The folder or pattern that brought it in; of a named file itself. */
  readonly from: string;
}

export interface FoundFiles {
  readonly paths: readonly FoundPath[];
  /** Paths that are no file, folder or pattern of anything. */
  readonly missing: readonly string[];
  /** Folders and patterns that were looked through. */
  readonly searched: readonly string[];
}

/**
 * Files behind the paths of a command line: a file is itself, a folder every file below it, a pattern (`hosts/*.rules`) what it
 * matches. In the order given; inside a folder or pattern by name, so the same tree gives the same report everywhere.
 */
export async function findFiles(paths: readonly string[], io: Io): Promise<FoundFiles> {
  const found = new Map<string, FoundPath>();
  const missing: string[] = [];
  const searched: string[] = [];
  for (const path of paths) {
    const kind = path === '-' ? 'file' : io.kindOf(path);
    if (kind === 'file' || kind === 'other') {
      found.set(path, { path, named: true, from: path });
      continue;
    }
    const matches =
      kind === 'folder'
        ? await filesBelow(path, io)
        : isDynamicPattern(path)
          ? await filesMatching(path, io)
          : [];
    if (matches.length === 0 && kind !== 'folder') missing.push(path);
    else searched.push(path);
    for (const match of matches) {
      if (!found.has(match)) found.set(match, { path: match, named: false, from: path });
    }
  }
  return { paths: [...found.values()], missing, searched };
}

const never = ['**/.git/**', '**/node_modules/**'];

async function filesBelow(folder: string, io: Io): Promise<string[]> {
  const prefix = folder === '.' || folder === './' ? '' : folder.endsWith('/') ? folder : `${folder}/`;
  const below = await glob('**/*', {
    cwd: resolve(io.cwd, folder),
    dot: true,
    followSymbolicLinks: false,
    ignore: never,
  });
  return below.sort().map((file) => prefix + file);
}

async function filesMatching(pattern: string, io: Io): Promise<string[]> {
  return (await glob(pattern, { cwd: io.cwd, dot: true, expandDirectories: false, ignore: never })).sort();
}
