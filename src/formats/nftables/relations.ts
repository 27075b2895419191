import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Expression, Relation, SetElementSyntax } from '../../../grammars/nftables/syntax.ts';
import { all, and, type Match, none, not, or } from '../../model/match.ts';
import { anyBit, describe, numberIn, ofConnection, oneOf, protocolIs, question } from './compare.ts';
import { type Constant, ConstantError, readConstant, readNumber } from './constants.ts';
import { type DataType, dataTypes } from './datatypes.ts';
import { refuseConflict } from './element-conflicts.ts';
import { checkValues, fitsAlways } from './unmodelled-values.ts';
import type { LoweringContext } from './lowering-context.ts';
import { type Needs, selectorOf, type Selector } from './selectors.ts';
import { specialMatch } from './special-selectors.ts';

/** A lowered comparison. */
export interface Comparison {
  readonly needs: readonly Needs[];
  readonly match: Match;
}

/** `left relation right` as a match, after the tables of nft(8) and what the kernel does with them. */
export function compare(
  left: Expression,
  relation: Relation,
  right: Expression,
  context: LoweringContext,
): Comparison {
  const key = keyOf(left, context);
  return { needs: needsOf(key), match: compareKey(key, left, relation, right, context) };
}

export function needsOf(key: readonly Selector[]): readonly Needs[] {
  return key.map((selector) => selector.needs);
}

/** `key` is what `keyOf` says of `left`. */
export function compareKey(
  key: readonly Selector[],
  left: Expression,
  relation: Relation,
  right: Expression,
  context: LoweringContext,
): Match {
  return ofConnection(key, relationMatch(key, left, relation, right, context));
}

function relationMatch(
  key: readonly Selector[],
  left: Expression,
  relation: Relation,
  right: Expression,
  context: LoweringContext,
): Match {
  const only = key.length === 1 && right.kind !== 'named-set' && right.kind !== 'set' ? key[0] : undefined;
  if (only !== undefined) return single(only, relation, left, right, context);
  const match =
    right.kind === 'named-set'
      ? context.sets.membership(key, right.name, right.at, context)
      : right.kind === 'set'
        ? anyElement(key, right.elements, context, right.at)
        : tupleMatch(key, right, context, true);
  return relation === '!=' ? not(match) : match;
}

const ipFamilies: ReadonlySet<string> = new Set(['ip', 'ip6', 'inet']);

/** The selectors of a key: one, or one a part of a concatenation. */
export function keyOf(expression: Expression, context: LoweringContext): Selector[] {
  const parts = expression.kind === 'concat' ? expression.of : [expression];
  return parts.map((part) => selectorFor(part, context));
}

function selectorFor(expression: Expression, context: LoweringContext): Selector {
  if (expression.kind === 'payload' && expression.header === 'arp' && ipFamilies.has(context.family))
    context.refuse(`packets of ARP never come to a table of family ${context.family}`, expression.at);
  if (expression.kind === 'binary') return transformed(expression, context);
  const selector = selectorOf(expression, context.family);
  if (selector === undefined) {
    context.refuse(
      `read "${printExpression(expression)}", expected something that is loaded from a packet`,
      expression.at,
    );
    return {
      kind: 'unknown',
      text: printExpression(expression),
      perPacket: true,
      type: dataTypes.string,
      needs: {},
      known: true,
    };
  }
  if (selector.kind === 'unknown' && !selector.known)
    context.misunderstood(`"${selector.text}"`, expression.at);
  return selector;
}

