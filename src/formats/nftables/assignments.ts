import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Expression } from '../../../grammars/nftables/syntax.ts';
import type { Change } from '../../model/action.ts';
import { readConstant, ConstantError } from './constants.ts';
import type { LoweringContext } from './lowering-context.ts';
import type { Path } from './path.ts';
import { keyOf } from './relations.ts';
import { needsIn, selectorOf } from './selectors.ts';

/**
 * `meta mark set …`, `ip daddr set …`: the change, or undefined where what is written decides nothing later (`ct mark`, `ip ttl`,
 * `meta priority`). The tests that nft adds for the target are put on the path.
 */
export function assignment(
  target: Expression,
  value: Expression,
  path: Path,
  context: LoweringContext,
): Change | undefined {
  const selector = selectorOf(target, context.family);
  if (selector === undefined) {
    context.refuse(`read "${printExpression(target)}", expected something that can be set`, target.at);
    return undefined;
  }
  if (target.kind === 'payload' || target.kind === 'exists' || target.kind === 'other')
    path.require(selector.needs, context, target.at);
  // What cannot be loaded ends the rule.
  path.require(needsIn(value, context.family), context, value.at);
  if (selector.kind === 'number' && target.kind !== 'ct') {
    const { field } = selector;
    const unknown: Change = {
      kind: 'unknown',
      field,
      reason: `${printExpression(target)} set ${printExpression(value)}`,
    };
    if (selector.shift !== 0 || selector.and !== (2 ** selector.width - 1) >>> 0) return unknown;
    const constant =
      selectorOf(value, context.family) === undefined && !holdsSelector(value, context)
        ? readConstant(value, selector.type)
        : undefined;
    if (constant instanceof ConstantError) {
      context.refuse(constant.message, constant.at);
      return unknown;
    }
    if (constant?.kind === 'number' && constant.from === constant.to) {
      return field === 'mark'
        ? { kind: 'bits', field, and: 0, xor: constant.from }
        : { kind: 'number', field, from: constant.from, to: constant.from };
    }
    if (constant !== undefined) return unknown;
    // `meta mark set meta mark & 0xff | 1` keeps some bits.
    const [own] = keyOf(value, context);
    if (own?.kind === 'number' && own.field === field && own.shift === 0 && field === 'mark')
      return { kind: 'bits', field, and: own.and, xor: own.xor };
    return unknown;
  }
  if (selector.kind === 'address' && target.kind === 'payload') {
    const constant = readConstant(value, selector.type);
    if (!(constant instanceof ConstantError) && constant.kind === 'address')
      return { kind: 'address', field: selector.field, family: selector.family, range: constant.range };
    return {
      kind: 'unknown',
      field: selector.field,
      reason: `${printExpression(target)} set ${printExpression(value)}`,
    };
  }
  const object = target.kind === 'ct' && connectionObjects.has(target.key);
  if (target.kind === 'meta' && !settableMeta.has(target.key))
    context.refuse(`"${printExpression(target)}" cannot be set`, target.at);
  else if (selector.kind === 'unknown' && !selector.known && !object)
    context.misunderstood(`"${selector.text}"`, target.at);
  return undefined;
}

/** `ct helper set "ftp"`, `ct timeout set …`: objects attached to the connection. */
const connectionObjects: ReadonlySet<string> = new Set(['helper', 'timeout', 'expectation']);

/** nft(8), "META STATEMENT"; `broute` and `ibrpvid` since 1.0.9. */
const settableMeta: ReadonlySet<string> = new Set([
  'mark',
  'priority',
  'pkttype',
  'nftrace',
  'secmark',
  'broute',
]);

function holdsSelector(expression: Expression, context: LoweringContext): boolean {
  if (expression.kind === 'binary')
    return holdsSelector(expression.left, context) || holdsSelector(expression.right, context);
  return (
    selectorOf(expression, context.family) !== undefined ||
    expression.kind === 'map' ||
    expression.kind === 'concat'
  );
}
