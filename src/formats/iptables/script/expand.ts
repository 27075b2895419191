import { lexWord, lexWords } from '../../../../grammars/iptables/shell-lexer.ts';
import type { ShellPart, ShellWord } from '../../../../grammars/iptables/shell-syntax.ts';
import { isUnresolved, unresolved } from '../lowering.ts';
import { evaluateArithmetic } from './arithmetic.ts';
import { trimmed } from './patterns.ts';

/** Variables and positional parameters of a script, as far as they are known. */
export interface Scope {
  /** One value, or those of an array in the order of its indices. */
  variables: Map<string, readonly string[]>;
  /** The indices of arrays that are not 0, 1, 2 …, in the order of their values. */
  indices: Map<string, readonly string[]>;
  positional: readonly string[] | undefined;
  /** Sets a variable in the course of an expansion: `${name:=value}`, `$((name++))`. */
  assign: (name: string, value: string) => void;
}

const deepestOperand = 8;
const mostFields = 20000;
/** Characters; a word that expands to more is not worked out. */
const longestWord = 10_000_000;

function written(part: Exclude<ShellPart, { kind: 'text' }>): string {
  switch (part.kind) {
    case 'variable':
      if (part.operator === '') return `$${part.name}`;
      return (
        part.operator.replace(prefixOf(part), (prefix) => `\${${prefix}${part.name}`) + `${part.operand}}`
      );
    case 'command':
      return `$(${part.text})`;
    case 'arithmetic':
      return `$((${part.text}))`;
  }
}

/** `"$@"` and `"${name[@]}"`: each value is a word. */
function isSeparate(part: Exclude<ShellPart, { kind: 'text' }>): boolean {
  return part.kind === 'variable' && part.quoted && (part.name === '@' || /^!?\[@\]/.test(part.operator));
}

/** `$*` and its likes, whose values are split at blanks. */
function isWords(part: Extract<ShellPart, { kind: 'variable' }>): boolean {
  return /^[@*]$/.test(part.name) || /^\[[@*]\]$/.test(part.operator);
}

/** Whether a value that is not known is written without blanks, at which it would be cut. */
function isOneWord(value: string): boolean {
  return !isUnresolved(value) || !/\s/.test(value);
}

/** What stands before the name: `${#name}`, `${!name[@]}`. An operator `#` behind it has an operand. */
function prefixOf({ operand }: Extract<ShellPart, { kind: 'variable' }>): RegExp {
  return operand === '' ? /^(?:!|#(?=\[|$))?/ : /^!?/;
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
      const isKnown = found?.every((value) => !isUnresolved(value)) !== false;
      // Words that stay words: what is not known is known to be a part of one.
      if (isKnown || isSeparate(part) || (isWords(part) && found.every(isOneWord))) return found;
      // Each call of a function has others, so that their numbers would not tell them apart.
      return /^\d+$/.test(part.name) && part.operator === '' ? found : undefined;
    }
    case 'command':
      return substitution(part.text, scope, depth);
    case 'arithmetic': {
      const result = arithmetic(part.text, scope, depth);
      return result === undefined ? undefined : [result.toString()];
    }
  }
}

/** The value of an arithmetic expression, whose variables may be written with a `$` or without. */
export function arithmetic(text: string, scope: Scope, depth = 0): bigint | undefined {
  if (depth >= deepestOperand) return undefined;
  const expanded = expandJoined(lexWord(`"${text.replaceAll('"', '')}"`), scope, depth + 1);
  if (isUnresolved(expanded)) return undefined;
  return evaluateArithmetic(expanded, {
    get: (name) => {
      const found = lookUp(name, scope)?.[0];
      return found !== undefined && isUnresolved(found) ? undefined : found;
    },
    set: (name, value) => {
      scope.assign(name, value ?? unresolved(`$${name}`));
    },
  });
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
    // Blanks end no operand.
    const words = /['"]/.test(operand) ? lexWords(operand) : [lexWord(`"${operand}"`)];
    const text = words.map((word) => expandJoined(word, scope, depth + 1)).join(' ');
    return isUnresolved(text) ? undefined : [text];
  };
  switch (operator) {
    case '':
      return name === '@' || name === '*' ? found : found?.slice(0, 1);
    case '[@]':
    case '[*]':
      return found;
    case ':-':
    case '-':
      return found === undefined || (operator.startsWith(':') && found.join('') === '')
        ? operandValue()
        : found;
    case ':=':
    case '=': {
      if (found !== undefined && (operator === '=' || found.join('') !== '')) return found;
      const value = operandValue();
      if (value !== undefined) scope.assign(name, value.join(' '));
      return value;
    }
    case ':+':
    case '+':
      return found === undefined ? undefined : found.join('') === '' ? [''] : operandValue();
    case ':?':
    case '?':
      return found;
    default:
      return found?.some(isUnresolved) === true
        ? undefined
        : changed(part, found, scope, depth, operandValue);
  }
}

