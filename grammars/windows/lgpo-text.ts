import type { RegistryData, RegistryItem } from './registry-file.ts';

/**
 * The text that `LGPO.exe /parse` makes of a Registry.pol, and that `LGPO.exe /t` takes: four lines a value (Computer or User, key,
 * value, `TYPE:data`), blank lines between, `;` for comments.
 */
export function parseLgpoText(text: string): readonly RegistryItem[] {
  const items: RegistryItem[] = [];
  let block: { readonly text: string; readonly start: number }[] = [];
  const junk = (): void => {
    for (const line of block)
      items.push({ kind: 'junk', text: line.text, start: line.start, end: line.start + line.text.length });
    block = [];
  };
  const pattern = /[^\r\n]*(?:\r\n|\r|\n|$)/g;
  for (let found = pattern.exec(text); found !== null && found[0] !== ''; found = pattern.exec(text)) {
    const line = found[0].replace(/[\r\n\ufeff]+/g, '');
    if (line.startsWith(';')) continue;
    if (line.trim() === '') {
      junk();
      continue;
    }
    block.push({ text: line, start: found.index });
    if (block.length < 4) continue;
    const [scope, key, name, value] = block;
    const data = dataOf(value!.text, value!.start);
    if (!/^(?:Computer|User)(?::|$)/i.test(scope!.text) || data === undefined) {
      junk();
      continue;
    }
    const hive = /^Computer/i.test(scope!.text) ? 'HKEY_LOCAL_MACHINE' : 'HKEY_CURRENT_USER';
    const end = key!.start + key!.text.length;
    items.push({ kind: 'key', path: `${hive}\\${key!.text.trim()}`, deleted: false, start: key!.start, end });
    if (name!.text !== '*') {
      const start = name!.start;
      items.push({ kind: 'value', name: name!.text, data, start, end: value!.start + value!.text.length });
    }
    block = [];
  }
  junk();
  return items;
}

function dataOf(text: string, start: number): RegistryData | undefined {
  const found = /^(DWORD|SZ|EXSZ|MULTISZ|QWORD|BINARY):(.*)$/i.exec(text);
  if (found === null) {
    if (/^(?:DELETE|DELETEALLVALUES|CLEAR)$/i.test(text.trim())) return { kind: 'deleted' };
    return /^CREATEKEY$/i.test(text.trim()) ? { kind: 'other' } : undefined;
  }
  const [, type = '', raw = ''] = found;
  switch (type.toUpperCase()) {
    case 'DWORD':
      return /^(?:\d{1,10}|0x[0-9a-f]{1,8})$/i.test(raw.trim())
        ? { kind: 'number', value: Number(raw.trim()) }
        : undefined;
    case 'SZ':
    case 'EXSZ':
      return { kind: 'string', raw, escaped: false, at: start + type.length + 1 };
    default:
      return { kind: 'other' };
  }
}
