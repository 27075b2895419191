/**
 * An unsigned number as strtoul with base 0 reads it: `0x` hexadecimal, a leading `0` octal, else decimal (xtables_strtoui).
 * Undefined for anything else or a value above `max`.
 */
export function parseNumber(text: string, max: number): number | undefined {
  let value: number;
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) value = Number.parseInt(text.slice(2), 16);
  else if (/^0[0-7]*$/.test(text)) value = text === '0' ? 0 : Number.parseInt(text, 8);
  else if (/^[1-9][0-9]*$/.test(text)) value = Number(text);
  else return undefined;
  return value <= max ? value : undefined;
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
