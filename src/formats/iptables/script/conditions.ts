import { isUnresolved } from '../lowering.ts';

/** What `test`, `[` or `[[` says of constant operands; undefined when it hangs on something the script does not hold. */
export function evaluateTest(words: readonly string[]): boolean | undefined {
  const args = words.at(-1) === ']' || words.at(-1) === ']]' ? words.slice(0, -1) : words;
  if (args.some(isUnresolved)) return undefined;
  if (args[0] === '!') {
    const inner = evaluateTest(args.slice(1));
    return inner === undefined ? undefined : !inner;
  }
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
      return /[*?[]/.test(b) ? undefined : a === b;
    case '!=':
      return /[*?[]/.test(b) ? undefined : a !== b;
    case '-eq':
      return Number(a) === Number(b);
    case '-ne':
      return Number(a) !== Number(b);
    case '-gt':
      return Number(a) > Number(b);
    case '-ge':
      return Number(a) >= Number(b);
    case '-lt':
      return Number(a) < Number(b);
    case '-le':
      return Number(a) <= Number(b);
    default:
      return undefined;
  }
}

/** Whether a `case` pattern without wildcards inside fits a known subject. */
export function fitsPattern(subject: string, pattern: string): boolean | undefined {
  if (pattern === '*') return true;
  if (/[*?[]/.test(pattern)) return undefined;
  return subject === pattern;
}
