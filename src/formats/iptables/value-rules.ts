import { parseNumber } from './numbers.ts';

/** What an option takes: how it is told, and in words. */
export interface ValueRule {
  readonly expected: string;
  readonly takes: (text: string) => boolean;
}

export function numberUpTo(max: number): ValueRule {
  return numberFrom(0, max);
}

export function numberFrom(min: number, max: number): ValueRule {
  return {
    expected: `a number from ${min} to ${max}`,
    takes: (text) => (parseNumber(text.replace(/^\s*\+?/, ''), max) ?? -1) >= min,
  };
}

/** `a`, `a:b`, `a:`, `:b` or `:`, as xtables_parse_val of an option of two numbers reads it. */
export function isRange(text: string, max: number): boolean {
  const ends = text.split(':');
  return (
    ends.length <= 2 &&
    ends.every((end, i) => (end === '' && (i > 0 || ends.length > 1)) || numberUpTo(max).takes(end))
  );
}
