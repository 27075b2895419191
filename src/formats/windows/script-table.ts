import type { ScriptValue } from './script-values.ts';

/** A hashtable: an object that changes, and that several variables may hold. Keys in lower case. */
export class ScriptTable {
  readonly kind = 'hash';
  /** It stands in a list or was handed on, so that it may be reached by other ways than the variables that hold it. */
  isShared = false;
  #entries: Map<string, ScriptValue> | undefined;

  constructor(entries: ReadonlyMap<string, ScriptValue>) {
    this.#entries = new Map(entries);
  }

  /** Undefined once only a run could tell what is in it. */
  get entries(): ReadonlyMap<string, ScriptValue> | undefined {
    return this.#entries;
  }

  set(key: string, value: ScriptValue): void {
    this.#entries?.set(key.toLowerCase(), value);
  }

  delete(key: string): void {
    this.#entries?.delete(key.toLowerCase());
  }

  forget(): void {
    this.#entries = undefined;
  }
}