/** Elements and indices of arrays, lengths and parts of values. */
function changed(
  part: Extract<ShellPart, { kind: 'variable' }>,
  found: readonly string[] | undefined,
  scope: Scope,
  depth: number,
  operandValue: () => readonly string[] | undefined,
): readonly string[] | undefined {
  if (found === undefined) return undefined;
  const { name, operator, operand } = part;
  const prefix = prefixOf(part).exec(operator)?.[0] ?? '';
  const read = /^(?:\[([^\]]*)\])?([^\]]*)$/.exec(operator.slice(prefix.length));
  const [, index, change = ''] = read ?? [];
  if (read === null) return undefined;
  const isWhole = index === '@' || index === '*';
  const indices = scope.indices.get(name) ?? found.map((_, i) => String(i));
  if (prefix === '!') return isWhole && change === '' ? indices : undefined;
  let chosen = found;
  if (index !== undefined && !isWhole) {
    const key = indexOf(index, name, scope, depth);
    const at = key === undefined ? -1 : indices.indexOf(key);
    if (key === undefined) return undefined;
    chosen = at < 0 ? [''] : [found[at]!];
  }
  if (prefix === '#') {
    if (change !== '') return undefined;
    return [String(isWhole ? found.length : (chosen[0] ?? '').length)];
  }
  if (change === '') return chosen;
  const operands = change === ':' ? [operand] : operandValue();
  if (operands === undefined) return undefined;
  const results = chosen.map((value) => partOf(value, change, operands.join(' '), scope, depth));
  return results.some((value) => value === undefined) ? undefined : results.map((value) => value ?? '');
}

/** The index of an element as it is kept: arithmetic in a plain array, a text in one that is declared with `-A`. */
function indexOf(text: string, name: string, scope: Scope, depth: number): string | undefined {
  const expanded = expandJoined(lexWord(text), scope, depth + 1);
  if (isUnresolved(expanded)) return undefined;
  if (scope.indices.has(name)) return expanded;
  return arithmetic(text, scope, depth + 1)?.toString();
}

