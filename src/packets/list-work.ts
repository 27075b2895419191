import type { ListOrder } from './decision-list.ts';
import type { PortMap } from './port-map.ts';
import type { Engine, EngineImports } from './start-engine.ts';

/** Decision lists to build, which lie in the memory of their engine. Nobody may use it until they are built. */
export interface ListTask {
  readonly engine: Engine;
  readonly imports: EngineImports;
  /** As the engine's `build` takes them. */
  readonly keys: number;
  readonly pass: number;
}

/** Work that stops wherever it needs lists, all of one `DecisionLists`, and goes on with their maps. Building may throw `TooComplex`. */
export type ListWork<T> = Generator<readonly ListOrder[], T, readonly PortMap[]>;

/** Builds lists somewhere else, one task at a time. */
export interface ListBuilder {
  /** It waits for a task. */
  readonly isFree: boolean;
  begin(task: ListTask): void;
  /** The task has ended. */
  readonly isDone: boolean;
  /** Waits for the end of the task; throws what building threw. */
  end(): void;
}

/** Lists of fewer pieces together are built before another thread would have woken up. */
const FEW = 1000;

/** Does work alone. */
export function doHere<T>(work: ListWork<T>): T {
  let step = work.next([]);
  while (step.done !== true) {
    const orders = step.value;
    step = advance(work, () => built(orders));
  }
  return step.value;
}

/** What each piece of work returns. Lists of different pieces are built together. */
export function* allAtOnce<T>(works: readonly ListWork<T>[]): ListWork<readonly T[]> {
  const results: T[] = [];
  let going = works.map((work, index) => ({ work, index, step: work.next([]) }));
  for (;;) {
    const waiting: typeof going = [];
    const orders: ListOrder[] = [];
    for (const one of going) {
      if (one.step.done === true) results[one.index] = one.step.value;
      else {
        waiting.push(one);
        for (const order of one.step.value) orders.push(order);
      }
    }
    if (waiting.length === 0) return results;
    const maps = yield orders;
    let at = 0;
    going = waiting.map(({ work, index, step }) => {
      const own = maps.slice(at, (at += (step.value as readonly ListOrder[]).length));
      return { work, index, step: work.next(own) };
    });
  }
}

/** A piece of work that is not done, and what it waits for. */
interface Begun<T> {
  readonly work: ListWork<T>;
  readonly index: number;
  waits: Waits;
}

type Waits =
  /** For its turn: its lists, or what building threw. */
  | { readonly kind: 'turn'; readonly maps: () => readonly PortMap[] }
  | { readonly kind: 'lists'; readonly orders: readonly ListOrder[] }
  | { readonly kind: 'builder'; readonly orders: readonly ListOrder[] };

/**
 * What each piece of work returns. While the builder has lists of one of them, the others go on, earlier ones before later ones. No two
 * of them may use one engine.
 */
export function doTogether<T>(all: readonly ListWork<T>[], builder: ListBuilder | undefined): readonly T[] {
  if (builder === undefined) return all.map((work) => doHere(work));
  const results: T[] = [];
  const begun = new Set<Begun<T>>();
  for (const [index, work] of all.entries())
    begun.add({ work, index, waits: { kind: 'turn', maps: () => [] } });
  while (begun.size > 0) {
    const away = [...begun].find(({ waits }) => waits.kind === 'builder');
    const others = [...begun].filter((one) => one !== away);
    // There is none where all but one are done, and the builder has that one's.
    const next = others[0]!;
    if (
      away?.waits.kind === 'builder' &&
      (others.length === 0 || builder.isDone || asksMore(next, away.waits.orders))
    ) {
      const { orders } = away.waits;
      away.waits = {
        kind: 'turn',
        maps: ended(() => {
          builder.end();
          return orders[0]!.lists.mapsOf(orders);
        }),
      };
      continue;
    }
    const large = others.find(({ waits }) => waits.kind === 'lists' && piecesOf(waits.orders) >= FEW);
    if (large?.waits.kind === 'lists' && away === undefined && others.length > 1 && builder.isFree) {
      const { orders } = large.waits;
      builder.begin(orders[0]!.lists.begin(orders));
      large.waits = { kind: 'builder', orders };
      continue;
    }
    const { waits } = next;
    if (waits.kind === 'lists') {
      const { orders } = waits;
      next.waits = { kind: 'turn', maps: ended(() => built(orders)) };
    } else if (waits.kind === 'turn') {
      const step = advance(next.work, waits.maps);
      if (step.done === true) {
        results[next.index] = step.value;
        begun.delete(next);
      } else next.waits = { kind: 'lists', orders: step.value };
    }
  }
  return results;
}

/** It waits for larger lists than those that the builder has: it is worth waiting until the builder takes them, too. */
function asksMore<T>({ waits }: Begun<T>, orders: readonly ListOrder[]): boolean {
  return waits.kind === 'lists' && piecesOf(waits.orders) > piecesOf(orders);
}

function piecesOf(orders: readonly ListOrder[]): number {
  return orders.reduce((sum, { list }) => sum + list.items.length, 0);
}

function built(orders: readonly ListOrder[]): readonly PortMap[] {
  const [first] = orders;
  if (first === undefined) return [];
  const { engine, keys, pass } = first.lists.begin(orders);
  engine.build(keys, pass);
  return first.lists.mapsOf(orders);
}

/** What it returns or throws, now. */
function ended<T>(make: () => T): () => T {
  try {
    const value = make();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function advance<T>(
  work: ListWork<T>,
  maps: () => readonly PortMap[],
): IteratorResult<readonly ListOrder[], T> {
  let found: readonly PortMap[];
  try {
    found = maps();
  } catch (error) {
    return work.throw(error);
  }
  return work.next(found);
}
