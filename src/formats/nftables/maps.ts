import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Expression } from '../../../grammars/nftables/syntax.ts';
import { and, type Match, not, or } from '../../model/match.ts';
import { describe, ofConnection, question } from './compare.ts';
import { refuseConflict } from './element-conflicts.ts';
import { stateSeen } from './chain-places.ts';
import type { LoweringContext } from './lowering-context.ts';
import { anyElement, keyOf, tupleMatch } from './relations.ts';
import type { Needs, Selector } from './selectors.ts';
import { mapElements } from './set-library.ts';

/** A map as exclusive cases: equal data together, in the order of their first element. */
export interface Alternatives {
  readonly needs: readonly Needs[];
  readonly entries: readonly { readonly match: Match; readonly data: Expression }[];
  /** Set where the content is not known; the map may then do anything. */
  readonly unknown?: string;
}

interface Group {
  readonly data: Expression;
  readonly keys: Expression[];
  /** Keys that may be gone by now. */
  readonly fleeting: Expression[];
}

/** The cases of `key map data` or `key vmap data`. */
export function alternativesOf(key: Expression, data: Expression, context: LoweringContext): Alternatives {
  const selectors = keyOf(key, context);
  const needs = selectors.map((selector) => selector.needs);
  const content = contentOf(data, context);
  if (data.kind === 'set') checkContent(data, selectors, context);
  if (typeof content === 'string') return { needs, entries: [], unknown: content };
  const groups = new Map<string, Group>();
  let others: Expression | undefined;
  for (const { element, lasting } of content) {
    const value = element.data;
    if (value === undefined) {
      context.refuse('an element of a map needs ": value"', element.key.at);
      continue;
    }
    if (element.key.kind === 'anything') {
      others = value;
      continue;
    }
    const text = printExpression(value);
    let group = groups.get(text);
    if (group === undefined) {
      group = { data: value, keys: [], fleeting: [] };
      groups.set(text, group);
    }
    (lasting ? group.keys : group.fleeting).push(element.key);
  }
  const generated = generator(key);
  const inGroup = (group: Group): Match =>
    or(
      inKeys(selectors, group.keys, context),
      and(
        inKeys(selectors, group.fleeting, context),
        question(`an element of ${printExpression(data)} has not timed out`),
      ),
    );
  const entries = [...groups.values()].map((group) => ({
    match: stateSeen(
      generated === undefined
        ? ofConnection(selectors, inGroup(group))
        : drawn(selectors, group, groups.size, generated, content.length),
      context.conntrack,
    ),
    data: group.data,
  }));
  if (others !== undefined)
    entries.push({ match: and(...entries.map(({ match }) => not(match))), data: others });
  return { needs, entries };
}

/** What nft refuses of a map that stands in a rule. */
function checkContent(
  map: Expression & { kind: 'set' },
  selectors: readonly Selector[],
  context: LoweringContext,
): void {
  if (map.elements.length === 0) context.refuse('a map in a rule needs an element', map.at);
  const types = selectors.map(({ type }) => type);
  refuseConflict(mapElements(map.elements), types, context);
}

function inKeys(
  selectors: readonly Selector[],
  keys: readonly Expression[],
  context: LoweringContext,
): Match {
  if (keys.length === 0) return { kind: 'none' };
  if (selectors.length === 1)
    return anyElement(
      selectors,
      keys.map((key) => ({ key })),
      context,
    );
  return or(...keys.map((key) => tupleMatch(selectors, key, context)));
}

/** `numgen` and hashes choose a case by themselves; if there is only one and it holds all values, it is certain. */
function drawn(
  selectors: readonly Selector[],
  group: Group,
  groups: number,
  modulus: number,
  elements: number,
): Match {
  if (groups === 1 && elements >= modulus) return and();
  const [selector] = selectors;
  const text = `${describe(selector!)} ${group.keys.map(printExpression).join(', ')}`;
  return {
    kind: 'unknown',
    scope: selector?.kind === 'unknown' && selector.perPacket ? 'packet' : 'rule',
    key: text,
    reason: text,
  };
}

function generator(key: Expression): number | undefined {
  return key.kind === 'other' ? key.modulus : undefined;
}

interface Element {
  readonly element: ReturnType<typeof mapElements>[number];
  readonly lasting: boolean;
}

/** The elements, or why they are not known. */
function contentOf(data: Expression, context: LoweringContext): readonly Element[] | string {
  if (data.kind === 'set')
    return mapElements(data.elements).map((element) => ({ element, lasting: element.timeout === undefined }));
  if (data.kind !== 'named-set') {
    if (data.kind !== 'variable') context.refuse(`read "${printExpression(data)}", expected a map`, data.at);
    return `the map ${printExpression(data)} is not known`;
  }
  const map = context.sets.find(data.name);
  if (map === undefined) {
    context.understood = false;
    context.add(
      'FW1010',
      'error',
      `there is no map "${data.name}" in table ${context.family} ${context.table}`,
      data.at,
    );
    return `map "${data.name}" is not in the input`;
  }
  const uncertainty = context.sets.uncertainty(map);
  if (uncertainty !== undefined) {
    context.sets.sayUncertain(map, uncertainty);
    return uncertainty;
  }
  return mapElements(map.elements.map(({ element }) => element)).map((element) => ({
    element,
    lasting: element.timeout === undefined && !map.syntax.timeout,
  }));
}
