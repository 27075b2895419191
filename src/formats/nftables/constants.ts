import type { Expression } from '../../../grammars/nftables/syntax.ts';
import type { AddressRange, Family } from '../../packets/fields.ts';
import { parseAddress } from '../../packets/address-text.ts';
import { portByName } from '../../ports/service-names.ts';
import { booleanSymbols, type DataType } from './datatypes.ts';
import { parseNftIpv4, parseNftNumber } from './number-text.ts';
import { protocolByName } from './protocol-names.ts';

/** A value on the right of a comparison or in a set, read by the type that the left has. */
export type Constant =
  | { readonly kind: 'number'; readonly from: number; readonly to: number }
  | { readonly kind: 'address'; readonly family: Family; readonly range: AddressRange }
  | { readonly kind: 'name'; readonly name: string; readonly prefix: boolean }
  /** The catch-all element. */
  | { readonly kind: 'anything' }
  /** A name that only the host can resolve, or an undefined variable. */
  | { readonly kind: 'unresolved'; readonly text: string };

/** What nft would say of a value that its type does not have. */
export class ConstantError {
  readonly message: string;
  readonly at: number;

  constructor(message: string, at: number) {
    this.message = message;
    this.at = at;
  }
}

/** Reads one value (no list, no set). */
export function readConstant(expression: Expression, type: DataType): Constant | ConstantError {
  if (expression.kind === 'anything') return { kind: 'anything' };
  if (expression.kind === 'variable') return { kind: 'unresolved', text: `$${expression.name}` };
  switch (type.form) {
    case 'address':
      return readAddress(expression, type.family!);
    case 'name':
      return readName(expression);
    case 'number':
      return readNumberConstant(expression, type);
    case 'opaque':
      return { kind: 'unresolved', text: 'value' };
  }
}

function readAddress(expression: Expression, family: Family): Constant | ConstantError {
  const wrong = (): ConstantError =>
    new ConstantError(`an ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address was expected`, expression.at);
  switch (expression.kind) {
    case 'ipv4': {
      if (family !== 'ipv4') return wrong();
      const value = parseNftIpv4(expression.text);
      if (value === undefined) return wrong();
      const address = BigInt(value);
      return { kind: 'address', family, range: [address, address] };
    }
    case 'ipv6': {
      const parsed = parseAddress(expression.text);
      if (family !== 'ipv6' || parsed === undefined) return wrong();
      return { kind: 'address', family, range: [parsed.address, parsed.address] };
    }
    case 'prefix': {
      if (expression.value.kind === 'ipv4' && expression.length.kind === 'number' && family === 'ipv4') {
        const value = parseNftIpv4(expression.value.text);
        const length = parseNftNumber(expression.length.text);
        if (value !== undefined && length !== undefined && length <= 32) {
          const size = 2 ** (32 - length);
          const from = value - (value % size);
          return { kind: 'address', family, range: [BigInt(from), BigInt(from + size - 1)] };
        }
      }
      const base = readAddress(expression.value, family);
      if (base instanceof ConstantError || base.kind !== 'address') return base;
      const bits = family === 'ipv4' ? 32 : 128;
      const length = expression.length.kind === 'number' ? parseNftNumber(expression.length.text) : undefined;
      if (length === undefined || length > bits)
        return new ConstantError(`a prefix length of 0 to ${bits} was expected`, expression.length.at);
      const host = (1n << BigInt(bits - length)) - 1n;
      return { kind: 'address', family, range: [base.range[0] & ~host, base.range[0] | host] };
    }
    case 'range': {
      const from = readAddress(expression.from, family);
      const to = readAddress(expression.to, family);
      if (from instanceof ConstantError || from.kind !== 'address') return from;
      if (to instanceof ConstantError || to.kind !== 'address') return to;
      if (from.range[0] > to.range[1]) return new ConstantError('the range runs backwards', expression.at);
      return { kind: 'address', family, range: [from.range[0], to.range[1]] };
    }
    case 'number': {
      // nft reads a bare number as an address of that value.
      const value = parseNftNumber(expression.text);
      if (value === undefined) return wrong();
      return { kind: 'address', family, range: [BigInt(value), BigInt(value)] };
    }
    case 'string': {
      // In quotes, too, the resolver knows an address.
      const kind = family === 'ipv4' ? 'ipv4' : 'ipv6';
      const quoted = readAddress({ kind, text: expression.text, at: expression.at }, family);
      return quoted instanceof ConstantError ? { kind: 'unresolved', text: expression.text } : quoted;
    }
    case 'word':
      // A host name: nft asks the resolver when it loads.
      return { kind: 'unresolved', text: expression.text };
    default:
      return wrong();
  }
}

