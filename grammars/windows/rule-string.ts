/**
 * A firewall rule as the registry holds it (MS-GPFAS 2.2.2): `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=22|Name=SSH|`.
 * A value ends at the bar and may hold `=`, so the first `=` divides.
 */
export interface RuleString {
  /** `2.31`; undefined when the text does not start with a version. */
  readonly version: string | undefined;
  readonly fields: readonly RuleStringField[];
  /** Pieces between bars without `=`. */
  readonly junk: readonly { readonly text: string; readonly at: number }[];
}

export interface RuleStringField {
  /** As written. */
  readonly key: string;
  readonly value: string;
  /** Offset of the value. */
  readonly at: number;
}

/**
 * `at` is the offset of the text in its source. Escapes of a surrounding file format are left as they are.
 */
export function parseRuleString(text: string, at: number): RuleString {
  let version: string | undefined;
  const fields: RuleStringField[] = [];
  const junk: { readonly text: string; readonly at: number }[] = [];
  let equals = text.indexOf('=');
  let isFirst = true;
  for (let start = 0, end = 0; start < text.length; start = end + 1) {
    end = text.indexOf('|', start);
    if (end < 0) end = text.length;
    if (end === start) continue;
    if (equals >= 0 && equals < start) equals = text.indexOf('=', start);
    if (isFirst && isVersion(text.slice(start, end))) version = text.slice(start + 1, end);
    // A key has a letter at least.
    else if (equals > start && equals < end) {
      const valueAt = equals + 1;
      fields.push({ key: text.slice(start, equals), value: text.slice(valueAt, end), at: at + valueAt });
    } else junk.push({ text: text.slice(start, end), at: at + start });
    isFirst = false;
  }
  return { version, fields, junk };
}

function isVersion(text: string): boolean {
  return /^v\d+\.\d+$/i.test(text);
}

/** Whether a registry value looks like a firewall rule. */
export function isRuleString(text: string): boolean {
  return /^v\d+\.\d+\|/i.test(text);
}
