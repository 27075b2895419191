import {
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, basename, extname, join, resolve } from 'node:path';
import type { Io } from './io.ts';

/** The real process. */
export function nodeIo(): Io {
  const { env } = process;
  const cwd = process.cwd();
  const stdout = outputTo(1);
  const isTTY = stdout.isTTY;
  let stderr: Output | undefined;
  let progressing = false;
  return {
    stdout: stdout.write,
    stderr: (text) => {
      stderr ??= outputTo(2);
      stderr.write(text);
    },
    progress: (text) => {
      if (text === undefined ? !progressing : performance.now() < PATIENCE) return;
      stderr ??= outputTo(2);
      if (!stderr.isTTY) return;
      progressing = text !== undefined;
      // Back to the line's start, and away with what follows (ECMA-48, CR and EL).
      stderr.write(`\r\u001b[K${(text ?? '').slice(0, (stderr.columns ?? 80) - 1)}`);
    },
    stdin: async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
      return Buffer.concat(chunks);
    },
    env,
    cwd,
    isTTY,
    columns: (stdout.columns ?? numberFrom(env['COLUMNS'])) || 100,
    color: wantsColor(env, isTTY),
    unicode: speaksUnicode(env),
    today: () => {
      const now = new Date();
      const two = (n: number): string => String(n).padStart(2, '0');
      return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    },
    readFile: (path) => {
      try {
        return readFileSync(resolve(cwd, path));
      } catch (error) {
        return describeFileError(error);
      }
    },
    writeFile: (path, content) => {
      try {
        writeAtomically(resolve(cwd, path), content);
        return undefined;
      } catch (error) {
        return describeFileError(error);
      }
    },
    threads: (spare) => {
      const count = availableParallelism();
      const least = count < MANY ? LEAST_FOR_FEW : LEAST_FOR_MANY;
      if (count < 2 || spare < least) return undefined;
      return { count, program: new URL(`./host-worker${extname(import.meta.url)}`, import.meta.url) };
    },
    listBuilder: async (size) => {
      if (size < LEAST_FOR_BUILDER || availableParallelism() < 2) return undefined;
      const [{ setFlagsFromString }, { EngineThread }] = await Promise.all([
        import('node:v8'),
        import('./threads/engine-thread.ts'),
      ]);
      setFlagsFromString(INLINE_LESS);
      return EngineThread.start(new URL(`./engine-worker${extname(import.meta.url)}`, import.meta.url));
    },
    kindOf: (path) => {
      try {
        const stats = statSync(resolve(cwd, path), { throwIfNoEntry: false });
        if (stats === undefined) return 'missing';
        return stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other';
      } catch (error) {
        // ENOTDIR, a file in the middle of the path; the rest (EACCES, ELOOP) is told better by reading it.
        return error instanceof Error && 'code' in error && error.code === 'ENOTDIR' ? 'missing' : 'other';
      }
    },
  };
}

/** Standard output or error takes no more (a full disk): nobody's bug, and no answer either. `main.ts` knows it by its name. */
class OutputFailure extends Error {
  override readonly name = 'OutputFailure';
}

/** Milliseconds since the start after which a person wants to see that something happens. */
const PATIENCE = 1000;

/**
 * Characters of input that other threads must be able to take over, so that starting them pays. Each compiles its own code once more,
 * and two processors are mostly busy with one thread already, whose garbage is collected and whose code is optimised beside it: there a
 * table of 3 MB takes longer with threads, one of 8 MB a little less, and its JSON two thirds.
 */
const LEAST_FOR_FEW = 5_000_000;
const LEAST_FOR_MANY = 1_000_000;
const MANY = 4;

/**
 * V8 (bytes of bytecode, 920 unless told) puts so much into hot functions that the processor which is not this thread's is busy with
 * compiling for half of such a run; with a fourth the code is as fast, and this thread waits less for garbage and packet sets.
 */
const INLINE_LESS = '--max-inlined-bytecode-size-cumulative=230';

/** Characters of input from which on a thread that builds packet sets saves more than its start costs. */
const LEAST_FOR_BUILDER = 2_000_000;

interface Output {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  readonly columns: number | undefined;
}

/** /dev/null of Linux (devices.txt: character device 1:3), which is no terminal. */
const linuxNull = 0x103;

/**
 * Files and pipes are written to directly: Node's streams take 4 ms to load, and a pipe that is written to at exit may lose its end.
 * Only a character device may be a terminal, and only a terminal needs the stream.
 *
 * `fw-audit … | head`: the reader has seen enough, which is no error of ours. Later writes go nowhere.
 */
function outputTo(descriptor: 1 | 2): Output {
  const stats = fstatSync(descriptor);
  if (!stats.isCharacterDevice() || (process.platform === 'linux' && stats.rdev === linuxNull)) {
    return { write: (text) => writeAll(descriptor, Buffer.from(text)), isTTY: false, columns: undefined };
  }
  const stream = descriptor === 1 ? process.stdout : process.stderr;
  // Other devices (/dev/full) are written to like files, so that a failure is met where it happens.
  if (!stream.isTTY)
    return { write: (text) => writeAll(descriptor, Buffer.from(text)), isTTY: false, columns: undefined };
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return { write: (text) => void stream.write(text), isTTY: stream.isTTY, columns: stream.columns };
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw new OutputFailure(describeFileError(error));
      // A pipe that somebody made non-blocking is full: wait for its reader.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function numberFrom(text: string | undefined): number {
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : 0;
}

/** NO_COLOR (no-color.org: present and not empty, whatever else is set), then FORCE_COLOR as Node itself reads it. */
function wantsColor(env: NodeJS.ProcessEnv, isTTY: boolean): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return isTTY && env['TERM'] !== 'dumb';
}

/** The locale as setlocale(3) finds it. Without any, a pipe and most terminals still carry UTF-8; only C and POSIX say they do not. */
function speaksUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return locale === undefined || /utf-?8/i.test(locale);
}

function writeAtomically(path: string, content: string | readonly string[]): void {
  // A device or pipe (/dev/stdout, >(tee)) cannot be replaced by renaming.
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) {
    writePieces(path, content, 0o666);
    return;
  }
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writePieces(temporary, content, stats?.mode ?? 0o666);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writePieces(path: string, content: string | readonly string[], mode: number): void {
  const file = openSync(path, 'w', mode);
  try {
    for (const piece of typeof content === 'string' ? [content] : content) writeFileSync(file, piece);
  } finally {
    closeSync(file);
  }
}

const reasons = new Map([
  ['ENOENT', 'no such file or folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'not permitted'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of the path is no folder'],
  ['ELOOP', 'too many symbolic links'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ENOSPC', 'no space left'],
  ['EROFS', 'the file system is read-only'],
  ['ERR_FS_FILE_TOO_LARGE', 'larger than Node can read (2 GiB)'],
]);

function describeFileError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) throw error;
  return reasons.get(code) ?? code;
}
