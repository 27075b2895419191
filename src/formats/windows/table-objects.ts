import type { Source } from '../../source/source.ts';
import type { ExportedObject, PropertyValue } from './exported-object.ts';

/** A line of dashes under the names of the columns, as PowerShell's table view has it. */
const ruler = /^[ \t]*-+(?: +-+)+[ \t]*$/;

interface Column {
  readonly name: string;
  readonly from: number;
  /** Where the next column begins; the last one goes to the end of the line. */
  readonly to: number;
}

/**
 * Objects of PowerShell's table view (`Format-Table`): the dashes say where columns begin. A number stands at the right of its column, so
 * a value may begin before its dashes; one that was cut ends in an ellipsis, and is lost.
 */
export function readTableObjects(source: Source): readonly ExportedObject[] {
  const objects: ExportedObject[] = [];
  let columns: readonly Column[] = [];
  let before = '';
  let start = 0;
  for (const raw of source.text.split('\n')) {
    const line = raw.replace(/\r$/, '');
    const at = start;
    start += raw.length + 1;
    if (ruler.test(line)) columns = columnsOf(before, line);
    else if (line.trim() === '') columns = before === '' ? [] : columns;
    else if (columns.length > 0) objects.push(objectOf(line, at, columns, source.id));
    before = line;
  }
  return objects;
}

function columnsOf(header: string, dashes: string): readonly Column[] {
  const starts = [...dashes.matchAll(/-+/g)].map(({ index }) => index);
  return starts.map((from, i) => {
    const to = starts[i + 1] ?? Number.MAX_SAFE_INTEGER;
    return { name: header.slice(from, to).trim().toLowerCase(), from, to };
  });
}

function objectOf(line: string, at: number, columns: readonly Column[], source: number): ExportedObject {
  const properties = new Map<string, PropertyValue>();
  for (const { name, from, to } of columns) {
    const value = line.slice(from, to).trim();
    if (name !== '') properties.set(name, { values: valuesOf(value), at: at + from });
  }
  return { span: { source, start: at, end: at + line.length }, properties, needsLabel: false };
}

/** `{80, 443}` is a list; a cut value has lost what it held. */
function valuesOf(value: string): readonly string[] {
  if (/(?:…|\.\.\.)\}?$/.test(value)) return value.length > 3 && !value.startsWith('{') ? [value] : ['...'];
  if (!value.startsWith('{') || !value.endsWith('}')) return [value];
  return value
    .slice(1, -1)
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** The names of the columns of the first table; undefined if there is none. */
export function tableColumns(sample: string): readonly string[] | undefined {
  let before = '';
  for (const raw of sample.split('\n')) {
    const line = raw.replace(/\r$/, '');
    if (ruler.test(line)) return columnsOf(before, line).map(({ name }) => name);
    before = line;
  }
  return undefined;
}
