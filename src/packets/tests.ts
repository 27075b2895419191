import { type Bdd, FALSE, type Node, TRUE } from './bdd.ts';
import { doubled } from './doubled.ts';
import type { Interval, IntervalSet } from './interval.ts';
import { ServiceTests } from './service-tests.ts';

/**
 * A set as an entry of a decision list tests it: a node, a prefix that has no nodes of its own, or ports that have none (`ServiceTests`),
 * which are told by key or become nodes before lists are built.
 */
export type Test = number;

/** Prefixes are numbered from here, by `POSITIONS`: beyond every node. */
const FIRST = 2 ** 29;
/** Services are numbered from here: beyond every prefix. */
const SERVICES = 2 ** 30;
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
  /** Open-addressed hash of prefixes by their number plus 1; 0 is empty. */
  private known = new Int32Array(1 << 9);
  private readonly services: ServiceTests;

  constructor(bdd: Bdd) {
    this.bdd = bdd;
    this.services = new ServiceTests(bdd);
  }

  /** The first `bits` of a field are those of `value`, its lowest number. `levels` lie at even distances. */
  prefix(levels: readonly number[], value: number, bits: number): Test {
    if (bits === 0) return TRUE;
    const step = levels.length > 1 ? levels[1]! - levels[0]! : 1;
    const left = (value << (32 - levels.length)) | 0;
    const shape = levels[0]! | (step << 16) | (bits << 24);
    const mask = this.known.length - 1;
    let slot = prefixHash(left, shape) & mask;
    for (let at = this.known[slot]!; at !== 0; at = this.known[slot]!) {
      if (this.values[at - 1] === left && this.shapes[at - 1] === shape) return FIRST + (at - 1) * POSITIONS;
      slot = (slot + 1) & mask;
    }
    if (this.count === this.values.length) {
      this.values = doubled(this.values);
      this.shapes = doubled(this.shapes);
    }
    const test = FIRST + this.count * POSITIONS;
    this.values[this.count] = left;
    this.shapes[this.count] = shape;
    this.known[slot] = ++this.count;
    if (this.count * 2 > this.known.length) this.rehash();
    return test;
  }

  private rehash(): void {
    this.known = new Int32Array(this.known.length * 2);
    const mask = this.known.length - 1;
    for (let at = 0; at < this.count; at++) {
      let slot = prefixHash(this.values[at]!, this.shapes[at]!) & mask;
      while (this.known[slot] !== 0) slot = (slot + 1) & mask;
      this.known[slot] = at + 1;
    }
  }

  /** The port, by its `levels`, lies in `values`; both the same as in `ServiceTests.ports`. */
  ports(levels: readonly number[], values: IntervalSet): Test {
    return SERVICES + this.services.ports(levels, values);
  }

  isService(test: Test): boolean {
    return test >= SERVICES;
  }

  /** A service where a set holds too. */
  serviceWith(test: Test, besides: Node): Test {
    return SERVICES + this.services.with(test - SERVICES, besides);
  }

  /** What a service asks of the port, and of all else. */
  serviceOf(test: Test): { readonly ports: readonly Interval[]; readonly besides: Node } {
    const service = test - SERVICES;
    return { ports: this.services.portsOf(service), besides: this.services.besides(service) };
  }

  levelOf(test: Test): number {
    if (test < FIRST) return this.bdd.levelOf(test);
    const shape = this.shapes[(test - FIRST) >>> 6]!;
    return (shape & 0xffff) + (test & (POSITIONS - 1)) * ((shape >> 16) & 0xff);
  }

  /** The level of a prefix's last bit; of a node the last of those that it asks about at once. */
  lastLevelOf(test: Test): number {
    const { bdd } = this;
    if (test < FIRST) return bdd.levelOf(test) + (bdd.bitsOf(test) - 1) * bdd.stepOf(test);
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
    if (test >= SERVICES) {
      const { services } = this;
      const port = packet.word(services.firstLevel, services.step) >>> 16;
      const service = test - SERVICES;
      return services.holds(service, port) && this.bdd.holds(services.besides(service), packet.valueOf);
    }
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
    if (test < FIRST) return test;
    return test < SERVICES ? this.stacked(test, FALSE, TRUE) : this.services.node(test - SERVICES);
  }

  /** The bits that a test asks about at once, from the highest of the word on; others are 0. */
  patternOf(test: Test): number {
    if (test < FIRST) return this.bdd.patternOf(test) << (32 - this.bdd.bitsOf(test));
    return this.values[(test - FIRST) >>> 6]! << (test & (POSITIONS - 1));
  }

  /** How many bits a test asks about at once. */
  bitsOf(test: Test): number {
    if (test < FIRST) return this.bdd.bitsOf(test);
    return (this.shapes[(test - FIRST) >>> 6]! >>> 24) - (test & (POSITIONS - 1));
  }

  /** How far it is from each of them to the next; nothing is said of a single one. */
  stepOf(test: Test): number {
    if (test < FIRST) return this.bdd.stepOf(test);
    return (this.shapes[(test - FIRST) >>> 6]! >> 16) & 0xff;
  }

  /** A test where the next of these bits are as it asks. */
  after(test: Test, bits: number): Test {
    if (test < FIRST) return this.bdd.after(test, bits);
    const position = (test & (POSITIONS - 1)) + bits;
    return position === this.shapes[(test - FIRST) >>> 6]! >>> 24 ? TRUE : test + bits;
  }

  /** What is left of a test where they are not. */
  missOf(test: Test): Test {
    return test < FIRST ? this.bdd.missOf(test) : FALSE;
  }

  /** A prefix test, or its next `bits`, as a diagram of what lies above the level of `then`. */
  stacked(test: Test, otherwise: Node, then: Node, bits = POSITIONS): Node {
    const index = (test - FIRST) >>> 6;
    const first = test & (POSITIONS - 1);
    const count = Math.min((this.shapes[index]! >>> 24) - first, bits);
    const pattern = (this.values[index]! << first) >>> (32 - count);
    return this.bdd.chain(this.levelOf(test), count, pattern | 0, otherwise, then);
  }

  /** What a prefix test compares: the field by its first level, and the first bits, moved to the top of 32. */
  prefixOf(test: Test): { readonly field: number; readonly value: number; readonly bits: number } {
    const index = (test - FIRST) >>> 6;
    const shape = this.shapes[index]!;
    return { field: shape & 0xffff, value: this.values[index]!, bits: shape >>> 24 };
  }

  isPrefix(test: Test): boolean {
    return test >= FIRST && test < SERVICES;
  }

  isLeaf(test: Test): boolean {
    return test < FIRST && this.bdd.isLeaf(test);
  }
}

function prefixHash(value: number, shape: number): number {
  let hash = Math.imul(value, 0x9e3779b1) ^ Math.imul(shape, 0x85ebca6b);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 4;
}
