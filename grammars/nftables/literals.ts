import type { IToken, TokenType } from 'chevrotain';
import type { Expression, SetElementSyntax } from './syntax.ts';
import * as t from './tokens.ts';

type LiteralKind = 'number' | 'word' | 'ipv4' | 'ipv6' | 'mac';

export function literal(kind: LiteralKind, token: IToken): Expression {
  return { kind, text: token.image, at: token.startOffset };
}

const source = (type: TokenType): string => `(?:${(type.PATTERN as RegExp).source})`;
const mac = new RegExp(`^${source(t.Mac)}$`);
const ipv4 = source(t.Ipv4);
const number = source(t.Number_);
const value =
  `(?:${ipv4}(?:/\\d+|-${ipv4})?|${number}(?:-${number})?|` +
  `${source(t.Mac)}|${source(t.Ipv6)}(?:/\\d+)?)(?=[ \\t\\r\\n;#,}]|$)`;

/** `22`, `80-90`, `10.0.0.0/8`, `fe80::1`, or several in braces: values that are no words, spelled in the usual way. */
const literals = new RegExp(`${value}|\\{[ \\t]*${value}(?:[ \\t]*,[ \\t]*${value})*[ \\t]*\\}`, 'y');

/** Whether `[start, end)` of the text is a value that `readLiteral` reads. */
export function isLiteral(text: string, start: number, end: number): boolean {
  literals.lastIndex = start;
  return literals.test(text) && literals.lastIndex === end;
}

/** The value that the grammar reads in such a text; offsets are in `text`. */
export function readLiteral(text: string): Expression {
  if (text.charCodeAt(0) !== 123) return valueOf(text, 0, text.length);
  const elements: SetElementSyntax[] = [];
  let start = 0;
  for (let i = 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const isInside = c !== 32 && c !== 9 && c !== 44 && c !== 125;
    if (isInside && start === 0) start = i;
    else if (!isInside && start > 0) {
      elements.push({ key: valueOf(text, start, i) });
      start = 0;
    }
  }
  return { kind: 'set', elements, at: 0 };
}

/** One value, a prefix or a range: the characters tell which. */
function valueOf(text: string, start: number, end: number): Expression {
  let kind: LiteralKind = 'number';
  for (let i = start; i < end; i++) {
    switch (text.charCodeAt(i)) {
      case 45: {
        const from = single(kind, text, start, i);
        return { kind: 'range', from, to: single(kind, text, i + 1, end), at: start };
      }
      case 47: {
        const value = single(kind, text, start, i);
        return { kind: 'prefix', value, length: single('number', text, i + 1, end), at: start };
      }
      case 46:
        // An IPv6 address may end like one of IPv4.
        if (kind === 'number') kind = 'ipv4';
        break;
      case 58:
        kind = 'ipv6';
        break;
    }
  }
  return single(kind, text, start, end);
}

function single(kind: LiteralKind, text: string, start: number, end: number): Expression {
  const image = start === 0 && end === text.length ? text : text.slice(start, end);
  return { kind: kind === 'ipv6' && mac.test(image) ? 'mac' : kind, text: image, at: start };
}
