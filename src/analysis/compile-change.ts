import type { Change, NatSide } from '../model/action.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import type { AddressField, AddressRange } from '../packets/fields.ts';
import type { InternalField, PacketSpace, SpaceField } from '../packets/packet-space.ts';
import type { Questions } from './questions.ts';

/** Values of the internal field `route`: where a translated packet goes; `toAny`: to an address that the input does not tell. */
export const routes = { asAddressed: 0, toHost: 1, toTarget: 2, toAny: 3 } as const;

/** The question whether the address that a packet is translated to is the host's. */
export const targetIsHost = 'target is host';

export function askWhetherHost(questions: Questions): number {
  return questions.ofPacket(targetIsHost, 'the address it is translated to is an address of this host');
}

/** The internal field that tells whether NAT has settled a side of the packet's connection. */
export function boundField(side: NatSide): InternalField {
  return side === 'source' ? 'sourceBound' : 'destinationBound';
}

/** The field that a change alters. */
export function changedField(change: Change): SpaceField {
  switch (change.kind) {
    case 'to-host':
      return 'destination';
    case 'from-host':
      return 'source';
    case 'bind':
      return boundField(change.side);
    default:
      return change.field;
  }
}

export interface ChangeContext {
  readonly space: PacketSpace;
  readonly questions: Questions;
  /** Addresses of the host, empty when the user gave none. */
  readonly hostAddresses: readonly AddressRange[];
  /** The address that each interface redirects to, where known. */
  readonly receiving: ReadonlyMap<string, bigint>;
  /** The address that packets leaving by each interface are masqueraded with, where known. */
  readonly leaving: ReadonlyMap<string, bigint>;
}

/** The values that the variables have after `changes`, as functions of the packet before. Variables not in the map keep theirs. */
export function compileChanges(
  changes: readonly Change[],
  rule: number,
  context: ChangeContext,
): Map<number, Node> {
  const values = new Map<number, Node>();
  for (const change of changes) compileChange(change, rule, context, values);
  onlyIfMoved(context.space, values);
  return values;
}

/**
 * A translation to what the packet has already is none: the connection does not get the status DNAT (nf_nat_setup_info sets it where the
 * tuple differs). Where an open question picks the target, it is taken to differ.
 */
function onlyIfMoved(space: PacketSpace, values: Map<number, Node>): void {
  const [status] = space.levelsOf('destinationTranslated');
  if (status === undefined || values.get(status) !== TRUE) return;
  const { bdd } = space;
  let moved: Node = FALSE;
  for (const field of ['destination', 'destinationPort'] as const) {
    for (const level of space.levelsOf(field)) {
      const value = values.get(level);
      if (value === undefined) continue;
      const differs = bdd.choose(bdd.variable(level), bdd.not(value), value);
      moved = bdd.or(
        moved,
        bdd.exists(differs, (l) => l >= space.questionBase),
      );
    }
  }
  values.set(status, bdd.or(bdd.variable(status), moved));
}

function compileChange(
  change: Change,
  rule: number,
  context: ChangeContext,
  values: Map<number, Node>,
): void {
  const { space } = context;
  switch (change.kind) {
    case 'bits':
      if (space.fixedValue(change.field) !== undefined) return;
      return masked(space, change.field, BigInt(change.and >>> 0), BigInt(change.xor >>> 0), values);
    case 'number':
      if (space.fixedValue(change.field) !== undefined) return;
      return assignRange(
        space,
        context.questions,
        change.field,
        BigInt(change.from),
        BigInt(change.to),
        rule,
        'a port of the range',
        values,
      );
    case 'add':
      return add(space, change.field, BigInt(change.by), values);
    case 'name': {
      const table = space.namesOf(change.field);
      if (table === undefined) return;
      const [code] = table.codes(table.classOf(change.name));
      return assign(space, change.field, BigInt(code), values);
    }
    case 'address':
      if (change.family !== space.family) return;
      assignRange(
        space,
        context.questions,
        change.field,
        change.range[0],
        change.range[1],
        rule,
        'an address of the range',
        values,
      );
      if (change.field === 'destination') assign(space, 'route', BigInt(routes.toTarget), values);
      return;
    case 'address-bits':
      if (change.family !== space.family) return;
      masked(space, change.field, change.and, change.xor, values);
      if (change.field === 'destination') assign(space, 'route', BigInt(routes.toTarget), values);
      return;
    case 'to-host':
      toHost(context, values);
      return assign(space, 'route', BigInt(routes.toHost), values);
    case 'from-host':
      return fromHost(context, rule, values);
    case 'bind':
      return assign(space, boundField(change.side), 1n, values);
    case 'unknown':
      if (space.fixedValue(change.field) !== undefined) return;
      for (const level of space.levelsOf(change.field)) {
        values.set(level, space.bdd.variable(context.questions.ofVisit(change.reason, rule)));
      }
      if (change.field !== 'destination') return;
      // A written target that nobody says is the host's is taken for another's; this one may be either.
      if (context.hostAddresses.length === 0) askWhetherHost(context.questions);
      assign(space, 'route', BigInt(routes.toAny), values);
      return;
  }
}

