import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { ListBuilder, ListTask } from '../../packets/list-work.ts';
import { type Engine, engineModule } from '../../packets/start-engine.ts';
import { type EngineThreadData, type NewEngine, state, word } from './engine-words.ts';

/**
 * Builds lists in a thread that has instances of the engines over the same memory: an engine keeps all it knows there. The thread is told
 * what to do by words of shared memory, since the caller does not return to its event loop in between.
 */
export class EngineThread implements ListBuilder {
  readonly #words = new Int32Array(new SharedArrayBuffer(word.count * 4));
  readonly #port: MessagePort;
  readonly #numbers = new Map<Engine, number>();
  #task: ListTask | undefined;

  /**
   * `program` is the file of src/cli/engine-worker.ts. Until it runs, and if it cannot, the thread is not free. Undefined where the system
   * allows no more threads.
   */
  static start(program: URL): EngineThread | undefined {
    try {
      return new EngineThread(program);
    } catch {
      return undefined;
    }
  }

  private constructor(program: URL) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: EngineThreadData = { words: this.#words, port: port2 };
    const worker = new Worker(program, { workerData, transferList: [port2] });
    // Without the thread the work is done all the same.
    worker.on('error', () => undefined);
    worker.unref();
    port1.unref();
  }

  get #state(): number {
    return Atomics.load(this.#words, word.state);
  }

  get isFree(): boolean {
    return this.#state === state.free;
  }

  get isDone(): boolean {
    return this.#state > state.building;
  }

  begin(task: ListTask): void {
    const { engine } = task;
    let number = this.#numbers.get(engine);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(engine, number);
      const message: NewEngine = { module: engineModule(), memory: engine.memory };
      this.#port.postMessage(message);
    }
    this.#task = task;
    const words = this.#words;
    words[word.engine] = number;
    words[word.keys] = task.keys;
    words[word.pass] = task.pass;
    Atomics.store(words, word.state, state.building);
    Atomics.notify(words, word.state);
  }

  end(): void {
    while (!this.isDone) Atomics.wait(this.#words, word.state, state.building);
    const outcome = this.#state;
    Atomics.store(this.#words, word.state, state.free);
    const { engine, imports } = this.#task!;
    // The memory may have grown: its buffer here is of the length that it had.
    engine.memory.grow(0);
    imports.nodesMoved(engine.nodesAt());
    if (outcome === state.full) imports.outOfRoom();
    if (outcome === state.failed) throw receiveMessageOnPort(this.#port)?.message;
  }
}
