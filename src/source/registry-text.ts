/** Registry value types (winnt.h). */
export const registryTypes = { sz: 1, expandSz: 2, binary: 3, dword: 4, multiSz: 7 } as const;

/**
 * Prints registry content in the form of a `.reg` file, so that binary registry files get lines that a message can point at.
 * What a `.reg` file cannot hold in quotes (line ends) it writes byte by byte, as regedit does.
 */
export class RegistryText {
  private readonly parts: string[];

  /** `origin` becomes a comment under the header. */
  constructor(origin: string) {
    this.parts = ['Windows Registry Editor Version 5.00\n', `; from ${origin}\n`];
  }

  key(path: string): void {
    this.parts.push(`\n[${oneLine(path)}]\n`);
  }

  deletedKey(path: string): void {
    this.parts.push(`\n[-${oneLine(path)}]\n`);
  }

  deletedValue(name: string): void {
    this.parts.push(`${quotedName(name)}=-\n`);
  }

  value(name: string, type: number, data: Buffer): void {
    this.parts.push(`${quotedName(name)}=${printed(type, data)}\n`);
  }

  toString(): string {
    return this.parts.join('');
  }
}

function quotedName(name: string): string {
  return name === '' ? '@' : `"${escaped(oneLine(name))}"`;
}

function escaped(text: string): string {
  return text.replace(/[\\"]/g, '\\$&');
}

/** Control characters in a key or value name can only be there to deceive a reader of the text. */
function oneLine(text: string): string {
  return text.replace(controls, '\ufffd');
}

const controls = /[\u0000-\u001f\u007f]/g;

function printed(type: number, data: Buffer): string {
  if (type === registryTypes.dword && data.length === 4) {
    return `dword:${data.readUInt32LE(0).toString(16).padStart(8, '0')}`;
  }
  if (type === registryTypes.sz || type === registryTypes.expandSz) {
    const text = utf16(data);
    if (text.search(controls) < 0) return `"${escaped(text)}"`;
  }
  const bytes = Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join(',');
  return type === registryTypes.binary ? `hex:${bytes}` : `hex(${type.toString(16)}):${bytes}`;
}

/** UTF-16LE up to its terminating zeros. */
export function utf16(data: Buffer): string {
  let length = data.length & ~1;
  while (length >= 2 && data[length - 1] === 0 && data[length - 2] === 0) length -= 2;
  return data.toString('utf16le', 0, length);
}
