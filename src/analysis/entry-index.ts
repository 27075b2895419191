import type { Node } from '../packets/bdd.ts';
import type { PortKeys } from '../packets/port-keys.ts';
import type { PacketBits, Test, Tests } from '../packets/tests.ts';
import type { ChainEntry } from './chain-entries.ts';

/** Entries by the first bits of one field, for one number of bits. */
interface Networks {
  /** Any of the tests that look at this field. */
  readonly sample: Test;
  readonly mask: number;
  /** Ascending places in the list, by the value of the first bits. */
  readonly places: Map<number, number[]>;
}

/**
 * Finds the entries of a list that one packet matches without trying all of them: an entry that asks for networks is looked up by the
 * longest of their prefixes.
 */
export class EntryIndex {
  private readonly entries: readonly ChainEntry[];
  private readonly tests: Tests;
  private readonly networks: readonly Networks[];
  /** Ascending places of entries that ask for no network, by what they ask of the key: a service, that many ask for. */
  private readonly others = new Map<Node, number[]>();
  private readonly keys: PortKeys;
  /** What may hold for keys of each block; of each class of protocols, where blocks are too many; anywhere. */
  private readonly blocks = new Map<number, Node[]>();
  private readonly classes = new Map<number, Node[]>();
  private readonly wide: Node[] = [];

  constructor(entries: readonly ChainEntry[], tests: Tests, keys: PortKeys) {
    this.entries = entries;
    this.tests = tests;
    this.keys = keys;
    const networks = new Map<number, Networks>();
    entries.forEach((entry, place) => {
      const longest = longestPrefix(entry.tests, tests);
      if (longest === undefined) {
        addTo(this.others, keys.separated(entry.tests, tests)[0], place);
        return;
      }
      const { field, value, bits } = tests.prefixOf(longest);
      const key = field * 64 + bits;
      let found = networks.get(key);
      if (found === undefined) {
        found = { sample: longest, mask: -1 << (32 - bits), places: new Map() };
        networks.set(key, found);
      }
      addTo(found.places, value, place);
    });
    this.networks = [...networks.values()];
    for (const test of this.others.keys()) this.addToBlocks(test);
  }

  private addToBlocks(test: Node): void {
    const blocks = new Set<number>();
    const classes = new Set<number>();
    for (const { from, to } of this.keys.cut(test)) {
      const last = Math.floor(to / BLOCK);
      for (let block = Math.floor(from / BLOCK); block <= last && blocks.size <= MOST_BLOCKS; block++)
        blocks.add(block);
      const lastClass = this.keys.classOf(to);
      for (let one = this.keys.classOf(from); one <= lastClass; one++) classes.add(one);
    }
    if (blocks.size <= MOST_BLOCKS) for (const block of blocks) addTo(this.blocks, block, test);
    else if (classes.size <= MOST_CLASSES) for (const one of classes) addTo(this.classes, one, test);
    else this.wide.push(test);
  }

  /** The entries that the packet matches, in order, for as long as they are asked for. */
  *matches(packet: PacketBits): Generator<ChainEntry> {
    const { entries, tests } = this;
    const lists: (readonly number[])[] = [];
    const key = packet.key(this.keys);
    const ofClass = this.classes.get(this.keys.classOf(key)) ?? [];
    for (const some of [this.wide, ofClass, this.blocks.get(Math.floor(key / BLOCK)) ?? []])
      for (const test of some) if (tests.holds(test, packet)) lists.push(this.others.get(test)!);
    for (const { sample, mask, places } of this.networks) {
      const found = places.get(tests.wordOf(sample, packet) & mask);
      if (found !== undefined) lists.push(found);
    }
    for (let from = 0; ;) {
      let first = entries.length;
      for (const places of lists) {
        for (let i = firstAtLeast(places, from); i < places.length && places[i]! < first; i++)
          if (allHold(entries[places[i]!]!.tests, packet, tests)) first = places[i]!;
      }
      if (first === entries.length) return;
      yield entries[first]!;
      from = first + 1;
    }
  }
}

/** Keys of one block. */
const BLOCK = 64;
/** Tests that may hold in more blocks than this are kept by class, and in more classes than this are asked of every packet. */
const MOST_BLOCKS = 64;
const MOST_CLASSES = 4;

function addTo(lists: Map<number, number[]>, key: number, place: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [place]);
  else list.push(place);
}

/** Tests of networks, which are last in an entry and quick to make, tell most packets apart. */
function allHold(all: readonly Test[], packet: PacketBits, tests: Tests): boolean {
  for (let i = all.length - 1; i >= 0; i--) if (!tests.holds(all[i]!, packet)) return false;
  return true;
}

function longestPrefix(all: readonly Test[], tests: Tests): Test | undefined {
  let longest: Test | undefined;
  let most = 0;
  for (const test of all) {
    if (!tests.isPrefix(test)) continue;
    const { bits } = tests.prefixOf(test);
    if (bits > most) [longest, most] = [test, bits];
  }
  return longest;
}

/** The index of the first number that is `least` or more; the numbers ascend. */
function firstAtLeast(numbers: readonly number[], least: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
