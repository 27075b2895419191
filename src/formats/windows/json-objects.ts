import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../source/source.ts';
import { kindOf, type ExportedObject, type PropertyValue } from './exported-object.ts';

/** Objects of a `ConvertTo-Json` export: an array, or lists under names of any kind, at most a few levels deep. */
export function readJsonObjects(source: Source, diagnostics: Diagnostic[]): readonly ExportedObject[] {
  const walker = new JsonWalker(source, diagnostics);
  let at = walker.skipBlank(0);
  // Several documents one after the other: the outputs of several commands in one file.
  while (at < source.text.length) {
    const end = walker.value(at, 0);
    if (end <= at) break;
    at = walker.skipBlank(end);
  }
  return walker.objects;
}

const deepest = 6;
/** A container of lists is not parsed as a whole when it is larger than any rule. */
const largestObject = 1 << 16;
/** Objects inside an exported object that describe its class, not the rule. */
const plumbing = new Set(['cimclass', 'ciminstanceproperties', 'cimsystemproperties', 'pscomputername']);

/**
 * JSON.parse reads each object; this walk only finds where they stand, which JSON.parse does not tell. Strings are skipped whole, so
 * no bracket inside one counts.
 */
class JsonWalker {
  readonly objects: ExportedObject[] = [];
  private readonly source: Source;
  private readonly text: string;
  private readonly diagnostics: Diagnostic[];
  private failed = false;

  constructor(source: Source, diagnostics: Diagnostic[]) {
    this.source = source;
    this.text = source.text;
    this.diagnostics = diagnostics;
  }

  /** Reads the value at `at`; returns the offset after it, or `at` when it is cut or broken. */
  value(at: number, depth: number, key = ''): number {
    const c = this.text[at];
    if (c === '[') return this.members(at, ']', depth);
    if (c !== '{') return this.skipScalar(at);
    const end = this.matchingEnd(at);
    if (end < 0) return depth === 0 || this.looksLikeList(at) ? this.members(at, '}', depth) : this.cut(at);
    if (end - at > largestObject && this.looksLikeList(at)) return this.members(at, '}', depth);
    const parsed = this.parse(at, end);
    if (parsed === undefined) return end;
    const properties = new Map<string, PropertyValue>();
    flatten(parsed, properties, at, 0);
    // Microsoft Graph: the member's name says which profile the object is about.
    if (/^firewallProfile/i.test(key)) properties.set('jsonkey', { values: [key], at });
    if (kindOf(properties) !== undefined) {
      this.objects.push({
        span: { source: this.source.id, start: at, end },
        properties,
        needsLabel: true,
      });
      return end;
    }
    if (depth < deepest) this.members(at, '}', depth);
    return end;
  }

  skipBlank(at: number): number {
    let i = at;
    for (; i < this.text.length; i++) {
      const c = this.text.charCodeAt(i);
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9 && c !== 0xfeff) break;
    }
    return i;
  }

  /** The values of an array, or of an object's members, one by one. */
  private members(open: number, close: ']' | '}', depth: number): number {
    let at = this.skipBlank(open + 1);
    let key = '';
    while (at < this.text.length) {
      const c = this.text[at];
      if (c === close) return at + 1;
      if (c === ',' || c === ':') {
        at = this.skipBlank(at + 1);
        continue;
      }
      const end = this.value(at, depth + 1, key);
      key = c === '"' && end > at ? this.text.slice(at + 1, Math.min(end - 1, at + 40)) : '';
      if (end <= at) return this.failed ? this.text.length : this.cut(at);
      at = this.skipBlank(end);
    }
    return this.cut(open);
  }

  private looksLikeList(at: number): boolean {
    // `{"rules": [{…` or `{"collector": 1, "profiles": [`: a list stands in it before any of a rule's own properties.
    return /^\{(?:\s*"[^"\\]{0,80}"\s*:\s*(?:"[^"\\]{0,80}"|[\w.]{1,40})\s*,){0,4}\s*"[^"\\]{0,80}"\s*:\s*\[\s*\{/.test(
      this.text.slice(at, at + 800),
    );
  }

  private skipScalar(at: number): number {
    if (this.text[at] === '"') return this.stringEnd(at);
    let i = at;
    for (; i < this.text.length; i++) {
      const c = this.text[i]!;
      if (
        c === ',' ||
        c === ']' ||
        c === '}' ||
        c === ':' ||
        c === '"' ||
        c === '\n' ||
        c === '\r' ||
        c === ' '
      )
        break;
    }
    return i === at ? at : i;
  }

  /** The offset after a string's closing quote; its start when there is none. */
  private stringEnd(at: number): number {
    for (let i = at + 1; i < this.text.length; i++) {
      const c = this.text.charCodeAt(i);
      if (c === 92) i++;
      else if (c === 34) return i + 1;
    }
    return at;
  }

  private matchingEnd(at: number): number {
    let depth = 0;
    for (let i = at; i < this.text.length; i++) {
      const c = this.text.charCodeAt(i);
      if (c === 34) {
        const end = this.stringEnd(i);
        if (end === i) return -1;
        i = end - 1;
      } else if (c === 123 || c === 91) depth++;
      else if ((c === 125 || c === 93) && --depth === 0) return i + 1;
    }
    return -1;
  }

  private parse(start: number, end: number): Record<string, unknown> | undefined {
    try {
      return JSON.parse(this.text.slice(start, end)) as Record<string, unknown>;
    } catch (error) {
      this.diagnostics.push({
        code: 'FW1004',
        severity: 'error',
        message: `not valid JSON: ${error instanceof Error ? error.message : 'syntax error'}`,
        span: { source: this.source.id, start, end },
      });
      return undefined;
    }
  }

  private cut(at: number): number {
    if (!this.failed) {
      this.failed = true;
      this.diagnostics.push({
        code: 'FW1408',
        severity: 'error',
        message: 'the JSON ends in the middle or is broken here; what follows was not read',
        span: { source: this.source.id, start: at, end: Math.min(at + 1, this.text.length) },
        help: 'Export again; other rules can allow or block what these say.',
      });
    }
    return this.text.length;
  }
}

/** Scalars become text as PowerShell prints it; small objects around a value (`{"value": …}`) are opened. */
function flatten(
  from: Record<string, unknown>,
  into: Map<string, PropertyValue>,
  at: number,
  depth: number,
): void {
  for (const [name, value] of Object.entries(from)) {
    const key = name.toLowerCase();
    if (plumbing.has(key)) continue;
    const values = scalars(value);
    if (values !== undefined) {
      if (!into.has(key)) into.set(key, { values, at });
    } else if (depth < 2 && value !== null && typeof value === 'object' && !Array.isArray(value)) {
      // A script may nest the filters of a rule: {"Rule": {…}, "PortFilter": {…}}.
      flatten(value as Record<string, unknown>, into, at, depth + 1);
    }
  }
}

function scalars(value: unknown, depth = 0): readonly string[] | undefined {
  if (depth > 4) return undefined;
  if (value === null || value === undefined) return [];
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value === 'boolean') return [value ? 'True' : 'False'];
  if (Array.isArray(value)) {
    const all: string[] = [];
    for (const element of value) {
      const one = scalars(element, depth + 1);

      if (one === undefined) return undefined;
      for (const text of one) all.push(text);
    }
    return all;
  }
  // Windows PowerShell writes some arrays as {"value": [...], "Count": 2}, and enums as {"value": 1, "Value": "True"}.
  const inner = (value as Record<string, unknown>)['value'] ?? (value as Record<string, unknown>)['Value'];
  return inner === undefined ? undefined : scalars(inner, depth + 1);
}
