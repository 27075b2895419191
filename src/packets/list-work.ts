import type { Engine, EngineImports } from './start-engine.ts';

/** A decision list to build. Its pieces lie in the memory of its engine, which nobody may use until it is built. */
export interface ListTask {
  readonly engine: Engine;
  readonly imports: EngineImports;
  /** As the engine's `build` takes them. */
  readonly finishes: boolean;
  readonly pieces: number;
  readonly entries: number;
  readonly keys: number;
  readonly pass: number;
}

/** Work that stops at each list to build and goes on with the number of the list's runs. Building may throw `TooComplex`. */
export type ListWork<T> = Generator<ListTask, T, number>;

/** Builds lists somewhere else, one at a time. */
export interface ListBuilder {
  /** It waits for a task. */
  readonly isFree: boolean;
  begin(task: ListTask): void;
  /** The task has ended. */
  readonly isDone: boolean;
  /** Waits for the end of the task; throws what building threw. */
  end(): number;
}

/** Lists of fewer pieces are built before another thread would have woken up. */
const FEW = 1000;

/** Does work alone. */
export function doHere<T>(work: ListWork<T>): T {
  let step = work.next();
  while (step.done !== true) step = advance(work, () => build(step.value as ListTask));
  return step.value;
}

/** A piece of work that is not done, and what it waits for. */
interface Begun<T> {
  readonly work: ListWork<T>;
  readonly index: number;
  waits: Waits;
}

type Waits =
  /** For its turn: how many runs its list has, or what building threw. */
  | { readonly kind: 'turn'; readonly runs: () => number }
  | { readonly kind: 'list'; readonly task: ListTask }
  | { readonly kind: 'builder' };

/**
 * What each piece of work returns. While the builder has a list of one of them, the others go on, earlier ones before later ones. No two
 * of them may use one engine.
 */
export function doTogether<T>(all: readonly ListWork<T>[], builder: ListBuilder | undefined): readonly T[] {
  if (builder === undefined) return all.map((work) => doHere(work));
  const results: T[] = [];
  const begun = new Set<Begun<T>>();
  for (const [index, work] of all.entries())
    begun.add({ work, index, waits: { kind: 'turn', runs: () => 0 } });
  let away: Begun<T> | undefined;
  while (begun.size > 0) {
    const others = [...begun].filter((one) => one !== away);
    if (away !== undefined && (builder.isDone || others.length === 0)) {
      away.waits = { kind: 'turn', runs: ended(() => builder.end()) };
      away = undefined;
      continue;
    }
    const large = others.find(({ waits }) => waits.kind === 'list' && waits.task.pieces >= FEW);
    if (large?.waits.kind === 'list' && away === undefined && others.length > 1 && builder.isFree) {
      builder.begin(large.waits.task);
      large.waits = { kind: 'builder' };
      away = large;
      continue;
    }
    const next = others[0]!;
    const { waits } = next;
    if (waits.kind === 'list') {
      const { task } = waits;
      next.waits = { kind: 'turn', runs: ended(() => build(task)) };
    } else if (waits.kind === 'turn') {
      const step = advance(next.work, waits.runs);
      if (step.done === true) {
        results[next.index] = step.value;
        begun.delete(next);
      } else next.waits = { kind: 'list', task: step.value };
    }
  }
  return results;
}

function build({ engine, finishes, pieces, entries, keys, pass }: ListTask): number {
  return engine.build(finishes, pieces, entries, keys, pass);
}

function ended(make: () => number): () => number {
  try {
    const runs = make();
    return () => runs;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function advance<T>(work: ListWork<T>, runs: () => number): IteratorResult<ListTask, T> {
  let found: number;
  try {
    found = runs();
  } catch (error) {
    return work.throw(error);
  }
  return work.next(found);
}
