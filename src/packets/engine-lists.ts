import { type Node, OTHER_LEAVES } from './node-table.ts';
import type { DecisionList } from './decision-list.ts';
import type { ListTask } from './list-work.ts';
import type { Engine, EngineImports } from './start-engine.ts';

/** What becomes of each leaf in a list's result: a leaf or a constant. Leaves of values from `OTHER_LEAVES` on stay as they are. */
export type Finish = (leaf: Node) => Node;

/** A list with the keys of its pieces in order. */
export interface SortedList {
  readonly byStart: Float64Array;
  readonly byEnd: Float64Array;
  readonly list: DecisionList;
}

/** The lists of one engine: what they lead to decides which earlier results hold for the next. */
export class EngineLists {
  private readonly engine: Engine;
  private readonly imports: EngineImports;
  private readonly leaf: (value: number) => Node;
  /** Of the lists that do not finish, and of those that do. */
  private pass: Node | undefined;
  private finishedPass: Node | undefined;
  private latest: Finish | undefined;

  constructor(engine: Engine, imports: EngineImports, leaf: (value: number) => Node) {
    this.engine = engine;
    this.imports = imports;
    this.leaf = leaf;
  }

  /**
   * Begins a task of lists with these `finishes`: one function, or undefined, or both. `leaves`: those that entries lead to, as
   * `NodeTable.leavesBelow`.
   */
  begin(finishes: ReadonlySet<Finish | undefined>, keys: number, pass: Node, leaves: number): ListTask {
    const { engine, imports } = this;
    let before: Finish | undefined;
    for (const finish of finishes) {
      if (finish !== undefined) {
        if (before !== undefined) throw new Error('lists that finish differently cannot be built together');
        before = finish;
        this.take(finish, pass, leaves);
      } else if (this.pass !== pass) {
        engine.resetLists(false, pass);
        this.pass = pass;
      }
    }
    engine.beginTask();
    return { engine, imports, keys, pass };
  }

  /**
   * Adds a list, of which the first entry that decides a packet counts. `byStart` and `byEnd`: sorted, the first key and the last key of
   * each piece, see `DecisionLists`.
   */
  add({ byStart, byEnd, list }: SortedList, finishes: boolean): void {
    const { engine } = this;
    const pieces = list.items.length;
    const entries = list.outcomes.length;
    const tests = list.tests.length;
    const input = engine.addList(finishes, pieces, entries, tests);
    const { buffer } = engine.memory;
    const keysOfPieces = new Float64Array(buffer, input, pieces * 2);
    keysOfPieces.set(byStart);
    keysOfPieces.set(byEnd, pieces);
    const rest = new Int32Array(buffer, input + keysOfPieces.byteLength, pieces * 2 + entries * 2 + tests);
    let at = 0;
    for (const words of [list.items, list.entries, list.ends, list.outcomes, list.tests]) {
      rest.set(words, at);
      at += words.length;
    }
  }

  /**
   * Of the task's lists, `count` in all: the first key and the diagram of each run of the keys from 0 to `keys - 1`, in turn; and of each
   * list how many runs it has together with those before it.
   */
  built(count: number): { readonly ends: Int32Array; readonly runs: Int32Array } {
    const { engine } = this;
    const { buffer } = engine.memory;
    const ends = new Int32Array(buffer, engine.endsAt(), count);
    return { ends, runs: new Int32Array(buffer, engine.runsAt(), (ends.at(-1) ?? 0) * 2) };
  }

  /** Which leaves become the same in the result. */
  private take(finish: Finish, pass: Node, leaves: number): void {
    const { engine } = this;
    if (this.latest !== finish || this.finishedPass !== pass) engine.resetLists(true, pass);
    this.latest = finish;
    this.finishedPass = pass;
    const becomes: (readonly [value: number, result: Node])[] = [];
    for (let value = 0; value < OTHER_LEAVES; value++)
      if ((leaves >> value) & 1) becomes.push([value, finish(this.leaf(value))]);
    for (const [value, own] of becomes) {
      let alike = 0;
      for (const [other, result] of becomes) if (result === own) alike |= 1 << other;
      engine.setFinished(value, own);
      engine.setAlike(true, value, alike);
    }
  }
}
