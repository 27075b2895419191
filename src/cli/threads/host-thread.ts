import { Worker } from 'node:worker_threads';
import { type Answer, errorFrom, type Order, type Step, type Task } from './messages.ts';

/** See `lookInThreads`. */
export class LargeHost extends Error {}

interface Waiting {
  readonly take: (answer: Answer) => void;
  readonly fail: (error: Error) => void;
}

/** One thread. It answers one order after the other. */
export class HostThread {
  readonly #worker: Worker;
  #waiting: Waiting | undefined;
  #dead: Error | undefined;

  /** `program` is the file of src/cli/host-worker.ts. */
  constructor(program: URL, task: Task, step: (path: string) => void) {
    this.#worker = new Worker(program, { workerData: task });
    this.#worker.on('message', (message: Answer | Step) => {
      if (message.kind === 'step') step(message.path);
      else this.#settle(({ take }) => take(message));
    });
    const die = (error: Error): void => {
      this.#dead ??= error;
      this.#settle(({ fail }) => fail(error));
    };
    this.#worker.on('error', die);
    this.#worker.on('messageerror', die);
    this.#worker.on('exit', (code) => {
      die(new Error(`a thread ended with code ${code} before it answered`));
    });
  }

  get isAlive(): boolean {
    return this.#dead === undefined;
  }

  /** Throws what the thread threw, and `LargeHost`. */
  async ask<Kind extends Order['kind']>(
    order: Extract<Order, { kind: Kind }>,
  ): Promise<Extract<Answer, { kind: Kind }>> {
    const answer = await new Promise<Answer>((take, fail) => {
      if (this.#dead === undefined) {
        this.#waiting = { take, fail };
        this.#worker.postMessage(order);
      } else fail(this.#dead);
    });
    if (answer.kind === 'large') throw new LargeHost();
    if (answer.kind === 'failed') throw errorFrom(answer.error);
    return answer as Extract<Answer, { kind: Kind }>;
  }

  end(): void {
    void this.#worker.terminate();
  }

  #settle(how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) how(waiting);
  }
}
