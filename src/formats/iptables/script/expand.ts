import { lexWord } from '../../../../grammars/iptables/shell-lexer.ts';
import type { ShellPart, ShellWord } from '../../../../grammars/iptables/shell-syntax.ts';
import { unresolvedMark } from '../lowering.ts';

/** Variables and positional parameters of a script, as far as they are known. */
export interface Scope {
  variables: Map<string, readonly string[]>;
  positional: readonly string[] | undefined;
}

const deepestOperand = 8;
const mostFields = 20000;

/** What stands where an expansion is not known: a mark, and the text as it was written. */
function unresolved(text: string): string {
  return unresolvedMark + text;
}

function written(part: Exclude<ShellPart, { kind: 'text' }>): string {
  switch (part.kind) {
    case 'variable':
      return part.operator === '' ? `$${part.name}` : `\${${part.name}${part.operator}${part.operand}}`;
    case 'command':
      return `$(${part.text})`;
    case 'arithmetic':
      return `$((${part.text}))`;
  }
}

/** The values an expansion stands for: several for `$@` and arrays, undefined when they are not known. */
function values(
  part: Exclude<ShellPart, { kind: 'text' }>,
  scope: Scope,
  depth: number,
): readonly string[] | undefined {
  switch (part.kind) {
    case 'variable': {
      const found = variable(part, scope, depth);
      return found?.some((value) => value.includes(unresolvedMark)) === true ? undefined : found;
    }
    case 'command':
      return substitution(part.text, scope, depth);
    case 'arithmetic':
      return /^\s*\d+\s*$/.test(part.text) ? [part.text.trim()] : undefined;
  }
}

function variable(
  part: Extract<ShellPart, { kind: 'variable' }>,
  scope: Scope,
  depth: number,
): readonly string[] | undefined {
  const { name, operator, operand } = part;
  const found = lookUp(name, scope);
  const operandValue = (): readonly string[] | undefined => {
    if (depth >= deepestOperand) return undefined;
    const text = expandJoined(lexWord(operand), scope, depth + 1);
    return text.includes(unresolvedMark) ? undefined : [text];
  };
  switch (operator) {
    case '':
    case '[@]':
    case '[*]':
      return found;
    case ':-':
    case '-':
    case ':=':
    case '=':
      return found === undefined || (operator.startsWith(':') && found.join('') === '')
        ? operandValue()
        : found;
    case ':+':
    case '+':
      return found === undefined ? undefined : found.join('') === '' ? [''] : operandValue();
    case ':?':
    case '?':
      return found;
    default: {
      const index = /^\[(\d+)\]$/.exec(operator);
      const element = index === null ? undefined : found?.[Number(index[1])];
      return element === undefined ? undefined : [element];
    }
  }
}

function lookUp(name: string, scope: Scope): readonly string[] | undefined {
  if (name === '@' || name === '*') return scope.positional;
  if (name === '#') return scope.positional === undefined ? undefined : [String(scope.positional.length)];
  if (/^[1-9]\d*$/.test(name)) {
    if (scope.positional === undefined) return undefined;
    return [scope.positional[Number(name) - 1] ?? ''];
  }
  return scope.variables.get(name);
}

/** The few command substitutions whose output is plain from their text. */
function substitution(text: string, scope: Scope, depth: number): readonly string[] | undefined {
  const which = /^\s*(?:which|command\s+-v|type\s+-p)\s+(\S+)(?:\s+2>\s*\/dev\/null)?\s*$/.exec(text);
  if (which !== null) return [which[1] ?? ''];
  const sequence = /^\s*seq\s+(\d{1,5})\s+(\d{1,5})\s*$/.exec(text);
  if (sequence !== null) {
    const from = Number(sequence[1]);
    const to = Number(sequence[2]);
    if (to - from > 10000) return undefined;
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => String(from + i));
  }
  const echo = /^\s*echo\s+([^|;&<>`]*)$/.exec(text);
  if (echo === null || depth >= deepestOperand) return undefined;
  const result = expandJoined(
    lexWord(`"${(echo[1] ?? '').trim().replace(/^"(.*)"$/, '$1')}"`),
    scope,
    depth + 1,
  );
  return result.includes(unresolvedMark) ? undefined : [result];
}

/** A word as one string, without splitting: assignments, heredoc lines, subjects of `case`. */
export function expandJoined(word: ShellWord, scope: Scope, depth = 0): string {
  return word.parts
    .map((part) =>
      part.kind === 'text' ? part.text : (values(part, scope, depth)?.join(' ') ?? unresolved(written(part))),
    )
    .join('');
}

/** A word as the fields a command gets: unquoted expansions are split at blanks, `"$@"` gives one field a parameter, braces multiply. */
export function expandFields(word: ShellWord, scope: Scope): readonly string[] {
  const fields: string[] = [];
  let current: string | undefined;
  const close = (): void => {
    if (current !== undefined) fields.push(current);
    current = undefined;
  };
  for (const part of word.parts) {
    if (part.kind === 'text') {
      current = (current ?? '') + part.text;
      continue;
    }
    const found = values(part, scope, 0);
    if (found === undefined) {
      current = (current ?? '') + unresolved(written(part));
    } else if (part.quoted) {
      const separate = part.kind === 'variable' && (part.name === '@' || part.operator === '[@]');
      if (!separate) current = (current ?? '') + found.join(' ');
      else
        for (const [i, value] of found.entries()) {
          if (i > 0) close();
          current = (current ?? '') + value;
        }
    } else {
      const text = found.join(' ');
      if (/^\s/.test(text)) close();
      const pieces = text.split(/[ \t\n]+/).filter((piece) => piece !== '');
      for (const [i, piece] of pieces.entries()) {
        if (i > 0) close();
        current = (current ?? '') + piece;
      }
      if (/\s$/.test(text)) close();
    }
  }
  close();
  const plain = word.parts.every((part) => part.kind !== 'text' || !part.quoted);
  return plain ? fields.flatMap((field) => expandBraces(field)) : fields;
}

/** `{a,b}` and `{1..5}` of bash, one level. */
function expandBraces(text: string): readonly string[] {
  const list = /^([^{}]*)\{([^{},]*(?:,[^{},]*)+)\}([^{}]*)$/.exec(text);
  if (list !== null)
    return (list[2] ?? '').split(',').map((item) => `${list[1] ?? ''}${item}${list[3] ?? ''}`);
  const range = /^([^{}]*)\{(\d{1,5})\.\.(\d{1,5})\}([^{}]*)$/.exec(text);
  if (range === null) return [text];
  const from = Number(range[2]);
  const to = Number(range[3]);
  if (Math.abs(to - from) > mostFields) return [text];
  const step = from <= to ? 1 : -1;
  return Array.from(
    { length: Math.abs(to - from) + 1 },
    (_, i) => `${range[1] ?? ''}${from + i * step}${range[4] ?? ''}`,
  );
}
