import type { Action } from '../model/action.ts';
import { chainActions } from '../model/chain-actions.ts';
import { chainsReached } from '../model/chains-reached.ts';
import type { EntryPoint, Firewall, Stage } from '../model/firewall.ts';
import { loopbackField } from './loopback-field.ts';
import { isOfOtherFamily, type Match, type SetKey } from '../model/match.ts';
import type { NamedSet } from '../model/named-set.ts';
import { natSide } from '../model/nat-side.ts';
import type { NameField } from '../packets/fields.ts';
import type { IntervalSet } from '../packets/interval.ts';
import { NameTable, type NamePattern } from '../packets/name-table.ts';
import type { SpaceField, VariableOrder } from '../packets/packet-space.ts';
import { boundField, changedField } from './compile-change.ts';

/** Fewer tests than this of a field cost little in whatever order. */
const MANY = 256;
const FEW_CALLS = 8;

const nameFields: readonly NameField[] = [
  'inInterface',
  'outInterface',
  'profile',
  'program',
  'service',
  'package',
  'interfaceType',
  'tag',
];

/** What an entry point's rules mention: the fields they test and change, and the names. Decides how the space is laid out. */
export class Shape {
  readonly tested = new Set<SpaceField>();
  readonly changed = new Set<SpaceField>();
  private readonly patterns = new Map<NameField, NamePattern[]>();
  private readonly seen = new Set<Match>();
  private readonly sets: ReadonlyMap<string, NamedSet>;
  rules = 0;
  private nameTests = 0;
  /** Tests of addresses, and those of rules that call a chain. */
  private readonly addressTests = { source: 0, destination: 0, originalSource: 0, originalDestination: 0 };
  private readonly addressCalls = { source: 0, destination: 0 };
  private asksFirstState = false;
  private readonly natActs: boolean;

  constructor(
    firewall: Firewall,
    entry: EntryPoint,
    names: readonly (NamePattern & { readonly field: NameField })[],
  ) {
    this.sets = firewall.sets;
    // Loopback is told apart always: exposures leave it out.
    for (const name of ['lo', 'lo0']) this.name(loopbackField(entry), name, false);
    for (const profile of ['domain', 'private', 'public']) this.name('profile', profile, false);
    this.name('tag', '', false);
    for (const { field, name, prefix } of names) this.name(field, name, prefix);
    for (const id of chainsReached(firewall, entry.stages)) {
      for (const rule of firewall.chains.get(id)?.rules ?? []) {
        // What cannot match mentions nothing.
        if (!rule.enabled || isOfOtherFamily(rule.match, entry.family)) continue;
        this.rules++;
        const { source, destination } = this.addressTests;
        this.match(rule.match);
        if (rule.action.kind === 'jump' || rule.action.kind === 'goto') {
          this.addressCalls.source += this.addressTests.source - source;
          this.addressCalls.destination += this.addressTests.destination - destination;
        }
        this.action(rule.action);
      }
    }
    for (const stage of entry.stages) {
      if (stage.guard !== undefined) this.match(stage.guard);
      // NAT looks at the first packet of a connection, once.
      if (stage.kind === 'nat')
        this.tested
          .add('state')
          .add('protocol')
          .add(boundField(natSide(stage.hook)));
    }
    this.natActs = actsOn(
      firewall,
      entry.stages.filter(({ kind }) => kind === 'nat'),
    );
  }

  /** The names that rules mention, for a space that two firewalls share. */
  names(): readonly (NamePattern & { readonly field: NameField })[] {
    return [...this.patterns].flatMap(([field, list]) => list.map((pattern) => ({ field, ...pattern })));
  }

  tables(): ReadonlyMap<NameField, NameTable> {
    return new Map(
      nameFields.map((field) => [field, new NameTable(this.patterns.get(field) ?? [], field === 'profile')]),
    );
  }

