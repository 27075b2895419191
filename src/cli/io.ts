import type { ListBuilder } from '../packets/list-work.ts';

/** What the process tells its caller: see README, "Exit codes". 70 is a bug in fw-audit (`EX_SOFTWARE`, sysexits.h). */
export type ExitCode = 0 | 1 | 2 | 3 | 70;

/** Threads that may be started. */
export interface Threads {
  readonly count: number;
  /** What each of them runs: src/cli/host-worker.ts. */
  readonly program: URL;
}

/**
 * Everything a command may touch outside itself. Commands never reach for `process`, so a test can hand them a terminal of any
 * width, a clock-free environment and files that are not there.
 */
export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /**
   * Shows on a terminal's standard error what a run that takes more than a second is at, instead of what was shown before; undefined
   * takes it away. Absent where nobody watches.
   */
  readonly progress?: (text: string | undefined) => void;
  /** All of standard input, read once. */
  readonly stdin: () => Promise<Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** Standard output is a terminal. */
  readonly isTTY: boolean;
  /** Width of the terminal in columns; 100 where standard output is none. */
  readonly columns: number;
  /** Colours may be used on standard output (`--color`, NO_COLOR, FORCE_COLOR and the terminal decide). */
  readonly color: boolean;
  /** The locale's encoding can show more than ASCII. */
  readonly unicode: boolean;
  /** Today as `YYYY-MM-DD` in local time. Only `expires` may depend on it; `--today` overrides it. */
  readonly today: () => string;
  /** The bytes of a file, or a sentence that says why they could not be read. Paths are relative to `cwd`. */
  readonly readFile: (path: string) => Uint8Array | string;
  /** Replaces the file in one step, so that a reader never sees half of it; a returned sentence says why it failed. */
  readonly writeFile: (path: string, content: string | readonly string[]) => string | undefined;
  /**
   * The threads that are worth starting for work that several can share: `spare` is how many characters of input there are besides the
   * largest input. Undefined where one thread does it sooner. Absent where there are none.
   */
  readonly threads?: (spare: number) => Threads | undefined;
  /**
   * Builds packet sets of an input of so many characters in another thread; undefined where that thread would not pay. Absent where
   * there is none.
   */
  readonly listBuilder?: (size: number) => Promise<ListBuilder | undefined>;
  readonly kindOf: (path: string) => 'file' | 'folder' | 'other' | 'missing';
}
