import { type Bdd, FALSE, type Node, TRUE, WORD } from './bdd.ts';
import type { Interval, IntervalSet } from './interval.ts';
import type { PortKeys } from './port-keys.ts';
import { ServiceTests } from './service-tests.ts';

/** A set as an entry of a decision list tests it: a node, or ports that have none (`ServiceTests`) until somebody needs it. */
export type Test = number;

/** Services are numbered from here: beyond every node. */
const SERVICES = 2 ** 30;

/** One packet, by the values of all variables. */
export class PacketBits {
  readonly valueOf: (level: number) => boolean;
  /** Where the words that have been asked for begin, and what they are: a few. */
  private readonly firsts: number[] = [];
  private readonly words: number[] = [];
  private known: number | undefined;

  constructor(valueOf: (level: number) => boolean) {
    this.valueOf = valueOf;
  }

  /** Its key. All lists that a packet is looked up in share their keys. */
  key(keys: PortKeys): number {
    return (this.known ??= keys.keyOf(this.valueOf));
  }

  /** The 32 bits that begin at a level, each `step` levels below the one before. */
  word(first: number, step: number): number {
    const { firsts, words } = this;
    for (let i = 0; i < firsts.length; i++) if (firsts[i] === first) return words[i]!;
    let word = 0;
    for (let i = 0; i < 32; i++) word = (word << 1) | (this.valueOf(first + i * step) ? 1 : 0);
    firsts.push(first);
    words.push(word);
    return word;
  }
}

/** What entries of decision lists ask. */
export class Tests {
  private readonly bdd: Bdd;
  /** Levels of fields that prefixes are of. */
  private readonly ofNetworks = new Set<number>();
  private readonly services: ServiceTests;

  constructor(bdd: Bdd) {
    this.bdd = bdd;
    this.services = new ServiceTests(bdd);
  }

  /** The first `bits` of a field of at most 32 are those of `value`, its lowest number. */
  prefix(levels: readonly number[], value: number, bits: number): Test {
    if (bits === 0) return TRUE;
    if (!this.ofNetworks.has(levels[0]!)) for (const level of levels) this.ofNetworks.add(level);
    return this.bdd.chain(levels[0]!, bits, value >>> (levels.length - bits), FALSE, TRUE);
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

  holds(test: Test, packet: PacketBits): boolean {
    const { bdd } = this;
    if (test >= SERVICES) {
      const { services } = this;
      const port = packet.word(services.firstLevel, services.step) >>> 16;
      const service = test - SERVICES;
      return services.holds(service, port) && bdd.holds(services.besides(service), packet.valueOf);
    }
    if (!this.isPrefix(test)) return bdd.holds(test, packet.valueOf);
    const { value, bits } = this.prefixOf(test);
    return (this.wordOf(test, packet) ^ value) >>> (WORD - bits) === 0;
  }

  /** The first 32 bits of the field that a prefix test looks at. */
  wordOf(test: Test, packet: PacketBits): number {
    return packet.word(this.bdd.levelOf(test), this.bdd.stepOf(test));
  }

  /** The test as a node. */
  node(test: Test): Node {
    return test < SERVICES ? test : this.services.node(test - SERVICES);
  }

  /** What a prefix test compares: the field by its first level, and the first bits, from the highest of 32 on. */
  prefixOf(test: Test): { readonly field: number; readonly value: number; readonly bits: number } {
    const { bdd } = this;
    return { field: bdd.levelOf(test), value: bdd.patternAfter(test, 0), bits: bdd.bitsOf(test) };
  }

  isPrefix(test: Test): boolean {
    const { bdd } = this;
    return test < SERVICES && bdd.isPattern(test) && this.ofNetworks.has(bdd.levelOf(test));
  }
}