/** `ip saddr & 255.255.255.0`, `meta mark or 1`, `tcp dport << 2`: bit operations with constants compose into one mask. */
function transformed(expression: Expression & { kind: 'binary' }, context: LoweringContext): Selector {
  const base = selectorFor(expression.left, context);
  const opaque = (): Selector => ({
    kind: 'unknown',
    text: printExpression(expression),
    perPacket: base.kind !== 'unknown' || base.perPacket,
    type: base.kind === 'unknown' ? base.type : dataTypes.integer,
    needs: base.needs,
    known: true,
  });
  const { operator } = expression;
  if (base.kind === 'special' && base.what === 'ct status') {
    const mask = readNumber(expression.right, base.type);
    return operator === '&' && mask === 32 ? { ...plainTranslated(base.type), needs: base.needs } : opaque();
  }
  if (base.kind === 'address' && operator !== '<<' && operator !== '>>') {
    const operand = readConstant(expression.right, base.type);
    if (operand instanceof ConstantError || operand.kind !== 'address') return opaque();
    const value = operand.range[0];
    const full = (1n << (base.family === 'ipv4' ? 32n : 128n)) - 1n;
    const mask = base.and ?? full;
    const flipped = base.xor ?? 0n;
    if (operator === '&') return { ...base, and: mask & value, xor: flipped & value };
    if (operator === '|')
      return { ...base, and: mask & ~value & full, xor: (flipped & ~value & full) | value };
    return { ...base, and: mask, xor: flipped ^ value };
  }
  if (base.kind !== 'number') {
    if (base.kind === 'unknown' && operator !== '<<' && operator !== '>>')
      checkValues(base.text, expression.right, context);
    if (base.kind === 'unknown' && base.text === 'ip frag-off') return fragment(base, expression) ?? opaque();
    return opaque();
  }
  const operandType = operator === '<<' || operator === '>>' ? dataTypes.integer : base.type;
  const operand = readNumber(expression.right, operandType);
  if (operand instanceof ConstantError) {
    context.refuse(operand.message, operand.at);
    return opaque();
  }
  if (typeof operand !== 'number') return opaque();
  if (operator === '<<' || operator === '>>') {
    const by = operator === '>>' ? operand : -operand;
    if (base.xor !== 0 || operand > 31 || (base.shift < 0 && by > 0)) return opaque();
    const shift = base.shift + by;
    // Bits shifted out on the right are lost.
    const kept = shift > 0 ? (base.and & ~(2 ** shift - 1)) >>> 0 : base.and;
    return {
      ...base,
      shift,
      and: kept,
      width: Math.min(32, Math.max(0, base.width - by)),
      type: dataTypes.integer,
    };
  }
  const inField = base.shift >= 0 ? operand * 2 ** base.shift : Math.floor(operand / 2 ** -base.shift);
  if (inField > 0xffffffff) return opaque();
  const bits = inField >>> 0;
  if (operator === '&') return { ...base, and: (base.and & bits) >>> 0, xor: (base.xor & bits) >>> 0 };
  if (operator === '|')
    return { ...base, and: (base.and & ~bits) >>> 0, xor: ((base.xor & ~bits) | bits) >>> 0 };
  return { ...base, xor: (base.xor ^ bits) >>> 0 };
}

function plainTranslated(type: DataType): Selector & { kind: 'number' } {
  return {
    kind: 'number',
    field: 'destinationTranslated',
    and: 1,
    xor: 0,
    shift: -5,
    width: 32,
    type,
    needs: {},
  };
}

/** `ip frag-off & 0x1fff` is zero of all but later fragments. */
function fragment(base: Selector, expression: Expression & { kind: 'binary' }): Selector | undefined {
  const mask = readNumber(expression.right, { ...dataTypes.integer, bits: 16 });
  if (expression.operator !== '&' || mask !== 0x1fff) return undefined;
  return {
    kind: 'number',
    field: 'fragment',
    and: 1,
    xor: 0,
    shift: 0,
    width: 1,
    type: { ...dataTypes.integer, bits: 16 },
    needs: base.needs,
  };
}

