import { type Bdd, type Node, TERMINAL, WORD } from './bdd.ts';

/** One value of each of the first `bits` variables of a stretch from `level` on, the first in the highest of as many bits. */
export interface Cube {
  readonly level: number;
  readonly bits: number;
  readonly pattern: number;
}

/** The smallest cube of the topmost stretch of variables outside which two diagrams agree; undefined where they differ all over. */
export function differenceOf(bdd: Bdd, first: Node, second: Node): Cube | undefined {
  const level = Math.min(bdd.levelOf(first), bdd.levelOf(second));
  if (level === TERMINAL) return undefined;
  const step = bdd.stepAt(level);
  const most = bdd.bitsFrom(level);
  let a = first;
  let b = second;
  let bits = 0;
  let pattern = 0;
  for (let at = level; bits < most && Math.min(bdd.levelOf(a), bdd.levelOf(b)) === at;) {
    const together = bdd.bitsTogether(a, b);
    if (together > 0 && bdd.missAt(a, at) === bdd.missAt(b, at)) {
      const upper = bdd.levelOf(a) === at ? a : b;
      const asked = bdd.patternOf(upper) >>> (bdd.bitsOf(upper) - together);
      pattern = together === WORD ? asked : (pattern << together) | asked;
      a = bdd.afterAt(a, at, together);
      b = bdd.afterAt(b, at, together);
      bits += together;
      at += together * step;
    } else {
      const sameLow = bdd.lowAt(a, at) === bdd.lowAt(b, at);
      if (!sameLow && bdd.highAt(a, at) !== bdd.highAt(b, at)) break;
      pattern = (pattern << 1) | (sameLow ? 1 : 0);
      a = sameLow ? bdd.highAt(a, at) : bdd.lowAt(a, at);
      b = sameLow ? bdd.highAt(b, at) : bdd.lowAt(b, at);
      bits++;
      at += step;
    }
  }
  return bits === 0 ? undefined : { level, bits, pattern };
}

/** What is left of a diagram inside a cube; undefined where it asks about variables above, or between those of the cube. */
export function inside(bdd: Bdd, diagram: Node, { level, bits, pattern }: Cube): Node | undefined {
  const step = bdd.stepAt(level);
  let node = diagram;
  for (;;) {
    const own = bdd.levelOf(node);
    if (own < level) return undefined;
    if (own > level + (bits - 1) * step) return node;
    const before = own === level ? 0 : (own - level) / step;
    if (!Number.isInteger(before)) return undefined;
    const asked = bdd.bitsOf(node);
    const shared = Math.min(asked, bits - before);
    const differing = (bdd.patternOf(node) << (WORD - asked)) ^ (pattern << (WORD - bits + before));
    node = Math.clz32(differing) >= shared ? bdd.after(node, shared) : bdd.missOf(node);
  }
}

/**
 * The diagram that says `within` inside a cube and `without` outside; undefined where `without` asks about variables above, or between
 * those of the cube.
 */
export function replaced(
  bdd: Bdd,
  { level, bits, pattern }: Cube,
  within: Node,
  without: Node,
): Node | undefined {
  const step = bdd.stepAt(level);
  let fits = true;
  const place = (before: number, node: Node): Node => {
    const left = bits - before;
    if (left === 0) return within;
    const at = level + before * step;
    const own = bdd.levelOf(node);
    if (own < at) {
      fits = false;
      return node;
    }
    const wanted = pattern << (WORD - left);
    if (own > at) {
      const free = step === 0 ? 1 : Math.min(left, Math.ceil((own - at) / step));
      return bdd.chain(at, free, wanted >>> (WORD - free), node, place(before + free, node));
    }
    const asked = bdd.bitsOf(node);
    const shared = Math.min(Math.clz32((bdd.patternOf(node) << (WORD - asked)) ^ wanted), asked, left);
    if (shared > 0)
      return bdd.begun(node, shared, bdd.missOf(node), place(before + shared, bdd.after(node, shared)));
    const low = bdd.lowOf(node);
    const high = bdd.highOf(node);
    return wanted < 0
      ? bdd.node(at, low, place(before + 1, high))
      : bdd.node(at, place(before + 1, low), high);
  };
  const made = place(0, without);
  return fits ? made : undefined;
}
