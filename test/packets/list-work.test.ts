import { describe, expect, it } from 'vitest';
import {
  doHere,
  doTogether,
  type ListBuilder,
  type ListTask,
  type ListWork,
} from '../../src/packets/list-work.ts';

/** Lists that answer with their keys, and fail without any. */
function list(pieces: number, keys: number): ListTask {
  const build = (_finishes: boolean, _pieces: number, _entries: number, asked: number): number => {
    if (asked === 0) throw new Error('no keys');
    return asked;
  };
  const engine = { build } as unknown as ListTask['engine'];
  const imports = {} as ListTask['imports'];
  return { engine, imports, finishes: false, pieces, entries: 1, keys, pass: 0 };
}

function* sum(name: string, log: string[], lists: readonly ListTask[]): ListWork<string> {
  let total = 0;
  for (const one of lists) {
    log.push(name);
    try {
      total += yield one;
    } catch (error) {
      return `${name} fails: ${(error as Error).message}`;
    }
  }
  return `${name} ${total}`;
}

/** Takes as long as it is asked whether it is done `patience` times. */
function slowBuilder(patience: number): ListBuilder & { readonly taken: number[] } {
  let task: ListTask | undefined;
  let asked = 0;
  const taken: number[] = [];
  return {
    taken,
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
      taken.push(given.pieces);
    },
    end() {
      const { engine, finishes, pieces, entries, keys, pass } = task!;
      task = undefined;
      return engine.build(finishes, pieces, entries, keys, pass);
    },
  };
}

describe('work with lists', () => {
  const works = (log: string[]): ListWork<string>[] => [
    sum('a', log, [list(1, 1), list(5000, 2), list(2, 3), list(7000, 4)]),
    sum('b', log, [list(1, 10), list(6000, 20), list(1, 30)]),
    sum('c', log, []),
  ];
  const expected = ['a 10', 'b 60', 'c 0'];

  it('is done alone', () => {
    expect(works([]).map((work) => doHere(work))).toEqual(expected);
    expect(doTogether(works([]), undefined)).toEqual(expected);
  });

  it.each([0, 1, 2, 5, 100])('is done together, with a builder of patience %d', (patience) => {
    expect(doTogether(works([]), slowBuilder(patience))).toEqual(expected);
  });

  it('goes on with others while the builder has a large list of one', () => {
    const log: string[] = [];
    const builder = slowBuilder(100);
    doTogether(works(log), builder);
    expect(builder.taken).toEqual([5000]);
    expect(log.join('')).toBe('aabbbaa');
  });

  it('takes the list back where the builder is not free', () => {
    const builder = { ...slowBuilder(0), isFree: false };
    expect(doTogether(works([]), builder)).toEqual(expected);
  });

  it('tells the work whose list cannot be built', () => {
    const failing = (): ListWork<string>[] => [sum('a', [], [list(5000, 0)]), sum('b', [], [list(2, 0)])];
    const failed = ['a fails: no keys', 'b fails: no keys'];
    expect(doTogether(failing(), slowBuilder(1))).toEqual(failed);
    expect(doTogether(failing(), undefined)).toEqual(failed);
  });
});
