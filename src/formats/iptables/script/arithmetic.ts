/** Variables that arithmetic reads and changes; undefined stands for a value that is not known. */
export interface ArithmeticVariables {
  readonly get: (name: string) => string | undefined;
  readonly set: (name: string, value: string | undefined) => void;
}

/** Parentheses, signs and assignments, at most this deep in each other. */
const deepest = 100;

/** Binary operators by how strongly they bind; those of one row go from left to right (C, and 2.6.4 of the Shell Command Language). */
const rows: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

/**
 * Works out the expressions of `$((…))`, `((…))` and `let`: the value of the last one, undefined where it hangs on something unknown or is
 * not read here.
 */
export function evaluateArithmetic(text: string, variables: ArithmeticVariables): bigint | undefined {
  const tokens =
    text.match(/[A-Za-z_]\w*|\d\w*|\+\+|--|<<=|>>=|[-+*/%&|^<>=!]=|<<|>>|&&|\|\||[-+*/%&|^<>=!~?:(),]|\S/g) ??
    [];
  return new Evaluation(tokens, variables).value();
}

class Evaluation {
  private at = 0;
  private depth = 0;
  private readonly tokens: readonly string[];
  private readonly variables: ArithmeticVariables;

  constructor(tokens: readonly string[], variables: ArithmeticVariables) {
    this.tokens = tokens;
    this.variables = variables;
  }

  value(): bigint | undefined {
    let value: bigint | undefined;
    do value = this.assignment();
    while (this.take(','));
    return this.at < this.tokens.length ? undefined : value;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at++;
    return true;
  }

  private assignment(): bigint | undefined {
    if (this.depth++ > deepest) return undefined;
    const value = this.assigned();
    this.depth--;
    return value;
  }

  private assigned(): bigint | undefined {
    const name = this.tokens[this.at] ?? '';
    const operator = this.tokens[this.at + 1] ?? '';
    if (!/^[A-Za-z_]/.test(name) || !/^(?:[-+*/%&|^]|<<|>>)?=$/.test(operator)) return this.binary(0);
    this.at += 2;
    const right = this.assignment();
    const value = operator === '=' ? right : applied(operator.slice(0, -1), this.read(name), right);
    this.variables.set(name, value?.toString());
    return value;
  }

  private binary(row: number): bigint | undefined {
    const operators = rows[row];
    if (operators === undefined) return this.unary();
    let left = this.binary(row + 1);
    for (;;) {
      const operator = this.tokens[this.at] ?? '';
      if (!operators.includes(operator)) return left;
      this.at++;
      left = applied(operator, left, this.binary(row + 1));
    }
  }

  private unary(): bigint | undefined {
    if (this.depth++ > deepest) return undefined;
    const value = this.signed();
    this.depth--;
    return value;
  }

  private signed(): bigint | undefined {
    const token = this.tokens[this.at++] ?? '';
    switch (token) {
      case '+':
        return this.unary();
      case '-':
        return applied('-', 0n, this.unary());
      case '!':
        return applied('==', this.unary(), 0n);
      case '++':
      case '--':
        return this.step(this.tokens[this.at++] ?? '', token, 'new');
      case '(': {
        const value = this.assignment();
        return this.take(')') ? value : undefined;
      }
      default:
        break;
    }
    if (/^\d/.test(token)) return numberOf(token);
    if (!/^[A-Za-z_]/.test(token)) return undefined;
    const next = this.tokens[this.at] ?? '';
    if (next !== '++' && next !== '--') return this.read(token);
    this.at++;
    return this.step(token, next, 'old');
  }

  private step(name: string, operator: string, result: 'old' | 'new'): bigint | undefined {
    const old = this.read(name);
    const value = applied(operator === '++' ? '+' : '-', old, 1n);
    this.variables.set(name, value?.toString());
    return result === 'old' ? old : value;
  }

  /** A variable without a value counts as 0. */
  private read(name: string): bigint | undefined {
    const text = this.variables.get(name)?.trim();
    return text === '' ? 0n : text === undefined ? undefined : numberOf(text);
  }
}

/** Decimal, octal with a leading 0, hexadecimal. */
function numberOf(text: string): bigint | undefined {
  if (/^-\d+$/.test(text)) return applied('-', 0n, numberOf(text.slice(1)));
  if (/^0[0-7]+$/.test(text)) return BigInt(`0o${text.slice(1)}`);
  return /^(?:[1-9]\d{0,18}|0|0[xX][\da-fA-F]{1,16})$/.test(text) ? BigInt(text) : undefined;
}

function applied(operator: string, left: bigint | undefined, right: bigint | undefined): bigint | undefined {
  if (left === undefined || right === undefined) return undefined;
  const truth = (holds: boolean): bigint => (holds ? 1n : 0n);
  const result = ((): bigint | undefined => {
    switch (operator) {
      case '||':
        return truth(left !== 0n || right !== 0n);
      case '&&':
        return truth(left !== 0n && right !== 0n);
      case '|':
        return left | right;
      case '^':
        return left ^ right;
      case '&':
        return left & right;
      case '==':
        return truth(left === right);
      case '!=':
        return truth(left !== right);
      case '<=':
        return truth(left <= right);
      case '>=':
        return truth(left >= right);
      case '<':
        return truth(left < right);
      case '>':
        return truth(left > right);
      case '<<':
        return right < 0n || right > 63n ? undefined : left << right;
      case '>>':
        return right < 0n || right > 63n ? undefined : left >> right;
      case '+':
        return left + right;
      case '-':
        return left - right;
      case '*':
        return left * right;
      case '/':
        return right === 0n ? undefined : left / right;
      case '%':
        return right === 0n ? undefined : left % right;
      default:
        return undefined;
    }
  })();
  // Shells count in 64 bits; what leaves them is not followed.
  return result === undefined || BigInt.asIntN(64, result) !== result ? undefined : result;
}
