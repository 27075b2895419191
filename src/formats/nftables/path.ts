import { and, type Match } from '../../model/match.ts';
import type { Family } from '../../packets/fields.ts';
import { familyIs, protocolIs, question, trackedOnly } from './compare.ts';
import { stateSeen } from './chain-places.ts';
import type { LoweringContext } from './lowering-context.ts';
import type { Needs } from './selectors.ts';

/** What a packet must have passed to get to a place in a rule: the tests so far and what they imply. */
export class Path {
  /** The first `count` of them. */
  private readonly parts: Match[];
  private count = 0;
  private family: Family | undefined;
  /** Whether nft lets tests of the other family follow: `meta protocol` tells it nothing of the header (meta.c, meta_expr_pctx_update). */
  private isLoose = false;
  private protocol: number | undefined;
  private tracked = false;

  constructor(tableFamily: string, from?: Path) {
    this.parts = from === undefined ? [] : from.parts.slice(0, from.count);
    this.count = this.parts.length;
    this.family = from === undefined ? familyOfTable(tableFamily) : from.family;
    this.isLoose = from?.isLoose ?? false;
    this.protocol = from?.protocol;
    this.tracked = from?.tracked ?? false;
  }

  /** The tests as one match. */
  get match(): Match {
    return this.count === 1 ? this.parts[0]! : and(...this.parts.slice(0, this.count));
  }

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** Begins anew, for another rule of the same table, in the memory of this one. */
  restart(tableFamily: string): void {
    this.count = 0;
    this.family = familyOfTable(tableFamily);
    this.isLoose = false;
    this.protocol = undefined;
    this.tracked = false;
  }

  copy(): Path {
    return new Path('', this);
  }

  /** A path of nothing but what this one has proved, for a chain that only its packets enter. */
  continued(): Path {
    const path = new Path('', this);
    path.count = 0;
    return path;
  }

  /** Adds the tests that nft adds for a selector, unless the rule has made them already. */
  require(needs: Needs, context: LoweringContext, at: number): void {
    if (needs.family !== undefined) this.requireFamily(needs.family, context, at);
    if (needs.someFamily === true && this.family === undefined)
      context.refuse('an address needs its family: "ct original ip saddr", "rt ip nexthop"', at);
    if (needs.usualFamily !== undefined && this.family === undefined && needs.protocol !== this.protocol)
      this.requireFamily(needs.usualFamily, context, at);
    if (needs.protocol !== undefined && needs.protocol !== this.protocol) {
      if (this.protocol !== undefined)
        context.refuse('the rule tests two transport protocols that exclude each other', at);
      this.push(protocolIs(needs.protocol));
      this.protocol = needs.protocol;
    }
    if (needs.carrier !== undefined && needs.carrier !== this.protocol) this.push(protocolIs(needs.carrier));
    if (needs.ethernet === true && context.family !== 'netdev' && context.family !== 'bridge')
      this.push(question('meta iiftype ether'));
    if (needs.tracked === true && !this.tracked) {
      this.push(stateSeen(trackedOnly, context.conntrack));
      this.tracked = true;
    }
  }

  private push(match: Match): void {
    this.parts[this.count++] = match;
  }

  private requireFamily(family: Family, context: LoweringContext, at: number): void {
    if (this.family === family) return;
    const ofTable = familyOfTable(context.family);
    if (ofTable === undefined && this.family !== undefined && !this.isLoose)
      context.refuse('the rule tests IPv4 and IPv6, which exclude each other', at);
    if (ofTable !== undefined && ofTable !== family)
      context.refuse(
        `${family === 'ipv4' ? 'IPv4' : 'IPv6'} packets never come to a table of family ${context.family}`,
        at,
      );
    this.push(familyIs[family]);
    this.family = family;
    this.isLoose = false;
  }

  add(match: Match): void {
    if (match.kind === 'all') return;
    this.push(match);
    // What the test proves spares later dependencies.
    if (match.kind === 'family' || match.kind === 'address') this.family = match.family;
    else if (match.kind === 'number' && match.field === 'protocol') {
      const [only] = match.values;
      if (match.values.length === 1 && only![0] === only![1]) this.protocol = only![0];
    }
  }

  /** Drops the family test that an address test of the same family makes needless. */
  addWithNeeds(match: Match, needs: readonly Needs[], context: LoweringContext, at: number): void {
    const implied = match.kind === 'address' ? match.family : undefined;
    for (const need of needs) {
      if (implied !== undefined && need.family === implied && this.family === undefined) {
        this.family = implied;
      }
      this.require(need, context, at);
    }
    this.add(stateSeen(match, context.conntrack));
    if (match.kind === 'family' && needs.some(({ ofEthertype }) => ofEthertype === true)) this.isLoose = true;
  }

  /** Whether the tests so far say of which family the packet is. */
  get tellsFamily(): boolean {
    return this.family !== undefined;
  }
}

function familyOfTable(family: string): Family | undefined {
  return family === 'ip' ? 'ipv4' : family === 'ip6' ? 'ipv6' : undefined;
}
