import { printExpression } from '../../../grammars/nftables/print.ts';
import type { Expression, NatStatement } from '../../../grammars/nftables/syntax.ts';
import type { Change } from '../../model/action.ts';
import type { Family } from '../../packets/fields.ts';
import { ConstantError, readConstant } from './constants.ts';
import { dataTypes } from './datatypes.ts';
import type { LoweringContext } from './lowering-context.ts';
import type { Path } from './path.ts';

const destinationTranslated: Change = { kind: 'number', field: 'destinationTranslated', from: 1, to: 1 };

/** The changes of `snat`, `dnat`, `redirect` and `masquerade`; the family that the target has is put on the path. */
export function lowerNat(statement: NatStatement, path: Path, context: LoweringContext): Change[] {
  const toSource = statement.type === 'snat' || statement.type === 'masquerade';
  const addressField = toSource ? 'source' : 'destination';
  const portField = toSource ? 'sourcePort' : 'destinationPort';
  const changes: Change[] = [{ kind: 'bind', side: addressField }];
  if (!toSource) changes.push(destinationTranslated);
  let { address, port } = statement;
  // `dnat ip addr . port to …`: both in one value.
  if (address?.kind === 'concat') {
    [address, port] = [address.of[0], address.of[1] ?? port];
  }
  const family =
    statement.family === 'ip' ? 'ipv4' : statement.family === 'ip6' ? 'ipv6' : familyOf(address, context);
  // nft takes the family from tests before (evaluate.c, nat_evaluate_family).
  if (
    context.family === 'inet' &&
    statement.family === undefined &&
    address !== undefined &&
    isLiteral(address) &&
    !path.tellsFamily
  )
    context.refuse(
      `read "${statement.type} to" in a table of family inet, expected "${statement.type} ip to" or "${statement.type} ip6 to"`,
      statement.at,
    );
  if (family !== undefined) path.require({ family }, context, statement.at);
  if (statement.type === 'redirect') changes.push({ kind: 'to-host' });
  else if (statement.type === 'masquerade') changes.push({ kind: 'from-host' });
  else if (address !== undefined)
    changes.push(addressChange(address, addressField, family, keepsHostPart(statement), context));
  if (port !== undefined) changes.push(portChange(port, portField, context));
  return changes;
}

function familyOf(address: Expression | undefined, context: LoweringContext): Family | undefined {
  switch (address?.kind) {
    case 'ipv4':
      return 'ipv4';
    case 'ipv6':
      return 'ipv6';
    case 'range':
      return familyOf(address.from, context);
    case 'prefix':
      return familyOf(address.value, context);
    default:
      return context.family === 'ip' ? 'ipv4' : context.family === 'ip6' ? 'ipv6' : undefined;
  }
}

function addressChange(
  address: Expression,
  field: 'source' | 'destination',
  family: Family | undefined,
  keepsHost: boolean,
  context: LoweringContext,
): Change {
  if (family !== undefined) {
    const constant = readConstant(address, family === 'ipv4' ? dataTypes.ipv4_addr : dataTypes.ipv6_addr);
    if (constant instanceof ConstantError) {
      if (isLiteral(address)) context.refuse(constant.message, constant.at);
    } else if (constant.kind === 'address') {
      if (keepsHost) {
        // The host part is kept: one address for one (nft(8), "NAT STATEMENTS").
        const [from, to] = constant.range;
        return { kind: 'address-bits', field, family, and: to - from, xor: from };
      }
      return { kind: 'address', field, family, range: constant.range };
    }
  }
  return { kind: 'unknown', field, reason: `translated to ${printExpression(address)}` };
}

/** `dnat ip prefix to 10.0.0.0/24`; without the word the prefix is a range to choose from. */
function keepsHostPart(statement: NatStatement): boolean {
  return (
    statement.shape === 'prefix' || statement.flags.some((flag) => flag === 'netmap' || flag === 'prefix')
  );
}

function isLiteral(expression: Expression): boolean {
  return (
    expression.kind === 'ipv4' ||
    expression.kind === 'ipv6' ||
    expression.kind === 'prefix' ||
    expression.kind === 'range'
  );
}

function portChange(
  port: Expression,
  field: 'sourcePort' | 'destinationPort',
  context: LoweringContext,
): Change {
  const constant = readConstant(port, dataTypes.inet_service);
  if (constant instanceof ConstantError) {
    if (port.kind === 'number' || port.kind === 'range') context.refuse(constant.message, constant.at);
  } else if (constant.kind === 'number')
    return { kind: 'number', field, from: constant.from, to: constant.to };
  return { kind: 'unknown', field, reason: `translated to port ${printExpression(port)}` };
}
