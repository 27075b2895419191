import { type Bdd, FALSE, type Node, TRUE } from './bdd.ts';
import { doubled } from './doubled.ts';

/** A set as an entry of a decision list tests it: a node, or a prefix that has no nodes of its own. */
export type Test = number;

/** Prefixes are numbered from here, by `POSITIONS`: beyond every node. */
const FIRST = 2 ** 29;
/** A number for each bit that may be the next one to look at. */
const POSITIONS = 64;

/** One packet, by the values of all variables. */
export class PacketBits {
  readonly valueOf: (level: number) => boolean;
  private readonly words: (number | undefined)[] = [];

  constructor(valueOf: (level: number) => boolean) {
    this.valueOf = valueOf;
  }

  /** The 32 bits that begin at a level, each `step` levels below the one before. */
  word(first: number, step: number): number {
    let word = this.words[first];
    if (word === undefined) {
      word = 0;
      for (let i = 0; i < 32; i++) word = (word << 1) | (this.valueOf(first + i * step) ? 1 : 0);
      this.words[first] = word;
    }
    return word;
  }
}

/**
 * Tests of prefixes of up to 32 bits, next to nodes. Most rules name a network or two; as nodes each would cost a score of them, only
 * to be taken apart bit by bit again.
 */
export class Tests {
  private readonly bdd: Bdd;
  private values = new Int32Array(1 << 8);
  /** The first level, the distance from one level to the next (16 bits further up) and the number of bits (24 further up). */
  private shapes = new Int32Array(1 << 8);
  private count = 0;
  private readonly known = new Map<number, Test>();

  constructor(bdd: Bdd) {
    this.bdd = bdd;
  }

  /** The first `bits` of a field are those of `value`, its lowest number. `levels` lie at even distances. */
  prefix(levels: readonly number[], value: number, bits: number): Test {
    if (bits === 0) return TRUE;
    const step = levels.length > 1 ? levels[1]! - levels[0]! : 1;
    const left = (value << (32 - levels.length)) | 0;
    const key = ((left >>> 0) * POSITIONS + bits) * 4096 + levels[0]!;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    if (this.count === this.values.length) {
      this.values = doubled(this.values);
      this.shapes = doubled(this.shapes);
    }
    const test = FIRST + this.count * POSITIONS;
    this.values[this.count] = left;
    this.shapes[this.count] = levels[0]! | (step << 16) | (bits << 24);
    this.count++;
    this.known.set(key, test);
    return test;
  }

  levelOf(test: Test): number {
    if (test < FIRST) return this.bdd.levelOf(test);
    const shape = this.shapes[(test - FIRST) >>> 6]!;
    return (shape & 0xffff) + (test & (POSITIONS - 1)) * ((shape >> 16) & 0xff);
  }

  /** The level of a prefix's last bit; of a node its first level, which is all that is known without looking. */
  lastLevelOf(test: Test): number {
    if (test < FIRST) return this.bdd.levelOf(test);
    const shape = this.shapes[(test - FIRST) >>> 6]!;
    return (shape & 0xffff) + ((shape >>> 24) - 1) * ((shape >> 16) & 0xff);
  }

  /** The test where its first variable is as said. */
  side(test: Test, high: boolean): Test {
    if (test < FIRST) return high ? this.bdd.highOf(test) : this.bdd.lowOf(test);
    const index = (test - FIRST) >>> 6;
    const position = test & (POSITIONS - 1);
    if (this.values[index]! << position < 0 !== high) return FALSE;
    return position + 1 === this.shapes[index]! >>> 24 ? TRUE : test + 1;
  }

  holds(test: Test, packet: PacketBits): boolean {
    if (test < FIRST) return this.bdd.holds(test, packet.valueOf);
    const index = (test - FIRST) >>> 6;
    const shape = this.shapes[index]!;
    const word = packet.word(shape & 0xffff, (shape >> 16) & 0xff);
    // What lies before the test's first bit is known to hold.
    const left = test & (POSITIONS - 1);
    return ((word ^ this.values[index]!) << left) >>> (32 - ((shape >>> 24) - left)) === 0;
  }

  /** The first 32 bits of the field that a prefix test looks at. */
  wordOf(test: Test, packet: PacketBits): number {
    const shape = this.shapes[(test - FIRST) >>> 6]!;
    return packet.word(shape & 0xffff, (shape >> 16) & 0xff);
  }

  /** The test as a node. */
  node(test: Test): Node {
    return test < FIRST ? test : this.stacked(test, FALSE, TRUE);
  }

  /** How many of the next bits two prefix tests of one level ask the same of. */
  commonBits(a: Test, b: Test): number {
    const differing = this.values[(a - FIRST) >>> 6]! ^ this.values[(b - FIRST) >>> 6]!;
    return Math.min(Math.clz32(differing << (a & (POSITIONS - 1))), this.bitsLeft(a), this.bitsLeft(b));
  }

  private bitsLeft(test: Test): number {
    return (this.shapes[(test - FIRST) >>> 6]! >>> 24) - (test & (POSITIONS - 1));
  }

  /** How many bits a prefix test still looks at above a level. */
  bitsAbove(test: Test, level: number): number {
    const shape = this.shapes[(test - FIRST) >>> 6]!;
    return Math.min(this.bitsLeft(test), Math.ceil((level - this.levelOf(test)) / ((shape >> 16) & 0xff)));
  }

  /** A prefix test whose next bits are known to hold. */
  after(test: Test, bits: number): Test {
    const position = (test & (POSITIONS - 1)) + bits;
    return position === this.shapes[(test - FIRST) >>> 6]! >>> 24 ? TRUE : test + bits;
  }

  /** A prefix test, or its next `bits`, as a diagram of what lies above the level of `then`. */
  stacked(test: Test, otherwise: Node, then: Node, bits = POSITIONS): Node {
    const index = (test - FIRST) >>> 6;
    const first = test & (POSITIONS - 1);
    const shape = this.shapes[index]!;
    const step = (shape >> 16) & 0xff;
    let node = then;
    for (let position = Math.min(shape >>> 24, first + bits) - 1; position >= first; position--) {
      const level = (shape & 0xffff) + position * step;
      node =
        this.values[index]! << position < 0
          ? this.bdd.node(level, otherwise, node)
          : this.bdd.node(level, node, otherwise);
    }
    return node;
  }

  /** What a prefix test compares: the field by its first level, and the first bits, moved to the top of 32. */
  prefixOf(test: Test): { readonly field: number; readonly value: number; readonly bits: number } {
    const index = (test - FIRST) >>> 6;
    const shape = this.shapes[index]!;
    return { field: shape & 0xffff, value: this.values[index]!, bits: shape >>> 24 };
  }

  isPrefix(test: Test): boolean {
    return test >= FIRST;
  }

  isLeaf(test: Test): boolean {
    return test < FIRST && this.bdd.isLeaf(test);
  }
}
