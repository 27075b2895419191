/** Arrays of this many bytes and more are large. */
const LARGE = 1 << 22;

/**
 * Arrays of zeros for the tables of diagrams. Large ones lie in shared memory, though no other thread sees them: V8 counts what plain
 * ones take as garbage that may be waiting, and looked for it five times during an audit of 100,000 rules (12 % of the time).
 */
export function int32s(length: number): Int32Array {
  return length * 4 < LARGE ? new Int32Array(length) : new Int32Array(new SharedArrayBuffer(length * 4));
}

/** An array twice as long that begins with what the old one holds. */
export function doubled(old: Int32Array): Int32Array {
  const larger = int32s(old.length * 2);
  larger.set(old);
  return larger;
}
