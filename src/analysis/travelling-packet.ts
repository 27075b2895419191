import type { Change, NatSide } from '../model/action.ts';
import type { EntryPoint, Firewall, Rule } from '../model/firewall.ts';
import type { Match, SetKey, SetTest } from '../model/match.ts';
import type { NamedSet, SetElement, SetPart } from '../model/named-set.ts';
import {
  type AddressField,
  addressBits,
  connectionStates,
  type NameField,
  type NumericField,
  numericFields,
} from '../packets/fields.ts';
import { networkDecides } from './compile-set.ts';
import type { Packet } from './packet.ts';
import { premisesOf } from './premises.ts';
import { type HostAddress, leavingAddresses, receivingAddresses } from './receiving-address.ts';

/**
 * Answers the questions that the input leaves open. `rule` is the asking rule's id; `visit` tells visits of the same rule apart.
 * Returning the same answer for equal keys is the caller's business.
 */
export interface Oracle {
  readonly packet: (key: string, reason: string) => boolean;
  readonly visit: (rule: number, reason: string, visit: number) => boolean;
  /** A value that the firewall picks from a range, or one it does not tell. */
  readonly pick: (rule: number, from: bigint, to: bigint, visit: number) => bigint;
}

export interface InterpretOptions {
  readonly oracle: Oracle;
  readonly hostAddresses: readonly HostAddress[];
  readonly markIsTracked: boolean;
}

export type Verdict = {
  readonly kind: 'accept' | 'drop' | 'reject';
  readonly rule?: Rule | undefined;
  readonly via?: readonly Rule[];
};

/** What the packet is now: fields change as rules translate and mark it. */
interface Now {
  readonly numbers: Map<NumericField, number>;
  readonly addresses: Map<AddressField, bigint>;
  readonly names: Map<NameField, string>;
  route: 'as-addressed' | 'to-host' | 'to-target' | 'to-any';
  /** The sides of the connection that NAT has settled. */
  readonly bound: Set<NatSide>;
  /** In a last-match chain: the verdict so far. */
  pending: Verdict | undefined;
}

/** One packet on its way: what it is now, what it matches, and what rules make of it. */
export abstract class TravellingPacket {
  protected readonly firewall: Firewall;
  protected readonly entry: EntryPoint;
  protected readonly options: InterpretOptions;
  protected readonly now: Now;
  private readonly visits = new Map<number, number>();
  /** The rule that is asking, for questions that are asked anew each visit. */
  protected asking = -1;
  private readonly premises: ReadonlyMap<string, boolean>;
  /** The interface that packets do not have at the current hook. */
  protected absent: NameField | undefined;

  constructor(firewall: Firewall, entry: EntryPoint, packet: Packet, options: InterpretOptions) {
    this.firewall = firewall;
    this.entry = entry;
    this.options = options;
    this.premises = premisesOf(entry.direction);
    this.now = {
      numbers: new Map<NumericField, number>([
        ['protocol', packet.protocol],
        ['sourcePort', packet.sourcePort],
        ['originalSourcePort', packet.sourcePort],
        ['destinationPort', packet.destinationPort],
        ['originalDestinationPort', packet.destinationPort],
        ['tcpFlags', packet.tcpFlags],
        ['state', connectionStates.indexOf(packet.state)],
        ['destinationTranslated', 0],
        ['mark', 0],
        ['fragment', 0],
      ]),
      addresses: new Map<AddressField, bigint>([
        ['source', packet.source],
        ['originalSource', packet.source],
        ['destination', packet.destination],
        ['originalDestination', packet.destination],
      ]),
      names: new Map(Object.entries(packet.names) as [NameField, string][]),
      route: 'as-addressed',
      bound: new Set(),
      pending: undefined,
    };
    if (!this.now.names.has('tag')) this.now.names.set('tag', '');
  }

  protected visit(rule: number, reason: string): boolean {
    return this.options.oracle.visit(rule, reason, this.counted(rule));
  }

  protected counted(rule: number): number {
    const count = this.visits.get(rule) ?? 0;
    this.visits.set(rule, count + 1);
    return count;
  }

