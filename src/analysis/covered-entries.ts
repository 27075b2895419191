import { TRUE } from '../packets/bdd.ts';
import type { Test, Tests } from '../packets/tests.ts';
import type { ChainEntry } from './chain-entries.ts';

/** Values of prefixes of one length. */
interface Networks {
  readonly bits: number;
  readonly mask: number;
  readonly values: Set<number>;
}

/**
 * The entries without those for whose packets one earlier entry decides already, one that asks for a network and at most one thing
 * more. Where lists are long and block whole networks early on, these are most; carrying them along costs more than anything else.
 */
export function withoutCovered(entries: readonly ChainEntry[], tests: Tests): readonly ChainEntry[] {
  /** Networks by what else is tested: one other test, or none. */
  const decided = new Map<Test, Map<number, Networks[]>>();
  const isAmong = (test: Test, other: Test): boolean => {
    const fields = decided.get(other);
    if (fields === undefined) return false;
    const { field, value, bits } = tests.prefixOf(test);
    for (const networks of fields.get(field) ?? [])
      if (networks.bits <= bits && networks.values.has(value & networks.mask)) return true;
    return false;
  };
  const isDecided = (all: readonly Test[]): boolean => {
    if (decided.size === 0) return false;
    for (const test of all) {
      if (!tests.isPrefix(test)) continue;
      if (isAmong(test, NONE)) return true;
      for (const other of all) if (isAmong(test, other)) return true;
    }
    return false;
  };
  const decide = (test: Test, other: Test): void => {
    const { field, value, bits } = tests.prefixOf(test);
    const fields = entryOf(decided, other, () => new Map<number, Networks[]>());
    const networks = entryOf(fields, field, () => []);
    let known = networks.find((one) => one.bits === bits);
    if (known === undefined)
      networks.push((known = { bits, mask: -1 << (32 - bits), values: new Set<number>() }));
    known.values.add(value);
  };
  const kept: ChainEntry[] = [];
  for (const entry of entries) {
    if (isDecided(entry.tests)) continue;
    kept.push(entry);
    if (entry.outcome.kind !== 'verdict') continue;
    // Nothing gets past an entry without a test.
    if (entry.tests.length === 0) break;
    if (entry.tests.length > 2) continue;
    const first = entry.tests[0]!;
    const second = entry.tests[1] ?? NONE;
    const isFirst = tests.isPrefix(first);
    if (isFirst !== tests.isPrefix(second)) decide(isFirst ? first : second, isFirst ? second : first);
  }
  return kept;
}

const NONE: Test = TRUE;

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
