import type { Io } from '../../src/cli/io.ts';

export interface MemoryIo extends Io {
  readonly out: () => string;
  readonly err: () => string;
  readonly files: Map<string, string | Uint8Array>;
}

/** An Io of files in memory and a terminal of any kind. */
export function memoryIo(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  over: Partial<Io> & { readonly input?: string } = {},
): MemoryIo {
  const out: string[] = [];
  const err: string[] = [];
  const stored = new Map(Object.entries(files));
  const { input = '', ...rest } = over;
  return {
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    stdin: () => Promise.resolve(Buffer.from(input)),
    env: {},
    cwd: '/nowhere',
    isTTY: false,
    columns: 100,
    color: false,
    unicode: true,
    today: () => '2026-11-23',
    readFile: (path) => {
      const content = stored.get(path);
      return content === undefined ? 'no such file' : Buffer.from(content);
    },
    writeFile: (path, content) => {
      stored.set(path, [content].flat().join(''));
      return undefined;
    },
    kindOf: (path) => (stored.has(path) ? 'file' : 'missing'),
    out: () => out.join(''),
    err: () => err.join(''),
    files: stored,
    ...rest,
  };
}
