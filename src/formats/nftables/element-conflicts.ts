import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Expression } from '../../../grammars/nftables/syntax.ts';
import { ConstantError, readConstant } from './constants.ts';
import type { DataType } from './datatypes.ts';
import type { LoweringContext } from './lowering-context.ts';

/** A key of a set or map, and what the map says of it. */
export interface KeyedElement {
  readonly key: Expression;
  readonly data?: Expression | undefined;
}

export interface ConflictRules {
  readonly types: readonly (DataType | undefined)[];
  readonly dataType?: DataType | undefined;
  /** Keys that overlap are refused, but for the very same ones. Without, only what a map says twice of one key is. */
  readonly overlaps: boolean;
}

/** The values of one part, from the first to the last, as numbers or as text. */
type Side = readonly [from: number | bigint | string, to: number | bigint | string];

interface Box<Element> {
  readonly sides: readonly Side[];
  readonly element: Element;
  readonly place: number;
}

/** Comparisons that are spent on sets of several parts; beyond, what is left is taken to be in order. */
const MOST_COMPARED = 5_000_000;

/** Sorts after each name that begins with what stands before. */
const LAST = '\u{10ffff}';

/**
 * The first element that nft or the kernel refuses beside one before it, and that one (intervals.c, setelem_overlap;
 * nft_set_pipapo.c, nft_pipapo_insert). Values that only the host can tell are left out.
 */
export function conflictOf<Element extends KeyedElement>(
  elements: readonly Element[],
  rules: ConflictRules,
): readonly [earlier: Element, later: Element] | undefined {
  const boxes: Box<Element>[] = [];
  let others: Element | undefined;
  for (const [place, element] of elements.entries()) {
    if (element.key.kind === 'anything') {
      if (others !== undefined && !saysTheSame(others, element, rules)) return [others, element];
      others ??= element;
    }
    const sides = sidesOf(element.key, rules.types);
    if (sides !== undefined) boxes.push({ sides, element, place });
  }
  boxes.sort((a, b) => compare(a.sides[0]![0], b.sides[0]![0]) || a.place - b.place);
  let found: readonly [Box<Element>, Box<Element>] | undefined;
  let compared = 0;
  let open: Box<Element>[] = [];
  for (const box of boxes) {
    open = open.filter(({ sides }) => compare(sides[0]![1], box.sides[0]![0]) >= 0);
    compared += open.length;
    if (compared > MOST_COMPARED) break;
    for (const other of open) {
      const [earlier, later] = other.place < box.place ? [other, box] : [box, other];
      if (!conflicts(earlier, later, rules)) continue;
      if (found === undefined || later.place < found[1].place) found = [earlier, later];
    }
    // The same element once more can be in the way of nothing else.
    if (!open.some((other) => isSame(other, box))) open.push(box);
  }
  return found === undefined ? undefined : [found[0].element, found[1].element];
}

function conflicts(earlier: Box<KeyedElement>, later: Box<KeyedElement>, rules: ConflictRules): boolean {
  if (isSame(earlier, later)) return !saysTheSame(earlier.element, later.element, rules);
  if (!rules.overlaps) return false;
  // Of several parts the kernel looks whether the new element begins or ends in an old one; of one part nft sees to it.
  if (later.sides.length === 1) return meet(earlier.sides[0]!, later.sides[0]!);
  return [0, 1].some((end) =>
    later.sides.every((side, i) => meet(earlier.sides[i]!, [side[end]!, side[end]!])),
  );
}

/** Values that only the host can tell may be the same. */
function saysTheSame(a: KeyedElement, b: KeyedElement, { dataType }: ConflictRules): boolean {
  if (a.data === undefined || b.data === undefined) return true;
  if (a.data.kind === 'verdict' || b.data.kind === 'verdict')
    return printExpression(a.data) === printExpression(b.data);
  const one = dataType === undefined ? undefined : sideOf(a.data, dataType);
  const other = dataType === undefined ? undefined : sideOf(b.data, dataType);
  return one === undefined || other === undefined || (one[0] === other[0] && one[1] === other[1]);
}

function isSame(a: Box<unknown>, b: Box<unknown>): boolean {
  return a.sides.every(([from, to], i) => from === b.sides[i]![0] && to === b.sides[i]![1]);
}

function meet([from, to]: Side, [otherFrom, otherTo]: Side): boolean {
  return compare(from, otherTo) <= 0 && compare(otherFrom, to) <= 0;
}

function compare(a: number | bigint | string, b: number | bigint | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sidesOf(key: Expression, types: readonly (DataType | undefined)[]): readonly Side[] | undefined {
  const parts = key.kind === 'concat' ? key.of : [key];
  if (parts.length !== types.length) return undefined;
  const sides: Side[] = [];
  for (const [i, part] of parts.entries()) {
    const type = types[i];
    const side = type === undefined ? undefined : sideOf(part, type);
    if (side === undefined) return undefined;
    sides.push(side);
  }
  return sides;
}

function sideOf(part: Expression, type: DataType): Side | undefined {
  const constant = readConstant(part, type);
  if (constant instanceof ConstantError) return undefined;
  switch (constant.kind) {
    case 'number':
      return [constant.from, constant.to];
    case 'address':
      return constant.range;
    case 'name':
      return [constant.name, constant.prefix ? constant.name + LAST : constant.name];
    default:
      return undefined;
  }
}

/** What to say of a conflict. `merging`: nft would put overlapping elements together if the set said so. */
export function conflictMessage(
  [earlier, later]: readonly [KeyedElement, KeyedElement],
  merging: boolean,
): string {
  const [first, second] = [earlier, later].map(({ key }) => printExpression(key).replaceAll('"', ''));
  if (first === second) return `read "${second}" again, with other data: a map says one thing of each key`;
  return `read "${second}", which overlaps "${first}"${merging ? '; "auto-merge" in the set lets nft put them together' : ''}`;
}

/** Of a set or map that stands in a rule. */
export function refuseConflict(
  elements: readonly KeyedElement[],
  types: readonly (DataType | undefined)[],
  context: LoweringContext,
): void {
  const conflict = conflictOf(elements, { types, overlaps: true });
  if (conflict !== undefined) context.refuse(conflictMessage(conflict, false), conflict[1].key.at);
}