  /**
   * Names cost a split of every list of rules that reaches them, so where few rules name any they come after the addresses. Of these
   * the destination comes first where many rules limit it: rules for one destination from anywhere would else be told again below each
   * source. Where chains are entered by source they lie below few sources as it is.
   */
  order(): VariableOrder {
    const { source: sources, destination: destinations } = this.addressTests;
    const calls = this.addressCalls;
    const enteredBySource = calls.source > FEW_CALLS && calls.source > 2 * calls.destination;
    const byDestination = sources >= MANY && destinations >= MANY && !enteredBySource;
    if (this.nameTests * 4 < this.rules) return byDestination ? 'destinations-first' : 'addresses-first';
    return byDestination ? 'names-then-destinations' : 'names-first';
  }

  /**
   * Whether it matters that a packet without a connection may be new, invalid or untracked: some rule asks, or some stage of NAT, which
   * passes over all but new ones, does more than let them by. Lists of states that hold none of the three, or all, do not ask.
   */
  tellsFirstStates(): boolean {
    return this.asksFirstState || this.natActs;
  }

  private name(field: NameField, name: string, prefix: boolean): void {
    let list = this.patterns.get(field);
    if (list === undefined) this.patterns.set(field, (list = []));
    list.push({ name, prefix });
  }

  private match(match: Match): void {
    switch (match.kind) {
      case 'and':
      case 'or':
        for (let i = 0; i < match.of.length; i++) this.match(match.of[i]!);
        return;
      case 'not':
        return this.match(match.of);
      case 'name':
        this.tested.add(match.field);
        this.nameTests++;
        return this.name(match.field, match.name, match.prefix);
      case 'address':
      case 'address-bits':
        this.tested.add(match.field);
        this.addressTests[match.field]++;
        return;
      case 'number': {
        this.tested.add(match.field);
        if (match.field === 'state') this.asksFirstState ||= tellsFirstApart(match.values);
        return;
      }
      case 'bits':
        this.tested.add(match.field);
        this.asksFirstState ||= match.field === 'state';
        return;
      case 'in-set':
        if (!this.seen.has(match)) this.inSet(match.set, match.keys, 0);
        this.seen.add(match);
        return;
      default:
        return;
    }
  }

  private inSet(name: string, keys: readonly SetKey[], depth: number): void {
    const set = this.sets.get(name);
    for (const key of keys) {
      const fields: readonly SpaceField[] =
        'field' in key
          ? [key.field]
          : key.side === 'source'
            ? ['source', 'sourcePort', 'inInterface', 'mark', 'protocol']
            : ['destination', 'destinationPort', 'sourcePort', 'outInterface', 'mark', 'protocol'];
      for (const field of fields) this.tested.add(field);
    }
    for (const element of set?.elements ?? []) {
      element.parts.forEach((part, i) => {
        const key = keys[i];
        if (part.kind !== 'name' || key === undefined) return;
        const field = 'side' in key ? (key.side === 'source' ? 'inInterface' : 'outInterface') : key.field;
        if (nameFields.includes(field as NameField)) this.name(field as NameField, part.name, part.prefix);
      });
    }
    if (depth < 8) for (const member of set?.members ?? []) this.inSet(member, keys, depth + 1);
  }

  private action(action: Action): void {
    if (action.kind !== 'change') return;
    for (const change of action.changes) {
      this.changed.add(changedField(change));
      if (change.kind === 'name') this.name(change.field, change.name, false);
    }
  }
}

/** The states hold some of new, invalid and untracked, and not all. A function of its own: a closure would cost each match its room. */
function tellsFirstApart(states: IntervalSet): boolean {
  const holds = (state: number): boolean => states.some(([from, to]) => from <= state && state <= to);
  return holds(0) !== holds(3) || holds(0) !== holds(4);
}

const lettingBy: ReadonlySet<Action['kind']> = new Set(['accept', 'jump', 'goto', 'return', 'continue']);

/** Whether the stages change or stop any packet. */
function actsOn(firewall: Firewall, stages: readonly Stage[]): boolean {
  if (stages.some(({ chain }) => !lettingBy.has(firewall.chains.get(chain)?.fallthrough.kind ?? 'accept')))
    return true;
  for (const id of chainsReached(firewall, stages)) {
    const chain = firewall.chains.get(id);
    if (chain === undefined) continue;
    for (const kind of chainActions(chain).kinds) if (!lettingBy.has(kind)) return true;
  }
  return false;
}
