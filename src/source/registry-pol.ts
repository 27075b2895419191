import { RegistryText, utf16 } from './registry-text.ts';

/** Whether the bytes are a group policy file (`Registry.pol`): `PReg`, then version 1 (MS-GPREG 2.2.1). */
export function isRegistryPol(buffer: Buffer): boolean {
  return buffer.length >= 8 && buffer.toString('latin1', 0, 4) === 'PReg' && buffer.readUInt32LE(4) === 1;
}

const open = 0x5b;
const close = 0x5d;
const semicolon = 0x3b;

/**
 * A group policy file as the text of a `.reg` file. Each entry is `[key;value;type;size;data]` in UTF-16LE with binary type, size and
 * data (MS-GPREG 2.2.1); values named `**…` are commands (2.2.1.1). A string says where the bytes stop to be entries.
 */
export function readRegistryPol(buffer: Buffer): { readonly text: string } | { readonly problem: string } {
  const out = new RegistryText('Registry.pol');
  let at = 8;
  let lastKey: string | undefined;
  const unit = (offset: number): number => (offset + 2 <= buffer.length ? buffer.readUInt16LE(offset) : -1);
  const text = (): string | undefined => {
    const start = at;
    while (at + 2 <= buffer.length && unit(at) !== 0) at += 2;
    if (unit(at) !== 0) return undefined;
    const found = buffer.toString('utf16le', start, at);
    at += 2;
    return found;
  };
  const number = (): number | undefined => {
    if (at + 4 > buffer.length) return undefined;
    at += 4;
    return buffer.readUInt32LE(at - 4);
  };
  const expect = (character: number): boolean => {
    if (unit(at) !== character) return false;
    at += 2;
    return true;
  };
  while (at < buffer.length) {
    const entry = at;
    const problem = {
      problem: `the policy file is broken: the entry at byte ${entry} is not [key;value;type;size;data]`,
    };
    if (!expect(open)) return problem;
    const key = text();
    if (key === undefined || !expect(semicolon)) return problem;
    const name = text();
    if (name === undefined || !expect(semicolon)) return problem;
    const type = number();
    if (type === undefined || !expect(semicolon)) return problem;
    const size = number();
    if (size === undefined || !expect(semicolon) || at + size > buffer.length) return problem;
    const data = buffer.subarray(at, at + size);
    at += size;
    if (!expect(close)) return problem;
    const path = `HKEY_LOCAL_MACHINE\\${key}`;
    const command = /^\*\*(delvals|deletevalues|deletekeys|securekey|soft|del)(?:\.(.*))?$/is.exec(name);
    const verb = command?.[1]?.toLowerCase();
    if (verb === 'deletekeys' || verb === 'deletevalues') {
      for (const one of utf16(data).split(';')) {
        if (one.trim() === '') continue;
        if (verb === 'deletekeys') out.deletedKey(`${path}\\${one.trim()}`);
        else {
          out.key(path);
          out.deletedValue(one.trim());
        }
      }
      lastKey = undefined;
      continue;
    }
    if (verb === 'delvals') {
      out.deletedKey(path);
      lastKey = undefined;
      continue;
    }
    if (path !== lastKey) out.key(path);
    lastKey = path;
    if (verb === 'del') out.deletedValue(command![2] ?? '');
    else if (verb !== 'securekey') out.value(verb === 'soft' ? (command![2] ?? '') : name, type, data);
  }
  return { text: out.toString() };
}
