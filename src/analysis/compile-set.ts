import type { SetKey, SetTest } from '../model/match.ts';
import type { NamedSet, SetElement, SetPart } from '../model/named-set.ts';
import { FALSE, type Node, TRUE } from '../packets/bdd.ts';
import {
  type AddressField,
  type AddressRange,
  addressBits,
  type NameField,
  type NumericField,
  numericFields,
} from '../packets/fields.ts';
import { type MatchContext, sortedRanges } from './compile-match.ts';

/**
 * Membership of a named set: `certain ∪ (question ∩ possible)`. The question is one a set and key list, so a set that is asked
 * twice gives the same answer twice. A set that no input holds is all question, never empty.
 */
export function compileSetTest(test: SetTest, rule: number, context: MatchContext): Node {
  const { bdd } = context.space;
  const set = context.sets.get(test.set);
  const key = `set ${test.set} ${test.keys.map(keyText).join(',')}${test.exceptionsOnly === true ? ' nomatch' : ''}`;
  if (set === undefined) {
    return bdd.variable(
      context.questions.ofPacket(key, `the content of set ${test.set} is not in the input`, rule),
    );
  }
  // ipset(8): a set with more dimensions than the rule gives never matches; further flags are ignored.
  if (set.dimensions > test.keys.length) return FALSE;
  if (set.members !== undefined) {
    return bdd.orAll(set.members.map((member) => compileSetTest({ ...test, set: member }, rule, context)));
  }
  const certain = elementsNode(set, test, false, rule, context);
  const possible = set.closed ? elementsNode(set, test, true, rule, context) : TRUE;
  if (certain === possible) return certain;
  const reason = set.uncertainty ?? `the content of set ${test.set} may have changed since the export`;
  const question = bdd.variable(context.questions.ofPacket(key, reason, rule));
  return bdd.or(certain, bdd.and(question, possible));
}

function keyText(key: SetKey): string {
  return 'side' in key ? key.side : key.field;
}

/** The packets whose most specific element is wanted; `generous` counts uncertain elements in (and uncertain exceptions out). */
function elementsNode(
  set: NamedSet,
  test: SetTest,
  generous: boolean,
  rule: number,
  context: MatchContext,
): Node {
  const { bdd } = context.space;
  const used = set.elements.filter((e) => e.certain || (e.exception === true) !== generous);
  const wanted = test.exceptionsOnly === true;
  const byNetwork = networkDecides(set);
  if (!byNetwork && !used.some((e) => e.exception === true))
    return wanted ? FALSE : union(used, test, rule, context);
  // Longest prefix first decides, so paint from the least specific to the most specific, one length at a time.
  const byLength = new Map<number, SetElement[]>();
  for (const element of used) {
    const length = specificity(element);
    const group = byLength.get(length);
    if (group === undefined) byLength.set(length, [element]);
    else group.push(element);
  }
  let node: Node = FALSE;
  for (const [, group] of [...byLength].sort((a, b) => a[0] - b[0])) {
    const plain = union(
      group.filter((e) => e.exception !== true),
      test,
      rule,
      context,
    );
    const holes = union(
      group.filter((e) => e.exception === true),
      test,
      rule,
      context,
    );
    if (byNetwork) node = bdd.diff(node, union(group.map(networkOf), test, rule, context));
    node = wanted ? bdd.or(bdd.diff(node, plain), holes) : bdd.or(bdd.diff(node, holes), plain);
  }
  return node;
}

/**
 * hash:net,iface (ip_set_hash_netiface.c): once a network holds the address, shorter prefixes are not looked at any more, whichever
 * interface its elements name.
 */
export function networkDecides(set: NamedSet): boolean {
  return set.type === 'hash:net,iface';
}

function networkOf(element: SetElement): SetElement {
  return {
    ...element,
    parts: [element.parts[0]!, ...element.parts.slice(1).map(() => ({ kind: 'any' }) as const)],
  };
}

