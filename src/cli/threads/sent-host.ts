import type { HostResults } from '../../host-results.ts';
import type { RowCut } from '../../report/lazy-row.ts';
import { type RowPart, type RowParts, unpackRow } from '../../report/packed-row.ts';
import type { Exposure } from '../../report/report.ts';
import type { Source } from '../../source/source.ts';
import type { AskedPart, PackedResults } from './messages.ts';

/** Stands for a part until it is there. */
const placeholders: RowParts = {
  from: [],
  rules: [],
  toSome: false,
  leadingRule: undefined,
  lastRule: undefined,
  fields: undefined,
};

/** A host that another thread looked at, with those parts of its rows that have been asked for so far. */
export class SentHost {
  readonly results: PackedResults;
  /** Of each row; a missing part that was asked for is undefined. */
  readonly #parts: Map<string, { readonly value: unknown } | undefined>[];
  #missing: AskedPart[] = [];
  #complete = false;

  constructor(results: PackedResults) {
    this.results = results;
    this.#parts = results.rows.map(() => new Map());
    for (const { row, part, value } of results.parts) this.#parts[row]!.set(keyOf(part), { value });
  }

  /** Parts that were asked for and are not there, in the order in which they were asked for. */
  get missing(): readonly AskedPart[] {
    return this.#missing;
  }

  /** Rows whose missing parts are empty. Made anew for each use: who met an empty part may remember what followed from it. */
  rows(firstInput: number): readonly Exposure[] {
    return this.results.rows.map((packed, row) =>
      unpackRow(packed, firstInput + packed.row.input, (name, cut) => this.#part(row, name, cut)),
    );
  }

  /** What the thread found of the missing parts. */
  add(found: readonly unknown[]): void {
    this.#missing.forEach(({ row, part, cut }, i) =>
      this.#parts[row]!.set(keyOf(part, cut), { value: found[i] }),
    );
    this.#missing = [];
  }

  /** From now on a missing part is a bug. */
  finish(): void {
    this.#complete = true;
  }

  #part<Name extends RowPart>(row: number, name: Name, cut?: RowCut): RowParts[Name] {
    const parts = this.#parts[row]!;
    const key = keyOf(name, cut);
    const found = parts.get(key);
    if (found !== undefined) return found.value as RowParts[Name];
    if (this.#complete) throw new Error(`the ${name} of a row was asked for after its report was made`);
    if (!parts.has(key)) {
      parts.set(key, undefined);
      this.#missing.push({ row, part: name, ...(cut === undefined ? {} : { cut }) });
    }
    return placeholders[name];
  }
}

function keyOf(part: RowPart, cut?: RowCut): string {
  return cut === undefined
    ? part
    : `${part} ${String(cut.ports)} ${String(cut.protocols)} ${String(cut.sources)}`;
}

/** As if one thread had looked at all of them. */
export function joined(hosts: readonly SentHost[], sources: readonly Source[]): HostResults {
  const results = hosts.map((host) => host.results);
  const all = <T>(of: (one: PackedResults) => readonly T[]): readonly T[] => results.flatMap(of);
  const inputs: HostResults['inputs'][number][] = [];
  const exposures: Exposure[] = [];
  for (const host of hosts) {
    const first = inputs.length;
    for (const row of host.rows(first)) exposures.push(row);
    for (const input of host.results.inputs) inputs.push({ ...input, host: first + input.host });
  }
  return {
    inputs,
    exposures,
    uselessRules: all((one) => one.uselessRules),
    assumptions: all((one) => one.assumptions),
    diagnostics: {
      // Every thread has read the same files beside its inputs.
      beside: results[0]?.diagnostics.beside ?? [],
      reading: all((one) => one.diagnostics.reading),
      references: all((one) => one.diagnostics.references),
      evaluating: all((one) => one.diagnostics.evaluating),
      searching: all((one) => one.diagnostics.searching),
    },
    sources,
    nodes: () => 0,
  };
}