function partOf(
  value: string,
  change: string,
  operand: string,
  scope: Scope,
  depth: number,
): string | undefined {
  switch (change) {
    case '#':
    case '##':
    case '%':
    case '%%':
      return trimmed(value, change, operand);
    case '^^':
      return operand === '' ? value.toUpperCase() : undefined;
    case ',,':
      return operand === '' ? value.toLowerCase() : undefined;
    case '/':
    case '//': {
      const cut = operand.indexOf('/');
      const wanted = cut < 0 ? operand : operand.slice(0, cut);
      const other = cut < 0 ? '' : operand.slice(cut + 1);
      if (wanted === '' || /^[#%]|[*?[\\]/.test(wanted) || other.includes('&')) return undefined;
      if ((value.length / wanted.length) * other.length > longestWord) return undefined;
      if (change === '//') return value.replaceAll(wanted, () => other);
      return value.replace(wanted, () => other);
    }
    case ':': {
      const [from, length] = operand
        .split(':')
        .map((each) => (each.trim() === '' ? undefined : arithmetic(each, scope, depth + 1)));
      if (from === undefined || from < 0n || (operand.includes(':') && (length === undefined || length < 0n)))
        return undefined;
      return value.slice(Number(from), length === undefined ? undefined : Number(from + length));
    }
    default:
      return undefined;
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
  const sequence = /^\s*seq((?:\s+-?\d{1,6}){1,3})\s*$/.exec(text);
  if (sequence !== null) {
    const numbers = (sequence[1] ?? '').trim().split(/\s+/).map(Number);
    const to = numbers.at(-1) ?? 0;
    const from = numbers.length > 1 ? numbers[0]! : 1;
    return counted(from, to, numbers.length > 2 ? numbers[1]! : 1)?.map(String);
  }
  const sum = /^\s*expr\s+(\S+\s+(?:[-+/%]|\\\*)\s+\S+)\s*$/.exec(text);
  if (sum !== null) {
    const result = arithmetic((sum[1] ?? '').replace('\\*', '*'), scope, depth);
    return result === undefined ? undefined : [result.toString()];
  }
  // `$(IFS=,; echo "${ports[*]}")`, `$(echo $PORTS | tr ' ' ',')`
  const joined = /^\s*IFS=(['"]?)([^\s;'"$])\1\s*;\s*echo\s+"\$\{(\w+)\[\*\]\}"\s*$/.exec(text);
  const found = joined === null ? undefined : scope.variables.get(joined[3] ?? '');
  if (joined !== null)
    return found?.every((value) => !isUnresolved(value)) === true ? [found.join(joined[2])] : undefined;
  const translated = /^(.*)\|\s*tr\s+(['"])([^'"\\])\2\s+(['"]?)([^'"\s\\])\4\s*$/.exec(text);
  if (translated !== null) {
    const before = substitution(translated[1] ?? '', scope, depth);
    return before?.map((value) => value.replaceAll(translated[3] ?? '', () => translated[5] ?? ''));
  }
  const echo = /^\s*echo\s+([^|;&<>`]*)$/.exec(text);
  if (echo === null || depth >= deepestOperand) return undefined;
  const result = expandJoined(
    lexWord(`"${(echo[1] ?? '').trim().replace(/^"(.*)"$/, '$1')}"`),
    scope,
    depth + 1,
  );
  return isUnresolved(result) ? undefined : [result];
}

/** A word as one string, without splitting: assignments, heredoc lines, subjects of `case`. */
export function expandJoined(word: ShellWord, scope: Scope, depth = 0): string {
  let text = '';
  for (const part of word.parts) {
    text +=
      part.kind === 'text'
        ? part.text
        : (values(part, scope, depth)?.join(joinOf(part, scope)) ?? unresolved(written(part)));
    if (text.length > longestWord) return unresolved('…');
  }
  return text;
}

/** A word as a pattern: what is quoted in it stands for itself. */
export function expandPattern(word: ShellWord, scope: Scope): string {
  return word.parts
    .map((part) => {
      const text = expandJoined({ ...word, parts: [part] }, scope);
      return part.quoted ? text.replace(/[*?[\]\\]/g, '\\$&') : text;
    })
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
  const separators = separatorsOf(scope);
  /** Blanks together are one separator, any other character of IFS is one with the blanks around it (2.6.5 of the Shell Command Language). */
  const split = (value: string): void => {
    let isAfterBlanks = false;
    for (const c of value) {
      if (!separators.includes(c)) {
        current = (current ?? '') + c;
        isAfterBlanks = false;
      } else if (current !== undefined) {
        close();
        isAfterBlanks = /\s/.test(c);
      } else if (isAfterBlanks) {
        isAfterBlanks = /\s/.test(c);
      } else if (!/\s/.test(c)) {
        fields.push('');
      }
    }
  };
  for (const part of word.parts) {
    if ((current?.length ?? 0) > longestWord || fields.length > longestWord) return [unresolved('…')];
    if (part.kind === 'text') {
      current = (current ?? '') + part.text;
      continue;
    }
    const found = values(part, scope, 0);
    if (found === undefined) {
      current = (current ?? '') + unresolved(written(part));
    } else if (part.quoted) {
      if (!isSeparate(part)) current = (current ?? '') + found.join(separators.charAt(0));
      else
        for (const [i, value] of found.entries()) {
          if (i > 0) close();
          current = (current ?? '') + value;
        }
    } else {
      for (const [i, value] of found.entries()) {
        if (i > 0) close();
        if (isUnresolved(value)) current = (current ?? '') + value;
        else split(value);
      }
    }
  }
  close();
  return hasBraces(word) ? fields.flatMap((field) => expandBraces(field)) : fields;
}

/** `IFS`; blanks where it is not set or not known. */
function separatorsOf({ variables }: Scope): string {
  const value = variables.get('IFS')?.[0];
  return value === undefined || isUnresolved(value) ? ' \t\n' : value;
}

/** What stands between the values of `$*` and its likes in one word. */
function joinOf(part: Exclude<ShellPart, { kind: 'text' }>, scope: Scope): string {
  const isStar = part.kind === 'variable' && (part.name === '*' || part.operator === '[*]');
  return isStar ? separatorsOf(scope).charAt(0) : ' ';
}

/** Braces are seen where they are written, not where a value has them. */
function hasBraces({ parts }: ShellWord): boolean {
  const isPlain = parts.every((part) => part.kind !== 'text' || !part.quoted);
  return isPlain && parts.some((part) => part.kind === 'text' && part.text.includes('{'));
}

/** `{a,b}`, `{1..5}` and `{1..9..2}` of bash, also several in a word. */
function expandBraces(text: string): readonly string[] {
  let words = [''];
  let at = 0;
  for (const found of text.matchAll(/\{([^{}]*)\}/g)) {
    const inner = found[1] ?? '';
    const items = inner.includes(',') ? inner.split(',') : rangeOf(inner);
    if (items === undefined || items.length * words.length > mostFields) continue;
    const between = text.slice(at, found.index);
    words = words.flatMap((word) => items.map((item) => word + between + item));
    at = found.index + found[0].length;
  }
  return words.map((word) => word + text.slice(at));
}

function rangeOf(inner: string): readonly string[] | undefined {
  const range = /^(-?\d{1,6})\.\.(-?\d{1,6})(?:\.\.-?(\d{1,6}))?$/.exec(inner);
  if (range === null) return undefined;
  const [from = '', to = ''] = range.slice(1);
  const step = Number(range[3] ?? '1') || 1;
  const numbers = counted(Number(from), Number(to), Number(from) <= Number(to) ? step : -step);
  // A leading zero asks for equal widths.
  const width = /^-?0\d/.test(from) || /^-?0\d/.test(to) ? Math.max(from.length, to.length) : 0;
  return numbers?.map((number) => String(number).padStart(width, '0'));
}

function counted(from: number, to: number, step: number): readonly number[] | undefined {
  const count = step === 0 ? 0 : Math.floor((to - from) / step) + 1;
  if (count > mostFields) return undefined;
  return Array.from({ length: Math.max(0, count) }, (_, i) => from + i * step);
}
