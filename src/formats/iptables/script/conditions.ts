import { isUnresolved } from '../lowering.ts';
import { fitsPattern } from './patterns.ts';

/** Tests of more words are not worked out. */
const mostWords = 200;

/**
 * What `test`, `[` or `[[` says of constant operands; undefined when it hangs on something the script does not hold. `patterns` are the
 * words as patterns, for which `[[` alone takes what stands on the right.
 */
export function evaluateTest(
  words: readonly string[],
  patterns: readonly string[] = [],
): boolean | undefined {
  if (words.length > mostWords) return undefined;
  const args = words.at(-1) === ']' || words.at(-1) === ']]' ? words.slice(0, -1) : words;
  if (args.length > 3 && (args.includes('(') || args.includes(')'))) return undefined;
  const joints = patterns.length > 0 ? (['||', '&&'] as const) : (['-o', '-a'] as const);
  for (const [joint, word] of [['or', joints[0]] as const, ['and', joints[1]] as const]) {
    const at = args.indexOf(word, 1);
    if (at < 1 || args.length < 3 || (args.length === 3 && patterns.length === 0)) continue;
    const left = evaluateTest(args.slice(0, at), patterns.slice(0, at));
    const right = evaluateTest(args.slice(at + 1), patterns.slice(at + 1));
    const decisive = joint === 'or';
    if (left === decisive || right === decisive) return decisive;
    return left === undefined || right === undefined ? undefined : !decisive;
  }
  if (args[0] === '!') {
    const inner = evaluateTest(args.slice(1), patterns.slice(1));
    return inner === undefined ? undefined : !inner;
  }
  if (args.some(isUnresolved)) return undefined;
  const [a = '', operator = '', b = ''] = args;
  if (args.length === 1) return a !== '';
  if (args.length === 2) {
    if (a === '-n') return operator !== '';
    if (a === '-z') return operator === '';
    return undefined;
  }
  if (args.length !== 3) return undefined;
  switch (operator) {
    case '=':
    case '==':
      return equals(a, b, patterns[2]);
    case '!=':
      return differs(equals(a, b, patterns[2]));
    case '-eq':
      return bothNumbers(a, b) ? Number(a) === Number(b) : undefined;
    case '-ne':
      return bothNumbers(a, b) ? Number(a) !== Number(b) : undefined;
    case '-gt':
      return bothNumbers(a, b) ? Number(a) > Number(b) : undefined;
    case '-ge':
      return bothNumbers(a, b) ? Number(a) >= Number(b) : undefined;
    case '-lt':
      return bothNumbers(a, b) ? Number(a) < Number(b) : undefined;
    case '-le':
      return bothNumbers(a, b) ? Number(a) <= Number(b) : undefined;
    default:
      return undefined;
  }
}

function equals(text: string, other: string, pattern: string | undefined): boolean | undefined {
  return pattern === undefined ? text === other : fitsPattern(text, pattern);
}

function differs(equal: boolean | undefined): boolean | undefined {
  return equal === undefined ? undefined : !equal;
}

function bothNumbers(a: string, b: string): boolean {
  return /^\s*-?\d+\s*$/.test(a) && /^\s*-?\d+\s*$/.test(b);
}