/** One selector against one value or a list of them. */
function single(
  selector: Selector,
  relation: Relation,
  left: Expression,
  right: Expression,
  context: LoweringContext,
): Match {
  if (selectorOf(right, context.family) !== undefined) {
    context.refuse(
      `read "${printExpression(right)}", expected a value: packets are compared with constants`,
      right.at,
    );
    return question(
      `${printExpression(left)} ${relation === 'implicit' ? '==' : relation} ${printExpression(right)}`,
    );
  }
  if (selector.kind === 'unknown') {
    if (selector.missingBut !== undefined) return presence(selector, selector.missingBut, relation, right);
    checkValues(selector.text, right, context);
    const isCertain = fitsAlways(selector.text, relation, right);
    if (isCertain !== undefined) return isCertain ? all : none;
    const sign = relation === '!=' || relation === 'implicit' || relation === '==' ? '' : `${relation} `;
    const asked = open(selector, `${selector.text} ${sign}${plainText(right)}`);
    return relation === '!=' ? not(asked) : asked;
  }
  if (selector.kind === 'special') return specialMatch(selector, relation, right, context);
  const { bitmask } = selector.type;
  if (
    bitmask === true &&
    (relation === 'implicit' || relation === '!') &&
    right.kind !== 'range' &&
    right.kind !== 'prefix'
  ) {
    const mask = readNumber(right, selector.type);
    if (typeof mask !== 'number') return wrong(mask, selector, context);
    if (left.kind === 'binary') return oneOf(selector, [{ kind: 'number', from: mask, to: mask }]);
    const ofState = selector.kind === 'number' && selector.field === 'state';
    if (ofState && relation === 'implicit' && context.sets.isListing && mayBeListed(right, selector.type))
      return listedFlags(left, right, context);
    return relation === '!' ? not(anyBit(selector, mask)) : anyBit(selector, mask);
  }
  if (right.kind === 'anything') refuseAlone(right, context);
  if (relation === '!') context.refuse('"!" compares flags only; "!=" was meant', right.at);
  if (relation === '<' || relation === '>' || relation === '<=' || relation === '>=')
    return ordered(selector, relation, right, context);
  let constants: Constant[];
  if (right.kind === 'list') {
    if (bitmask !== true) context.refuse('a list of values needs braces: { a, b }', right.at);
    const value = bitmask === true ? readNumber(right, selector.type) : undefined;
    if (bitmask === true && typeof value !== 'number')
      return wrong(value as Constant | ConstantError, selector, context);
    if (relation === '!=' && selector.kind === 'number' && selector.field === 'state')
      context.add(
        'FW1211',
        'warning',
        `"${printExpression(left)} != ${printExpression(right)}" compares one number and is true of every packet`,
        right.at,
        `write "${printExpression(left)} != { ${printExpression(right)} }"`,
      );
    constants =
      bitmask === true
        ? [{ kind: 'number', from: value as number, to: value as number }]
        : right.of.map((part) => constantOf(part, selector, context));
  } else constants = [constantOf(right, selector, context)];
  const match = oneOf(selector, constants);
  return relation === '!=' ? not(match) : match;
}

/**
 * Whether nft can have printed these flags. It takes a number apart from its lowest bit on, and puts no parentheses around a value
 * (netlink_delinearize.c, binop_from_bitmask; expression.c, binop_expr_print): `(a | b)` and `new | established` were written by hand.
 */
function mayBeListed(flags: Expression, type: DataType): boolean {
  if (flags.kind !== 'binary' || flags.bracketed === true || flags.operator !== '|') return false;
  const highest = readNumber(flags.right, type);
  const rest = flags.left.kind === 'binary' ? flags.left.right : flags.left;
  const next = readNumber(rest, type);
  if (typeof highest !== 'number' || typeof next !== 'number') return true;
  return next < highest && (flags.left.kind !== 'binary' || mayBeListed(flags.left, type));
}

/** nft lists "ct state == new,established" as "ct state established | new", which it reads as any of the two. */
function listedFlags(left: Expression, right: Expression, context: LoweringContext): Match {
  const text = `${printExpression(left)} ${printExpression(right)}`;
  context.add(
    'FW1213',
    'warning',
    `"${text}" may be any of these flags, or all of them at once as nft lists it`,
    right.at,
    'export with "nft -j list ruleset", which tells them apart; in a rule write a list, "a,b", for any of them',
  );
  return question(`${text}: any of these flags rather than all at once`);
}

/** `tcp option maxseg missing`, which packets that are not of TCP pass. */
function presence(
  selector: Selector & { kind: 'unknown' },
  carrier: number,
  relation: Relation,
  right: Expression,
): Match {
  const asked = and(protocolIs(carrier), open(selector, `${selector.text} exists`));
  const value = readNumber(right, selector.type);
  if (relation !== 'implicit' && relation !== '==' && relation !== '!=')
    return open(selector, `${selector.text} ${relation} ${plainText(right)}`);
  if (typeof value !== 'number') return open(selector, `${selector.text} ${plainText(right)}`);
  return (value !== 0) === (relation !== '!=') ? asked : not(asked);
}

