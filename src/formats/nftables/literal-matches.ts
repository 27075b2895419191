import type { LiteralTests } from '../../../grammars/nftables/literal-tests.ts';
import { type AddressTest, type Match, NetworkTest, not, type NumberTest } from '../../model/match.ts';
import type { AddressField } from '../../packets/fields.ts';
import { plainNetwork } from '../../packets/plain-network.ts';

/** So many bits of a network's hash say where it is remembered. */
const networkBits = 10;
const rememberedNetworks = 2 ** networkBits;
const rememberedTexts = 8192;

/**
 * The matches of comparisons that are alike up to the literal. Numbers and networks of IPv4, which nearly all literals of a large file
 * are, are found again by their value, and no string is made of them.
 */
export class LiteralMatches {
  private readonly tests: LiteralTests;
  private readonly sample: Match;
  /** Of tests of addresses: what they test. */
  private readonly address: AddressField | undefined;
  private readonly lower: (written: string) => Match | undefined;
  /** Undefined: one that another way of lowering must be asked for. */
  private readonly numbers = new Map<number, Match | undefined>();
  private readonly texts = new Map<string, Match | undefined>();
  /** Once one literal was lowered to just the network that it names, as all are then. */
  private networks: (Match | undefined)[] | undefined;
  private readonly places = new Float64Array(rememberedNetworks);

  /** `sample`: the match of one literal, which is fillable; `lower` says what others come to, if there is nothing to say of them. */
  constructor(tests: LiteralTests, sample: Match, lower: (written: string) => Match | undefined) {
    this.tests = tests;
    this.sample = sample;
    const test = testOf(sample);
    this.address = test?.kind === 'address' ? test.field : undefined;
    this.lower = lower;
  }

  /** The match of the literal at `[start, end)`; undefined if it is none that may stand where the sample stands. */
  of(text: string, start: number, end: number): Match | undefined {
    const number = plainNumber(text, start, end);
    if (number >= 0) {
      let match = this.numbers.get(number);
      if (match === undefined && !this.numbers.has(number)) {
        match = this.lowered(text.slice(start, end));
        this.numbers.set(number, match);
      }
      return match;
    }
    const network = this.address !== undefined ? plainNetwork(text, start, end) : -1;
    if (network >= 0 && this.networks !== undefined) return this.network(this.networks, network);
    const written = text.slice(start, end);
    let match = this.texts.get(written);
    if (match === undefined && !this.texts.has(written)) {
      match = this.lowered(written);
      if (this.texts.size >= rememberedTexts) this.texts.clear();
      this.texts.set(written, match);
      if (network >= 0 && this.isNetwork(match, network))
        this.networks = new Array<Match | undefined>(rememberedNetworks).fill(undefined);
    }
    return match;
  }

  /** Whether the matches may stand where this one stands. */
  hasLike(match: Match): boolean {
    return isLike(match, this.sample);
  }

  private lowered(written: string): Match | undefined {
    const match = this.lower(written);
    return match !== undefined && this.hasLike(match) ? match : undefined;
  }

  private isNetwork(match: Match | undefined, network: number): boolean {
    const { relation } = this.tests;
    if (match === undefined || (relation !== 'implicit' && relation !== '==' && relation !== '!='))
      return false;
    const test = testOf(match);
    if (test?.kind !== 'address' || test.family !== 'ipv4' || test.ranges.length !== 1) return false;
    const [named] = NetworkTest.of(test.field, network).ranges;
    const [range] = test.ranges;
    return range![0] === named![0] && range![1] === named![1];
  }

  private network(networks: (Match | undefined)[], network: number): Match {
    // Divided and cut to 32 bits, since remainders of large numbers take longer than all else here.
    const place = Math.imul((network / 64) ^ network, 0x9e3779b1) >>> (32 - networkBits);
    let match = networks[place];
    if (match === undefined || this.places[place] !== network) {
      const test = NetworkTest.of(this.address!, network);
      match = this.sample.kind === 'not' ? not(test) : test;
      networks[place] = match;
      this.places[place] = network;
    }
    return match;
  }
}

/** Whether matches of other literals may stand in the place of this one, without anything else in the rule becoming another. */
export function isFillable(match: Match): boolean {
  const test = testOf(match);
  // What a rule says of the protocol or the family spares it later tests, and of the state it hangs on the place.
  return test?.kind === 'address' || (test?.kind === 'number' && !telling.has(test.field));
}

const telling: ReadonlySet<string> = new Set(['protocol', 'state']);

function isLike(match: Match, sample: Match): boolean {
  if (match.kind !== sample.kind) return false;
  const test = testOf(match);
  const other = testOf(sample);
  if (test?.kind === 'address' && other?.kind === 'address') return test.family === other.family;
  return test?.kind === 'number' && other?.kind === 'number' && test.field === other.field;
}

/** The test that the match is, or of which it is the opposite. */
function testOf(match: Match): AddressTest | NumberTest | undefined {
  const test = match.kind === 'not' ? match.of : match;
  return test.kind === 'address' || test.kind === 'number' ? test : undefined;
}

/** What is written in one to five digits, the first of which is no 0 before others; else -1. */
function plainNumber(text: string, start: number, end: number): number {
  if (end - start > 5 || (end - start > 1 && text.charCodeAt(start) === 48)) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
