import type { Expression, SetElementSyntax } from './syntax.ts';

/** The canonical text of an expression, as `nft list` would print it: the same for text and JSON inputs. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      // JSON knows decimal numbers only.
      return /^0x[0-9a-f]{1,13}$/i.test(expression.text) ? String(Number(expression.text)) : expression.text;
    case 'word':
    case 'ipv4':
    case 'ipv6':
    case 'mac':
      return expression.text;
    case 'string':
      return `"${expression.text}"`;
    case 'variable':
      return `$${expression.name}`;
    case 'anything':
      return '*';
    case 'range':
      return `${printExpression(expression.from)}-${printExpression(expression.to)}`;
    case 'prefix':
      return `${printExpression(expression.value)}/${printExpression(expression.length)}`;
    case 'list':
      return expression.of.map(printExpression).join(',');
    case 'concat':
      return expression.of.map(printExpression).join(' . ');
    case 'set':
      return expression.elements.length === 0
        ? '{ }'
        : `{ ${expression.elements.map(printElement).join(', ')} }`;
    case 'named-set':
      return `@${expression.name}`;
    case 'binary':
      return `${operand(expression.left)} ${expression.operator} ${operand(expression.right)}`;
    case 'map':
      return `${printExpression(expression.key)} map ${printExpression(expression.data)}`;
    case 'verdict': {
      const { verdict } = expression;
      if ('chain' in verdict) return `${verdict.kind} ${printExpression(verdict.chain)}`;
      return 'block' in verdict ? `${verdict.kind} { … }` : verdict.kind;
    }
    case 'payload':
      return `${expression.inner === undefined ? '' : `${expression.inner} `}${expression.header} ${expression.field}`;
    case 'raw':
      return `@${expression.base},${expression.offset},${expression.length}`;
    case 'meta':
      return bareMetaKeys.has(expression.key) ? expression.key : `meta ${expression.key}`;
    case 'ct':
      return ['ct', expression.direction, expression.family, expression.key]
        .filter((w) => w !== undefined)
        .join(' ');
    case 'fib':
      return `fib ${expression.inputs.join(' . ')} ${expression.result}`;
    case 'exists':
      return expression.header;
    case 'other':
      return expression.text;
  }
}

function operand(expression: Expression): string {
  return expression.kind === 'binary' ? `(${printExpression(expression)})` : printExpression(expression);
}

function printElement(element: SetElementSyntax): string {
  const key = printExpression(element.key);
  return element.data === undefined ? key : `${key} : ${printExpression(element.data)}`;
}

/** nft prints these without `meta`. */
const bareMetaKeys: ReadonlySet<string> = new Set(
  'iif iifname iiftype iifgroup oif oifname oiftype oifgroup'.split(' '),
);