  protected matches(match: Match): boolean {
    switch (match.kind) {
      case 'all':
        return true;
      case 'none':
        return false;
      case 'and':
        return match.of.every((part) => this.matches(part));
      case 'or':
        return match.of.some((part) => this.matches(part));
      case 'not':
        return !this.matches(match.of);
      case 'family':
        return match.family === this.entry.family;
      case 'number': {
        if (match.field === 'mark' && !this.options.markIsTracked) return this.mark(rangeText(match.values));
        const value = this.now.numbers.get(match.field)!;
        return match.values.some(([from, to]) => value >= from && value <= to);
      }
      case 'bits': {
        if (match.field === 'mark' && !this.options.markIsTracked) {
          return this.mark(`0x${match.value.toString(16)}/0x${match.mask.toString(16)}`);
        }
        return (this.now.numbers.get(match.field)! & match.mask) >>> 0 === match.value >>> 0;
      }
      case 'address': {
        if (match.family !== this.entry.family) return false;
        const value = this.now.addresses.get(match.field)!;
        return match.ranges.some(([from, to]) => value >= from && value <= to);
      }
      case 'address-bits':
        return (
          match.family === this.entry.family &&
          (this.now.addresses.get(match.field)! & match.mask) === match.value
        );
      case 'name': {
        const value = this.nameOf(match.field);
        return match.prefix ? value.startsWith(match.name) : value === match.name;
      }
      case 'in-set':
        return this.inSet(match);
      case 'unknown':
        return match.scope === 'packet'
          ? (this.premises.get(match.key) ?? this.options.oracle.packet(match.key, match.reason))
          : this.visit(this.asking, match.reason);
    }
  }

  /** The name as the current hook's rules see it. */
  private nameOf(field: NameField): string {
    return field === this.absent ? '' : (this.now.names.get(field) ?? '');
  }

  private mark(text: string): boolean {
    return this.options.oracle.packet(`mark ${text}`, `the packet mark is ${text}`);
  }

  private inSet(test: SetTest): boolean {
    const set = this.firewall.sets.get(test.set);
    const keys = test.keys.map((key) => ('side' in key ? key.side : key.field)).join(',');
    const key = `set ${test.set} ${keys}${test.exceptionsOnly === true ? ' nomatch' : ''}`;
    if (set === undefined)
      return this.options.oracle.packet(key, `the content of set ${test.set} is not in the input`);
    if (set.dimensions > test.keys.length) return false;
    if (set.members !== undefined) return set.members.some((member) => this.inSet({ ...test, set: member }));
    const certain = this.lookUp(set, test, false);
    const possible = set.closed ? this.lookUp(set, test, true) : true;
    if (certain || !possible) return certain;
    return this.options.oracle.packet(
      key,
      set.uncertainty ?? `the content of set ${test.set} may have changed since the export`,
    );
  }

  /** The most specific element that fits decides; of equally specific ones a plain element beats an exception. */
  private lookUp(set: NamedSet, test: SetTest, generous: boolean): boolean {
    const wanted = test.exceptionsOnly === true;
    let best: SetElement | undefined;
    let length = -1;
    const used = set.elements.filter(
      (element) => element.certain || (element.exception === true) !== generous,
    );
    const network = networkDecides(set)
      ? Math.max(
          ...used
            .filter(({ parts }) => this.partFits(parts[0]!, test.keys[0]!))
            .map(({ parts }) => fixedBits(parts[0]!)),
        )
      : undefined;
    for (const element of used) {
      const exception = element.exception === true;
      if (network !== undefined && fixedBits(element.parts[0]!) !== network) continue;
      if (!element.parts.every((part, i) => this.partFits(part, test.keys[i]!))) continue;
      const bits = element.parts.reduce((sum, part) => sum + fixedBits(part), 0);
      if (bits > length || (bits === length && exception === wanted)) {
        best = element;
        length = bits;
      }
    }
    return best !== undefined && (best.exception === true) === wanted;
  }

  private partFits(part: SetPart, key: SetKey): boolean {
    switch (part.kind) {
      case 'any':
        return true;
      case 'address': {
        const field = 'side' in key ? key.side : key.field;
        const value = this.now.addresses.get(field as AddressField);
        return (
          part.family === this.entry.family &&
          value !== undefined &&
          value >= part.range[0] &&
          value <= part.range[1]
        );
      }
      case 'port': {
        const asked = 'side' in key ? (key.side === 'source' ? 'sourcePort' : 'destinationPort') : key.field;
        const field = part.protocols.every((p) => p === 1 || p === 58) ? 'sourcePort' : asked;
        const value = this.now.numbers.get(field as NumericField);
        if (value === undefined || !part.protocols.includes(this.now.numbers.get('protocol')!)) return false;
        return value >= part.ports[0] && value <= part.ports[1];
      }
      case 'number': {
        const field = 'side' in key ? 'mark' : key.field;
        if (field === 'mark' && !this.options.markIsTracked)
          return this.mark(`0x${part.values[0].toString(16)}`);
        const value = this.now.numbers.get(field as NumericField);
        return value !== undefined && value >= part.values[0] && value <= part.values[1];
      }
      case 'name': {
        const field = 'side' in key ? (key.side === 'source' ? 'inInterface' : 'outInterface') : key.field;
        const value = this.nameOf(field as NameField);
        return part.prefix ? value.startsWith(part.name) : value === part.name;
      }
      case 'unknown':
        return this.options.oracle.packet(part.key, part.reason);
    }
  }