function assign(space: PacketSpace, field: SpaceField, value: bigint, values: Map<number, Node>): void {
  const levels = space.levelsOf(field);
  levels.forEach((level, i) =>
    values.set(level, ((value >> BigInt(levels.length - 1 - i)) & 1n) === 1n ? TRUE : FALSE),
  );
}

/** `field := (field & and) ^ xor`, bit by bit: kept, flipped, set or cleared. */
function masked(
  space: PacketSpace,
  field: SpaceField,
  and: bigint,
  xor: bigint,
  values: Map<number, Node>,
): void {
  const levels = space.levelsOf(field);
  levels.forEach((level, i) => {
    const bit = BigInt(levels.length - 1 - i);
    const kept = ((and >> bit) & 1n) === 1n;
    const flip = ((xor >> bit) & 1n) === 1n;
    if (kept) {
      if (flip) values.set(level, space.bdd.node(level, TRUE, FALSE));
    } else values.set(level, flip ? TRUE : FALSE);
  });
}

/** One value, or whichever of the range the firewall picks: fresh questions, folded onto the range. */
function assignRange(
  space: PacketSpace,
  questions: Questions,
  field: SpaceField,
  from: bigint,
  to: bigint,
  rule: number,
  what: string,
  values: Map<number, Node>,
): void {
  if (from === to) return assign(space, field, from, values);
  const { bdd } = space;
  const levels = space.levelsOf(field);
  const picks = levels.map(() => questions.ofVisit(`the translation picks ${what}`, rule));
  const inRange = bdd.and(atLeast(space, picks, from), bdd.not(atLeast(space, picks, to + 1n)));
  levels.forEach((level, i) => {
    const fixed = ((from >> BigInt(levels.length - 1 - i)) & 1n) === 1n ? TRUE : FALSE;
    values.set(level, bdd.choose(inRange, bdd.variable(picks[i]!), fixed));
  });
}

function atLeast(space: PacketSpace, levels: readonly number[], value: bigint): Node {
  if (value >> BigInt(levels.length) > 0n) return FALSE;
  let node: Node = TRUE;
  for (let i = levels.length - 1; i >= 0; i--) {
    const one = ((value >> BigInt(levels.length - 1 - i)) & 1n) === 1n;
    node = one ? space.bdd.node(levels[i]!, FALSE, node) : space.bdd.node(levels[i]!, node, TRUE);
  }
  return node;
}

/** A ripple-carry adder of a constant. */
function add(space: PacketSpace, field: SpaceField, by: bigint, values: Map<number, Node>): void {
  const { bdd } = space;
  const levels = space.levelsOf(field);
  const addend = BigInt.asUintN(levels.length, by);
  let carry: Node = FALSE;
  for (let i = levels.length - 1; i >= 0; i--) {
    const bit = bdd.variable(levels[i]!);
    const one = ((addend >> BigInt(levels.length - 1 - i)) & 1n) === 1n;
    const half = one ? bdd.not(bit) : bit;
    values.set(levels[i]!, bdd.choose(carry, bdd.not(half), half));
    carry = one ? bdd.or(bit, carry) : bdd.and(bit, carry);
  }
}

/**
 * REDIRECT: to the receiving interface's own address. With one known address it is that; an interface whose address is not known asks
 * an open question, the same for every redirect.
 */
function toHost(
  { space, questions, hostAddresses, receiving }: ChangeContext,
  values: Map<number, Node>,
): void {
  const only = hostAddresses.length === 1 ? hostAddresses[0] : undefined;
  if (only !== undefined && only[0] === only[1])
    return assign(space, 'destination' satisfies AddressField, only[0], values);
  byInterface(space, 'destination', 'inInterface', receiving, values, (i) =>
    questions.ofPacket(`host address bit ${i}`, "the receiving interface's own address"),
  );
}

/** MASQUERADE: from the address of the interface that the packet leaves by; one whose address is not known asks an open question. */
function fromHost(
  { space, questions, leaving }: ChangeContext,
  rule: number,
  values: Map<number, Node>,
): void {
  byInterface(space, 'source', 'outInterface', leaving, values, () =>
    questions.ofVisit('masquerade: the address of the interface it leaves by', rule),
  );
}

/** The address that belongs to the packet's interface, bit by bit; `question`: the variable of a bit that nobody knows. */
function byInterface(
  space: PacketSpace,
  field: AddressField,
  interfaceField: 'inInterface' | 'outInterface',
  addresses: ReadonlyMap<string, bigint>,
  values: Map<number, Node>,
  question: (bit: number) => number,
): void {
  const { bdd } = space;
  const levels = space.levelsOf(field);
  const cases = [...addresses].map(([name, address]) => ({
    fits: space.nameIs(interfaceField, { name, prefix: false }, false),
    address,
  }));
  levels.forEach((level, i) => {
    let value: Node = bdd.variable(question(i));
    for (const { fits, address } of cases) {
      const bit = (address >> BigInt(levels.length - 1 - i)) & 1n;
      value = bdd.choose(fits, bit === 1n ? TRUE : FALSE, value);
    }
    values.set(level, value);
  });
}
