import type { MessagePort } from 'node:worker_threads';

/** What `EngineThread` and its thread see both: words of shared memory, by place. */
export const word = {
  /** One of `state`. */
  state: 0,
  /** The number of the task's engine, and what its `build` takes. */
  engine: 1,
  keys: 2,
  pass: 3,
  /** How many there are. */
  count: 4,
} as const;

export const state = {
  /** The thread does not run yet. */
  starting: 0,
  free: 1,
  /** It has a task. */
  building: 2,
  built: 3,
  /** There is no room for the list. */
  full: 4,
  /** Anything else went wrong; the error follows on the port. */
  failed: 5,
} as const;

/** What the thread is given at its start. */
export interface EngineThreadData {
  readonly words: Int32Array;
  readonly port: MessagePort;
}

/** Comes before the first task of an engine; engines are numbered as they come. */
export interface NewEngine {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}
