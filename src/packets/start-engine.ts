import { engineCode } from '../generated/engine.ts';

/** What the engine in `engine/` exports, see there. Addresses are bytes of its memory. */
export interface Engine {
  readonly memory: WebAssembly.Memory;
  begin(maxNodes: number, expected: number): void;
  stretch(first: number, step: number, bits: number): void;
  allow(maxNodes: number): void;
  size(): number;
  newLeaf(value: number): number;
  node(level: number, low: number, high: number): number;
  chain(level: number, bits: number, pattern: number, miss: number, match: number): number;
  like(node: number, miss: number, match: number): number;
  begun(node: number, bits: number, miss: number, match: number): number;
  after(node: number, bits: number): number;
  combine(operation: number, a: number, b: number): number;
  resetLists(finishes: boolean, pass: number): void;
  setFinished(value: number, result: number): void;
  setAlike(finishes: boolean, value: number, leaves: number): void;
  beginTask(): void;
  addList(finishes: boolean, pieces: number, entries: number, tests: number): number;
  build(keys: number, pass: number): void;
  endsAt(): number;
  runsAt(): number;
  nodesAt(): number;
  leaveOut(level: number): void;
  newProjection(filter: number, lastSource: number): number;
  sources(projection: number, set: number): number;
  share(projection: number, set: number): number;
  shareWithin(projection: number, set: number, ranges: number): number;
  paths(set: number): number;
}

/** What the engine asks for, see `engine/imports.ts`. */
export interface EngineImports {
  outOfRoom(): void;
  nodesMoved(start: number): void;
}

/** 4 GB, in pages of 64 KB: as much as an engine can have. */
const MOST_PAGES = 65536;

let module: WebAssembly.Module | undefined;

/** Thrown where the machine forbids what every engine needs. `main.ts` tells it by its name. */
class NoAddressSpace extends Error {
  override readonly name = 'NoAddressSpace';

  constructor() {
    super(
      'packet sets need 10 GB of address space each (V8 reserves it for WebAssembly, and uses little of it), and a limit forbids it; ' +
        'lift that limit (ulimit -v unlimited)',
    );
  }
}

export function engineModule(): WebAssembly.Module {
  return (module ??= new WebAssembly.Module(Buffer.from(engineCode, 'base64')));
}

/** An engine of its own, without nodes. */
export function startEngine(imports: EngineImports): Engine {
  const { exports } = new WebAssembly.Instance(engineModule(), {
    env: { memory: newMemory() },
    imports,
  });
  return exports as Engine;
}

/** Shared, though no other thread sees it: V8 takes what plain memory takes for garbage that may be waiting, and looks for it. */
function newMemory(): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  } catch (error) {
    if (error instanceof RangeError) throw new NoAddressSpace();
    throw error;
  }
}
