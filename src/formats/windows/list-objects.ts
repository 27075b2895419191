import {
  parsePowershellList,
  type ListObject,
  type ListProperty,
} from '../../../grammars/windows/powershell-list.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Source } from '../../source/source.ts';
import { readingCondition, readingsOf } from './conflicting-values.ts';
import type { ExportedObject, PropertyValue } from './exported-object.ts';

/** Objects of PowerShell's list view. `{80, 443}` is a list; `{Any}` a list of one. */
export function readListObjects(source: Source, diagnostics: Diagnostic[]): readonly ExportedObject[] {
  return parsePowershellList(source.text).flatMap((object) => readObject(object, source, diagnostics));
}

/** Text of the rule's author, which may go over several lines and imitate others. */
const free = new Set(['description', 'displayname', 'displaygroup', 'group', 'caption', 'elementname']);

function readObject(
  { start, end, properties }: ListObject,
  source: Source,
  diagnostics: Diagnostic[],
): readonly ExportedObject[] {
  const span = { source: source.id, start, end };
  const values = new Map<string, PropertyValue>();
  const conflicts = new Map<string, ListProperty[]>();
  const firsts = new Map<string, ListProperty>();
  for (const property of properties) {
    const key = property.name.toLowerCase();
    const first = firsts.get(key);
    if (first === undefined) {
      firsts.set(key, property);
      values.set(key, valueOf(property));
    } else if (first.value !== property.value && !free.has(key)) {
      const seen = conflicts.get(key);
      if (seen === undefined) {
        conflicts.set(key, [first, property]);
        diagnostics.push(conflict(values.get('displayname')?.values[0] ?? '', property, source));
      } else if (!seen.some(({ value }) => value === property.value)) seen.push(property);
    }
  }
  if (conflicts.size === 0) return [{ span, properties: values, needsLabel: true }];
  const labels = [...conflicts.values()].map(([property]) => property!.name);
  const readings = readingsOf(conflicts);
  // Too many: a word that is none, so that nothing is known of what they are about.
  if (readings === undefined)
    for (const key of conflicts.keys()) values.set(key, { values: ['several values'], at: start });
  return (readings ?? [new Map<string, ListProperty>()]).map((chosen, i): ExportedObject => {
    const read = new Map(values);
    for (const [key, property] of chosen) read.set(key, valueOf(property));
    const reading = readingCondition(`${source.id}:${start}`, i, labels);
    return { span, properties: read, needsLabel: true, reading, isReading: i > 0 };
  });
}

function conflict(rule: string, { name, value, at }: ListProperty, source: Source): Diagnostic {
  return {
    code: 'FW1406',
    severity: 'error',
    message: `the object “${rule}” has several “${name}” lines; each of them may count, so the rule is only “possible”`,
    span: { source: source.id, start: at, end: at + value.length },
    help: 'A description can imitate lines of the listing; export with ConvertTo-Json, which escapes line ends.',
  };
}

function valueOf({ value, at }: ListProperty): PropertyValue {
  return { values: listOf(value), at };
}

function listOf(value: string): readonly string[] {
  if (!value.startsWith('{') || !value.endsWith('}')) return [value];
  return value
    .slice(1, -1)
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
