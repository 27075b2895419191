import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';
import type { ReadOptions } from '../formats/format.ts';
import type { Source } from '../source/source.ts';
import type { Io } from './io.ts';

/**
 * Follows include statements inside the folders that `--include-root` allows; an export must not make fw-audit read any other file.
 *
 * A relative path starts at the including file. An absolute one is tried as it stands and below each root, so that a copy of a host's
 * `/etc` can be audited elsewhere. Symbolic links are resolved before the folder is checked.
 */
export function includeFiles(
  roots: readonly string[],
  io: Io,
  read: (path: string) => Source | undefined,
): ReadOptions['include'] {
  const allowed = roots.map((root) => realPath(resolve(io.cwd, root))).filter((root) => root !== undefined);
  return (path, from) => {
    const places = isAbsolute(path)
      ? [path, ...roots.map((root) => join(root, path))]
      : [join(dirname(from.path), path)];
    let outside = false;
    for (const place of places) {
      const files = isDynamicPattern(place) ? globSync(place, { cwd: io.cwd, dot: true }).sort() : [place];
      const sources: Source[] = [];
      for (const file of files) {
        const real = realPath(resolve(io.cwd, file));
        if (real === undefined) continue;
        if (!allowed.some((root) => isInside(real, root))) {
          outside = true;
          continue;
        }
        const source = read(file);
        if (source === undefined) return `${file} could not be read`;
        sources.push(source);
      }
      if (sources.length > 0) return sources;
    }
    // A pattern that matches nothing includes nothing (nft(8), INCLUDE FILES).
    if (!outside && isDynamicPattern(path)) return [];
    return outside ? `${path} is outside the folders that --include-root allows` : `${path} was not found`;
  };
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