  protected change(changes: readonly Change[]): void {
    const { numbers, addresses } = this.now;
    const numbersBefore = new Map(numbers);
    const addressesBefore = new Map(addresses);
    for (const change of changes) {
      switch (change.kind) {
        case 'bits':
          numbers.set(change.field, ((numbersBefore.get(change.field)! & change.and) ^ change.xor) >>> 0);
          break;
        case 'number':
          numbers.set(change.field, Number(this.pick(BigInt(change.from), BigInt(change.to))));
          break;
        case 'add': {
          const width = BigInt(numericFields[change.field]);
          numbers.set(
            change.field,
            Number(BigInt.asUintN(Number(width), BigInt(numbersBefore.get(change.field)! + change.by))),
          );
          break;
        }
        case 'name':
          this.now.names.set(change.field, change.name);
          break;
        case 'address':
          if (change.family !== this.entry.family) break;
          addresses.set(change.field, this.pick(change.range[0], change.range[1]));
          if (change.field === 'destination') this.now.route = 'to-target';
          break;
        case 'address-bits':
          if (change.family !== this.entry.family) break;
          addresses.set(change.field, (addressesBefore.get(change.field)! & change.and) ^ change.xor);
          if (change.field === 'destination') this.now.route = 'to-target';
          break;
        case 'to-host': {
          const own = this.hostAddress();
          addresses.set(
            'destination',
            own ?? this.pick(0n, (1n << BigInt(addressBits[this.entry.family])) - 1n),
          );
          this.now.route = 'to-host';
          break;
        }
        case 'from-host': {
          const leaving = leavingAddresses(this.firewall, this.entry.family, this.options.hostAddresses);
          addresses.set(
            'source',
            leaving.get(this.nameOf('outInterface')) ??
              this.pick(0n, (1n << BigInt(addressBits[this.entry.family])) - 1n),
          );
          break;
        }
        case 'bind':
          this.now.bound.add(change.side);
          break;
        case 'unknown':
          if (change.field in numericFields) {
            const top = (1n << BigInt(numericFields[change.field as NumericField])) - 1n;
            numbers.set(change.field as NumericField, Number(this.pick(0n, top)));
          } else {
            addresses.set(
              change.field as AddressField,
              this.pick(0n, (1n << BigInt(addressBits[this.entry.family])) - 1n),
            );
            if (change.field === 'destination') this.now.route = 'to-any';
          }
          break;
      }
    }
    // A translation to what the packet has already is none: DNAT is the status of connections whose tuple differs (nf_nat_setup_info).
    const isOpen = changes.some(
      (change) =>
        (change.kind === 'to-host' && this.hostAddress() === undefined) ||
        (change.kind === 'unknown' &&
          (change.field === 'destination' || change.field === 'destinationPort')) ||
        (change.kind === 'number' && change.field === 'destinationPort' && change.from !== change.to) ||
        (change.kind === 'address' && change.field === 'destination' && change.range[0] !== change.range[1]),
    );
    const moved =
      addresses.get('destination') !== addressesBefore.get('destination') ||
      numbers.get('destinationPort') !== numbersBefore.get('destinationPort');
    if (!isOpen && !moved) numbers.set('destinationTranslated', numbersBefore.get('destinationTranslated')!);
  }

  /** Where the host redirects this packet to, if that is known. */
  private hostAddress(): bigint | undefined {
    const own = this.options.hostAddresses.filter((a) => a.family === this.entry.family);
    const only = own.length === 1 && own[0]!.range[0] === own[0]!.range[1] ? own[0]!.range[0] : undefined;
    if (only !== undefined) return only;
    return receivingAddresses(this.firewall, this.entry.family, own).get(
      this.now.names.get('inInterface') ?? '',
    );
  }

  private pick(from: bigint, to: bigint): bigint {
    return from === to ? from : this.options.oracle.pick(this.asking, from, to, this.counted(this.asking));
  }
}

function rangeText(values: readonly (readonly [number, number])[]): string {
  return values.map(([from, to]) => (from === to ? `0x${from.toString(16)}` : `${from}-${to}`)).join(',');
}

function fixedBits(part: SetPart): number {
  if (part.kind !== 'address') return 0;
  const spread = part.range[1] - part.range[0];
  return addressBits[part.family] - (spread === 0n ? 0 : spread.toString(2).length);
}
