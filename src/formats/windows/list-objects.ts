import { parsePowershellList } from '../../../grammars/windows/powershell-list.ts';
import type { Source } from '../../source/source.ts';
import type { ExportedObject, PropertyValue } from './exported-object.ts';

/** Objects of PowerShell's list view. `{80, 443}` is a list; `{Any}` a list of one. */
export function readListObjects(source: Source): readonly ExportedObject[] {
  return parsePowershellList(source.text).map(({ start, end, properties }) => {
    const values = new Map<string, PropertyValue>();
    for (const { name, value, at } of properties) {
      const key = name.toLowerCase();
      if (!values.has(key)) values.set(key, { values: listOf(value), at });
    }
    return { span: { source: source.id, start, end }, properties: values, needsLabel: true };
  });
}

function listOf(value: string): readonly string[] {
  if (!value.startsWith('{') || !value.endsWith('}')) return [value];
  return value
    .slice(1, -1)
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
