import { describe, expect, it } from 'vitest';
import type { DecisionLists, ListOrder } from '../../src/packets/decision-list.ts';
import { DecisionList } from '../../src/packets/decision-list.ts';
import {
  allAtOnce,
  doHere,
  doTogether,
  type ListBuilder,
  type ListTask,
  type ListWork,
} from '../../src/packets/list-work.ts';

/** Lists of one engine, which makes a map of each that says how many pieces it has, and fails for one without any. */
function listsOf(): DecisionLists {
  let waiting: readonly ListOrder[] = [];
  let made: readonly number[] = [];
  const engine = {
    build(): void {
      made = waiting.map(({ list }) => {
        if (list.items.length === 0) throw new Error('no pieces');
        return list.items.length;
      });
    },
  } as unknown as ListTask['engine'];
  const lists = {
    begin(orders: readonly ListOrder[]): ListTask {
      waiting = orders;
      return { engine, imports: {} as ListTask['imports'], keys: 1, pass: 0 };
    },
    mapsOf: () => made.map((pieces) => ({ starts: [pieces], nodes: [] })),
  };
  return lists as unknown as DecisionLists;
}

function order(lists: DecisionLists, pieces: number): ListOrder {
  const list = new DecisionList();
  for (let i = 0; i < pieces; i++) list.add(i, 0, 0, [], 0);
  return { lists, list, finish: undefined };
}

/** Asks for lists of so many pieces, some of them together. */
function* sum(name: string, log: string[], asked: readonly (readonly number[])[]): ListWork<string> {
  const lists = listsOf();
  let total = 0;
  for (const together of asked) {
    log.push(name);
    try {
      for (const { starts } of yield together.map((pieces) => order(lists, pieces))) total += starts[0]!;
    } catch (error) {
      return `${name} fails: ${(error as Error).message}`;
    }
  }
  return `${name} ${total}`;
}

/** Takes as long as it is asked whether it is done `patience` times. */
function slowBuilder(patience: number): ListBuilder & { readonly tasks: () => number } {
  let task: ListTask | undefined;
  let asked = 0;
  let tasks = 0;
  return {
    tasks: () => tasks,
    get isFree() {
      return task === undefined;
    },
    get isDone() {
      return asked++ >= patience;
    },
    begin(given) {
      expect(task, 'one at a time').toBeUndefined();
      task = given;
      asked = 0;
      tasks++;
    },
    end() {
      const { engine, keys, pass } = task!;
      task = undefined;
      engine.build(keys, pass);
    },
  };
}

describe('work with lists', () => {
  const works = (log: string[]): ListWork<string>[] => [
    sum('a', log, [[1], [900, 400], [3], [2000]]),
    sum('b', log, [[1], [1200], [30]]),
    sum('c', log, []),
  ];
  const expected = ['a 3304', 'b 1231', 'c 0'];

  it('is done alone', () => {
    expect(works([]).map((work) => doHere(work))).toEqual(expected);
    expect(doTogether(works([]), undefined)).toEqual(expected);
  });

  it.each([0, 1, 2, 5, 100])('is done together, with a builder of patience %d', (patience) => {
    expect(doTogether(works([]), slowBuilder(patience))).toEqual(expected);
  });

  it('goes on with others while the builder has large lists of one', () => {
    const log: string[] = [];
    const builder = slowBuilder(100);
    doTogether(works(log), builder);
    expect(builder.tasks()).toBe(1);
    expect(log.join('')).toBe('aabbbaa');
  });

  it('waits for the builder where that has less to do', () => {
    const builder = slowBuilder(100);
    const two = [sum('a', [], [[1200], [1]]), sum('b', [], [[5000]])];
    expect(doTogether(two, builder)).toEqual(['a 1201', 'b 5000']);
    expect(builder.tasks()).toBe(2);
  });

  it('is done here where the builder is not free', () => {
    expect(doTogether(works([]), { ...slowBuilder(0), isFree: false })).toEqual(expected);
  });

  it('is told where its lists cannot be built', () => {
    const failing = (): ListWork<string>[] => [sum('a', [], [[5000, 0]]), sum('b', [], [[2], [0]])];
    const failed = ['a fails: no pieces', 'b fails: no pieces'];
    expect(doTogether(failing(), slowBuilder(1))).toEqual(failed);
    expect(doTogether(failing(), undefined)).toEqual(failed);
  });

  it('of several pieces asks for all lists at once that do not wait for each other', () => {
    const lists = listsOf();
    const piece = function* (...sizes: number[]): ListWork<number> {
      let total = 0;
      for (const size of sizes) total += (yield [order(lists, size)])[0]!.starts[0]!;
      return total;
    };
    const work = allAtOnce([piece(1, 2, 3), piece(), piece(10), piece(20, 30)]);
    const together: (readonly number[])[] = [];
    let step = work.next([]);
    while (step.done !== true) {
      together.push(step.value.map(({ list }) => list.items.length));
      step = work.next(step.value.map(({ list }) => ({ starts: [list.items.length], nodes: [] })));
    }
    expect(together).toEqual([[1, 10, 20], [2, 30], [3]]);
    expect(step.value).toEqual([6, 0, 10, 50]);
  });
});
