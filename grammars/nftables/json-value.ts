/** Careful looks into parsed JSON of unknown shape. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value's own property; inherited names (`constructor`) are not there. */
export function get(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value)
    ? (value as readonly unknown[])
    : value === undefined || value === null
      ? []
      : [value];
}

/** The only, or first, key of an object: libnftables-json(5) wraps everything in `{"kind": …}`. */
export function wrapped(value: unknown): { readonly kind: string; readonly body: unknown } | undefined {
  if (!isObject(value)) return undefined;
  const [kind] = Object.keys(value);
  return kind === undefined ? undefined : { kind, body: value[kind] };
}

/** Something libnftables would not take; the reader of the enclosing command reports it. */
export class JsonRefusal extends Error {}
