import { isMap, isPair, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import { positionAt } from '../source/source.ts';
import type { Source } from '../source/source.ts';
import type { Location } from '../report/report.ts';
import type { PolicyDiagnostic } from './policy-types.ts';

/** A parsed YAML file whose every value can be pointed at. */
export interface PolicyYaml {
  /** Plain data; undefined if the file is not YAML. */
  readonly data: unknown;
  readonly diagnostics: readonly PolicyDiagnostic[];
  /** The place of the value at a path of keys and indices, or of its key. The nearest parent if it is not there. */
  readonly locate: (path: readonly (string | number)[], what: 'key' | 'value') => Location;
}

export function readPolicyYaml(source: Source): PolicyYaml {
  const document: Document = parseDocument(source.text, { prettyErrors: false, logLevel: 'silent' });
  const diagnostics: PolicyDiagnostic[] = document.errors.map((error) => ({
    code: 'FW3002',
    severity: 'error',
    message: `not valid YAML: ${lowerFirst(error.message)}`,
    location: locationOf(source, error.pos[0], error.pos[1]),
  }));
  let data: unknown;
  if (diagnostics.length === 0) {
    try {
      data = document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      // yaml throws when aliases multiply beyond maxAliasCount, or name an anchor that is not there.
      diagnostics.push({
        code: 'FW3002',
        severity: 'error',
        message: `not valid YAML: ${lowerFirst(error instanceof Error ? error.message : String(error))}`,
        location: locationOf(source, 0, 0),
      });
    }
  }
  return { data, diagnostics, locate: (path, what) => locate(source, document, path, what) };
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

function locate(
  source: Source,
  document: Document,
  path: readonly (string | number)[],
  what: 'key' | 'value',
): Location {
  let node: unknown = document.contents;
  let key: unknown;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (!isPair(pair)) break;
      key = pair.key;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)];
      if (item === undefined) break;
      key = undefined;
      node = item;
    } else break;
  }
  const target = what === 'key' && key !== undefined ? key : (node ?? key);
  const range = (target as Node | null | undefined)?.range;
  if (range === null || range === undefined) return locationOf(source, 0, 0);
  // A block map or list is pointed at by its first line; its whole extent would underline half the file.
  const end = isScalar(target) ? range[1] : Math.min(range[1], endOfLine(source, range[0]));
  return locationOf(source, range[0], end);
}

function endOfLine(source: Source, offset: number): number {
  const newline = source.text.indexOf('\n', offset);
  const end = newline < 0 ? source.text.length : newline;
  return source.text[end - 1] === '\r' ? end - 1 : end;
}

export function locationOf(source: Source, start: number, end: number): Location {
  const from = positionAt(source, start);
  const to = positionAt(source, Math.max(start, end));
  return {
    path: source.path,
    line: from.line,
    column: from.column,
    endLine: to.line,
    endColumn: to.column,
  };
}
