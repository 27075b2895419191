/**
 * An unsigned number as strtoul with base 0 reads it: `0x` hexadecimal, a leading `0` octal, else decimal (xtables_strtoui).
 * Undefined for anything else or a value above `max`.
 */
export function parseNumber(text: string, max: number): number | undefined {
  let value: number | undefined;
  if (text.charCodeAt(0) !== 48) value = parseDecimal(text);
  else if (text === '0') value = 0;
  else if (/^0[xX][0-9a-fA-F]+$/.test(text)) value = Number.parseInt(text.slice(2), 16);
  else if (/^0[0-7]+$/.test(text)) value = Number.parseInt(text, 8);
  return value !== undefined && value <= max ? value : undefined;
}

/** A number that is all decimal digits. */
export function parseDecimal(text: string): number | undefined {
  if (text === '') return undefined;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return undefined;
    value = value * 10 + (code - 48);
  }
  return value;
}

/** `value` or `value/mask`, both 32-bit; the mask is all ones when absent. */
export function parseMarkAndMask(
  text: string,
): { readonly value: number; readonly mask: number } | undefined {
  const slash = text.indexOf('/');
  const value = parseNumber(slash < 0 ? text : text.slice(0, slash), 0xffffffff);
  const mask = slash < 0 ? 0xffffffff : parseNumber(text.slice(slash + 1), 0xffffffff);
  return value === undefined || mask === undefined ? undefined : { value, mask };
}