function readName(expression: Expression): Constant | ConstantError {
  switch (expression.kind) {
    case 'word':
    case 'string':
    // A device may be called like an address.
    case 'ipv4':
    case 'ipv6':
    case 'mac': {
      const { text } = expression;
      const escaped = text.endsWith('\\*');
      const fits = /^(?!\*$).{1,15}$/s.test(text);
      if (!fits)
        return new ConstantError(
          'the name of an interface, of 1 to 15 characters, was expected',
          expression.at,
        );
      if (text.endsWith('*') && !escaped) return { kind: 'name', name: text.slice(0, -1), prefix: true };
      return { kind: 'name', name: escaped ? `${text.slice(0, -2)}*` : text, prefix: false };
    }
    case 'number':
      // `iif 2`: which device has that index, only the host knows.
      return parseNftNumber(expression.text) === undefined
        ? { kind: 'name', name: expression.text, prefix: false }
        : { kind: 'unresolved', text: `interface index ${expression.text}` };
    default:
      return new ConstantError('the name of an interface was expected', expression.at);
  }
}

function readNumberConstant(expression: Expression, type: DataType): Constant | ConstantError {
  if (expression.kind === 'range') {
    const from = readNumber(expression.from, type);
    const to = readNumber(expression.to, type);
    if (typeof from !== 'number') return from;
    if (typeof to !== 'number') return to;
    if (from > to) return new ConstantError('the range runs backwards', expression.at);
    return { kind: 'number', from, to };
  }
  if (expression.kind === 'prefix') {
    const base = readNumber(expression.value, type);
    if (typeof base !== 'number') return base;
    const length = expression.length.kind === 'number' ? parseNftNumber(expression.length.text) : undefined;
    if (length === undefined || length > type.bits)
      return new ConstantError('a prefix length was expected', expression.at);
    const size = 2 ** (type.bits - length);
    const from = base - (base % size);
    return { kind: 'number', from, to: from + size - 1 };
  }
  const value = readNumber(expression, type);
  return typeof value === 'number' ? { kind: 'number', from: value, to: value } : value;
}

/** A single number: a literal, a symbol of the type, or an operation on numbers. */
export function readNumber(
  expression: Expression,
  type: DataType,
): number | ConstantError | (Constant & { kind: 'unresolved' }) {
  const limit = 2 ** type.bits - 1;
  switch (expression.kind) {
    case 'number': {
      const value = parseNftNumber(expression.text) ?? type.symbols?.get(expression.text);
      if (value === undefined)
        return new ConstantError(`"${expression.text}" is no ${type.name}`, expression.at);
      if (value > limit)
        return new ConstantError(
          `${expression.text} exceeds the largest ${type.name}, ${limit}`,
          expression.at,
        );
      return value;
    }
    case 'word':
    case 'string': {
      const value = symbolValue(expression.text, type);
      if (value !== undefined) return value;
      // A number in quotes is a number.
      const quoted = expression.kind === 'string' ? parseNftNumber(expression.text) : undefined;
      if (quoted !== undefined) return readNumber({ ...expression, kind: 'number' }, type);
      // `80:90` is one word for nft, and no service has a name like it.
      if (type.name === 'inet_service' && !expression.text.includes(':'))
        return { kind: 'unresolved', text: `service ${expression.text}` };
      if (type.name === 'mark') return { kind: 'unresolved', text: `mark ${expression.text}` };
      return new ConstantError(`"${expression.text}" is no ${type.name}`, expression.at);
    }
    case 'binary': {
      const left = readNumber(expression.left, type);
      const right = readNumber(expression.right, type);
      if (typeof left !== 'number') return left;
      if (typeof right !== 'number') return right;
      switch (expression.operator) {
        case '&':
          return (left & right) >>> 0;
        case '|':
          return (left | right) >>> 0;
        case '^':
          return (left ^ right) >>> 0;
        case '<<':
          return right > 31 ? 0 : (left << right) >>> 0;
        case '>>':
          return right > 31 ? 0 : left >>> right;
      }
      break;
    }
    case 'list': {
      // A list of flags is their union.
      let value = 0;
      for (const part of expression.of) {
        const one = readNumber(part, type);
        if (typeof one !== 'number') return one;
        value |= one;
      }
      return value >>> 0;
    }
    case 'variable':
      return { kind: 'unresolved', text: `$${expression.name}` };
    default:
      break;
  }
  return new ConstantError(`a value of type ${type.name} was expected`, expression.at);
}

function symbolValue(text: string, type: DataType): number | undefined {
  const known = type.symbols?.get(text);
  if (known !== undefined) return known;
  if (type.name === 'inet_proto') return protocolByName(text);
  if (type.name === 'inet_service') return portByName(text);
  if (type.name === 'boolean' || type.name === 'iface_index') return booleanSymbols.get(text);
  return undefined;
}
