/**
 * The values of a name field as small numbers. Names that no rule tells apart share a class, so a handful of bits hold every
 * interface there can be: each mentioned name is a class, each mentioned prefix is the class of all other names whose longest
 * mentioned prefix it is, and the last class is every other name.
 */
export interface NamePattern {
  readonly name: string;
  /** True: every name that starts with `name`. */
  readonly prefix: boolean;
}

export class NameTable {
  readonly bits: number;
  /** Exact names first, then prefix classes, then (unless closed) the rest. */
  readonly classes: readonly NameClass[];
  private readonly exact = new Map<string, number>();
  private readonly closed: boolean;

  /** `closed`: no other names than the mentioned ones exist (Windows' three profiles). */
  constructor(patterns: Iterable<NamePattern>, closed = false) {
    const names = new Set<string>();
    const prefixes = new Set<string>();
    for (const { name, prefix } of patterns) {
      if (!prefix) names.add(name);
      else if (name !== '') prefixes.add(name);
    }
    const classes: NameClass[] = [];
    for (const name of [...names].sort()) {
      this.exact.set(name, classes.length);
      classes.push({ kind: 'name', name });
    }
    this.closed = closed && classes.length > 0;
    if (!this.closed) {
      // Longest first, so that a name's class is the first that fits.
      const ordered = [...prefixes].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
      for (const name of ordered) classes.push({ kind: 'prefix', name });
      classes.push({ kind: 'other' });
    }
    this.classes = classes;
    this.bits = classes.length <= 1 ? 0 : 32 - Math.clz32(classes.length - 1);
  }

  /** The class that a concrete name belongs to. */
  classOf(name: string): number {
    const exact = this.exact.get(name);
    if (exact !== undefined) return exact;
    const found = this.classes.findIndex(
      (c) => c.kind === 'other' || (c.kind === 'prefix' && name.startsWith(c.name)),
    );
    return found === -1 ? this.classes.length - 1 : found;
  }

  /** The classes all of whose names fit the pattern; the pattern must be one the table was made of. */
  classesOf({ name, prefix }: NamePattern): number[] {
    if (!prefix) {
      const exact = this.exact.get(name);
      return exact === undefined ? [] : [exact];
    }
    const found: number[] = [];
    this.classes.forEach((c, index) => {
      if (c.kind === 'other' ? name === '' : c.name.startsWith(name)) found.push(index);
    });
    return found;
  }

  /** The numbers that encode a class: one, but for the last class, which takes all that are left so that no number is without meaning. */
  codes(index: number): readonly [from: number, to: number] {
    return index === this.classes.length - 1 ? [index, 2 ** this.bits - 1] : [index, index];
  }

  /** A name of the class, one that no rule mentions where there is such a choice. */
  example(index: number, ofOther: string): string {
    const found = this.classes[index];
    if (found?.kind === 'name') return found.name;
    const stem = found?.kind === 'prefix' ? found.name : '';
    if (stem === '' && this.classOf(ofOther) === index) return ofOther;
    // Only finitely many names are mentioned, so some character leads away from all of them.
    for (let code = FIRST_TRIED; ; code++) {
      const name = `${stem}${String.fromCodePoint(code)}`;
      if (this.classOf(name) === index) return name;
    }
  }
}

/** `0`; digits first, as in `eth0`. */
const FIRST_TRIED = 0x30;

export type NameClass =
  { readonly kind: 'name' | 'prefix'; readonly name: string } | { readonly kind: 'other' };