/** Bits that the element's addresses fix, summed. */
function specificity(element: SetElement): number {
  let bits = 0;
  for (const part of element.parts) {
    if (part.kind !== 'address') continue;
    const [from, to] = part.range;
    bits += addressBits[part.family] - (to - from).toString(2).replace(/^0$/, '').length;
  }
  return bits;
}

function union(elements: readonly SetElement[], test: SetTest, rule: number, context: MatchContext): Node {
  const { space } = context;
  const field = singleAddressField(test);
  if (field !== undefined) {
    const ranges: AddressRange[] = [];
    let rest: SetElement[] | undefined;
    for (const element of elements) {
      const part = element.parts[0];
      if (element.parts.length === 1 && part?.kind === 'address') {
        if (part.family === space.family) ranges.push(part.range);
      } else (rest ??= []).push(element);
    }
    const plain = ranges.length === 0 ? FALSE : space.addressIn(field, sortedRanges(ranges));
    return rest === undefined
      ? plain
      : space.bdd.or(plain, space.bdd.orAll(rest.map((e) => elementNode(e, test, rule, context))));
  }
  return space.bdd.orAll(elements.map((element) => elementNode(element, test, rule, context)));
}

function singleAddressField(test: SetTest): AddressField | undefined {
  const key = test.keys[0];
  if (key === undefined) return undefined;
  if ('side' in key) return key.side;
  return isAddressField(key.field) ? key.field : undefined;
}

function elementNode(element: SetElement, test: SetTest, rule: number, context: MatchContext): Node {
  const { bdd } = context.space;
  let node: Node = TRUE;
  for (let i = element.parts.length - 1; i >= 0 && node !== FALSE; i--) {
    node = bdd.and(partNode(element.parts[i]!, test.keys[i]!, rule, context), node);
  }
  return node;
}

function partNode(part: SetPart, key: SetKey, rule: number, context: MatchContext): Node {
  const { space, questions } = context;
  switch (part.kind) {
    case 'any':
      return TRUE;
    case 'address': {
      if (part.family !== space.family) return FALSE;
      const field = 'side' in key ? key.side : key.field;
      return isAddressField(field) ? space.addressIn(field, [part.range]) : FALSE;
    }
    case 'port': {
      const field = 'side' in key ? (key.side === 'source' ? 'sourcePort' : 'destinationPort') : key.field;
      if (!isNumericField(field)) return FALSE;
      const icmp = part.protocols.every((p) => p === 1 || p === 58);
      const ports = space.numberIn(icmp ? 'sourcePort' : field, [part.ports]);
      return space.bdd.and(
        space.numberIn(
          'protocol',
          part.protocols.map((p) => [p, p] as const).sort((a, b) => a[0] - b[0]),
        ),
        ports,
      );
    }
    case 'number': {
      const field = 'side' in key ? 'mark' : key.field;
      if (!isNumericField(field)) return FALSE;
      if (field === 'mark' && !context.markIsTracked) {
        const text = `0x${part.values[0].toString(16)}`;
        return space.bdd.variable(questions.ofPacket(`mark ${text}`, `the packet mark is ${text}`, rule));
      }
      return space.numberIn(field, [part.values]);
    }
    case 'name': {
      const field = 'side' in key ? (key.side === 'source' ? 'inInterface' : 'outInterface') : key.field;
      return isAddressField(field) || isNumericField(field)
        ? FALSE
        : space.nameIs(field as NameField, part, false);
    }
    case 'unknown':
      return space.bdd.variable(questions.ofPacket(part.key, part.reason, rule));
  }
}

function isAddressField(field: string): field is AddressField {
  return (
    field === 'source' ||
    field === 'destination' ||
    field === 'originalSource' ||
    field === 'originalDestination'
  );
}

function isNumericField(field: string): field is NumericField {
  return Object.hasOwn(numericFields, field);
}
