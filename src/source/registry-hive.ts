import { RegistryText } from './registry-text.ts';

/** Whether the bytes are a registry hive: what `netsh advfirewall export` (.wfw) and `reg save` write. */
export function isRegistryHive(buffer: Buffer): boolean {
  return buffer.length >= 4 && buffer.toString('latin1', 0, 4) === 'regf';
}

const headerSize = 0x1000;
const deepest = 64;
const none = 0xffffffff;
/** Bytes of one segment of a value that does not fit a cell (`db` records). */
const segmentSize = 16344;

/**
 * A registry hive as the text of a `.reg` file.
 *
 * Layout: a header, then cells that keys (`nk`), values (`vk`) and lists of them (`lf`, `lh`, `li`, `ri`) refer to by their offset
 * behind the header (the "Windows registry file format specification" of libregf, chapters 2-8). Every offset is checked, each key is
 * visited once, so that a broken hive ends in a problem and nothing else.
 */
export function readRegistryHive(buffer: Buffer): { readonly text: string } | { readonly problem: string } {
  if (buffer.length < headerSize + 32) return { problem: 'the registry hive is cut short' };
  const hive = new Hive(buffer);
  try {
    const text = hive.print(buffer.readUInt32LE(0x24));
    return hive.keys === 0 ? { problem: 'the registry hive has no root key' } : { text };
  } catch (error) {
    if (error instanceof RangeError)
      return { problem: 'the registry hive is broken: a record points outside of it' };
    throw error;
  }
}

class Hive {
  keys = 0;
  private readonly buffer: Buffer;
  private readonly out = new RegistryText('a registry hive');
  private readonly seen = new Set<number>();

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  print(root: number): string {
    this.key(root, 'HKEY_LOCAL_MACHINE\\HIVE', 0, true);
    return this.out.toString();
  }

  /** The content of a cell; its size stands before it, negative while in use. */
  private cell(offset: number): Buffer {
    const at = headerSize + offset;
    const size = Math.abs(this.buffer.readInt32LE(at));
    if (size < 4 || at + size > this.buffer.length) throw new RangeError('cell');
    return this.buffer.subarray(at + 4, at + size);
  }

  private key(offset: number, path: string, depth: number, isRoot: boolean): void {
    if (depth > deepest || this.seen.has(offset)) return;
    this.seen.add(offset);
    const record = this.cell(offset);
    if (record.toString('latin1', 0, 2) !== 'nk') return;
    this.keys++;
    const name = recordName(record, 0x4c, record.readUInt16LE(0x48), (record.readUInt16LE(2) & 0x20) !== 0);
    const own = isRoot ? path : `${path}\\${name}`;
    this.out.key(own);
    const values = record.readUInt32LE(0x24);
    if (values > 0 && values !== none) {
      const list = this.cell(record.readUInt32LE(0x28));
      for (let i = 0; i < values && i * 4 + 4 <= list.length; i++) this.value(list.readUInt32LE(i * 4));
    }
    const children = record.readUInt32LE(0x14);
    if (children > 0 && children !== none) {
      for (const child of this.children(record.readUInt32LE(0x1c), 0)) this.key(child, own, depth + 1, false);
    }
  }

  private children(offset: number, depth: number): readonly number[] {
    const list = this.cell(offset);
    const kind = list.toString('latin1', 0, 2);
    const count = list.readUInt16LE(2);
    const found: number[] = [];
    for (let i = 0; i < count; i++) {
      if (kind === 'lf' || kind === 'lh') found.push(list.readUInt32LE(4 + i * 8));
      else if (kind === 'li') found.push(list.readUInt32LE(4 + i * 4));
      else if (kind === 'ri' && depth < 2) {
        for (const child of this.children(list.readUInt32LE(4 + i * 4), depth + 1)) found.push(child);
      }
    }
    return found;
  }

  private value(offset: number): void {
    const record = this.cell(offset);
    if (record.toString('latin1', 0, 2) !== 'vk') return;
    const name = recordName(record, 0x14, record.readUInt16LE(2), (record.readUInt16LE(0x10) & 1) !== 0);
    const size = record.readUInt32LE(4);
    const type = record.readUInt32LE(0xc);
    // Up to four bytes stand in the record itself, in the place of their offset.
    const inline = size >= 0x80000000;
    const length = inline ? Math.min(size - 0x80000000, 4) : size;
    const data = inline ? record.subarray(8, 8 + length) : this.data(record.readUInt32LE(8), length);
    this.out.value(name, type, data);
  }

  private data(offset: number, length: number): Buffer {
    const cell = this.cell(offset);
    if (length <= cell.length) return cell.subarray(0, length);
    if (cell.toString('latin1', 0, 2) !== 'db') throw new RangeError('value data');
    const count = cell.readUInt16LE(2);
    const list = this.cell(cell.readUInt32LE(4));
    const segments: Buffer[] = [];
    for (let i = 0; i < count; i++)
      segments.push(this.cell(list.readUInt32LE(i * 4)).subarray(0, segmentSize));
    return Buffer.concat(segments).subarray(0, length);
  }
}

function recordName(record: Buffer, at: number, length: number, oneByte: boolean): string {
  if (at + length > record.length) throw new RangeError('name');
  return record.toString(oneByte ? 'latin1' : 'utf16le', at, at + length);
}