function ordered(
  selector: Selector,
  relation: '<' | '>' | '<=' | '>=',
  right: Expression,
  context: LoweringContext,
): Match {
  if (right.kind === 'range' || right.kind === 'prefix')
    context.refuse(`read a range behind "${relation}", expected one value`, right.at);
  const constant = constantOf(right, selector, context);
  if (constant.kind === 'number' && selector.kind === 'number') {
    const top = 2 ** Math.max(selector.width, 8) - 1;
    const { from: value } = constant;
    switch (relation) {
      case '<':
        return value === 0 ? none : numberIn(selector, [[0, value - 1]]);
      case '<=':
        return numberIn(selector, [[0, value]]);
      case '>':
        return value >= top ? none : numberIn(selector, [[value + 1, top]]);
      case '>=':
        return numberIn(selector, [[value, top]]);
    }
  }
  if (constant.kind === 'address' && selector.kind === 'address') {
    const top = (1n << (selector.family === 'ipv4' ? 32n : 128n)) - 1n;
    const [value] = constant.range;
    const [from, to] =
      relation === '<'
        ? [0n, value - 1n]
        : relation === '<='
          ? [0n, value]
          : relation === '>'
            ? [value + 1n, top]
            : [value, top];
    return from > to
      ? none
      : oneOf(selector, [{ kind: 'address', family: selector.family, range: [from, to] }]);
  }
  return question(`${describe(selector)} ${relation} ${printExpression(right)}`);
}

function wrong(error: Constant | ConstantError, selector: Selector, context: LoweringContext): Match {
  if (error instanceof ConstantError) context.refuse(error.message, error.at);
  return question(`${describe(selector)} of an unknown value`);
}

/** A value by the selector's type; what nft refuses is reported and stays an open question. */
export function constantOf(expression: Expression, selector: Selector, context: LoweringContext): Constant {
  const constant = readConstant(expression, selector.type);
  if (constant instanceof ConstantError) {
    context.refuse(constant.message, constant.at);
    return { kind: 'unresolved', text: printExpression(expression) };
  }
  if (constant.kind === 'unresolved') context.unresolved(constant.text, expression.at);
  return constant;
}

/** Quotes are a matter of taste in nft, and JSON has none. */
function plainText(expression: Expression): string {
  return printExpression(expression).replaceAll('"', '');
}

function open(selector: Selector & { kind: 'unknown' }, text: string): Match {
  return { kind: 'unknown', scope: selector.perPacket ? 'packet' : 'rule', key: text, reason: text };
}

/** The key is one of the elements of `{ … }`. */
export function anyElement(
  key: readonly Selector[],
  elements: readonly SetElementSyntax[],
  context: LoweringContext,
  place?: number,
): Match {
  const flat = flatten(elements);
  if (elements.length === 0 && place !== undefined) context.refuse('a set in a rule needs an element', place);
  if (flat.some((element) => element.kind === 'anything')) return and();
  const selector = key[0]!;
  if (key.length > 1) {
    const types = key.map(({ type }) => type);
    refuseConflict(
      flat.map((element) => ({ key: element })),
      types,
      context,
    );
    return or(...flat.map((element) => tupleMatch(key, element, context)));
  }
  if (selector.kind === 'unknown') {
    for (const element of flat) checkValues(selector.text, element, context);
    return open(selector, `${selector.text} { ${flat.map(plainText).join(', ')} }`);
  }
  if (selector.kind === 'special')
    return or(...flat.map((element) => specialMatch(selector, '==', element, context)));
  return oneOf(
    selector,
    flat.map((element) => constantOf(element, selector, context)),
  );
}

/** Keys of elements with nested sets (of variables) and lists taken apart. */
export function flatten(elements: readonly SetElementSyntax[]): Expression[] {
  return elements.flatMap(({ key }) => flattenKey(key));
}

export function flattenKey(key: Expression): Expression[] {
  if (key.kind === 'set') return flatten(key.elements);
  return key.kind === 'list' ? key.of.flatMap(flattenKey) : [key];
}

/** `a . b` against `x . y`. */
export function tupleMatch(
  key: readonly Selector[],
  element: Expression,
  context: LoweringContext,
  isAlone = false,
): Match {
  if (element.kind === 'anything') {
    if (isAlone) refuseAlone(element, context);
    return and();
  }
  const parts = element.kind === 'concat' ? element.of : [element];
  if (parts.length !== key.length) {
    context.refuse(`a key of ${key.length} parts was expected`, element.at);
    return question(`${key.map(describe).join(' . ')} ${printExpression(element)}`);
  }
  return and(...parts.map((part, i) => partMatch(key[i]!, part, context)));
}

function partMatch(selector: Selector, part: Expression, context: LoweringContext): Match {
  if (selector.kind === 'unknown') {
    checkValues(selector.text, part, context);
    return open(selector, `${selector.text} ${plainText(part)}`);
  }
  if (selector.kind === 'special') return specialMatch(selector, '==', part, context);
  return oneOf(selector, [constantOf(part, selector, context)]);
}

function refuseAlone(anything: Expression, context: LoweringContext): void {
  context.refuse('"*" stands for all else in a set only', anything.at);
}
