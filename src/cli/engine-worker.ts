import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Engine } from '../packets/start-engine.ts';
import { type EngineThreadData, type NewEngine, state, word } from './threads/engine-words.ts';

/** A thread that builds decision lists, see `EngineThread`. It ends with its process. */
const { words, port } = workerData as EngineThreadData;
const engines: Engine[] = [];

class Full extends Error {}

function takeEngines(): void {
  for (let received = receiveMessageOnPort(port); received !== undefined;) {
    const { module, memory } = received.message as NewEngine;
    const { exports } = new WebAssembly.Instance(module, {
      env: { memory },
      imports: {
        outOfRoom: () => {
          throw new Full();
        },
        // The other thread looks where they are when it goes on.
        nodesMoved: () => undefined,
      },
    });
    engines.push(exports as Engine);
    received = receiveMessageOnPort(port);
  }
}

function build(): number {
  try {
    takeEngines();
    const engine = engines[words[word.engine]!]!;
    // The memory may have grown: its length here is the one that it had.
    engine.memory.grow(0);
    engine.build(words[word.keys]!, words[word.pass]!);
    return state.built;
  } catch (error) {
    if (error instanceof Full) return state.full;
    port.postMessage(error);
    return state.failed;
  }
}

Atomics.store(words, word.state, state.free);
for (;;) {
  const now = Atomics.load(words, word.state);
  if (now !== state.building) {
    Atomics.wait(words, word.state, now);
    continue;
  }
  Atomics.store(words, word.state, build());
  Atomics.notify(words, word.state);
}
