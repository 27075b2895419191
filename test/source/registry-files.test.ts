import { describe, expect, it } from 'vitest';
import { decode } from '../../src/source/decode.ts';

const rule = 'v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=22|Name=say "hi"|';

function textOf(bytes: Buffer): string {
  const decoded = decode(bytes, 'file', 0);
  if (decoded.kind === 'refused') throw new Error(decoded.diagnostic.message);
  return decoded.source.text;
}

function problemOf(bytes: Buffer): string {
  const decoded = decode(bytes, 'file', 0);
  if (decoded.kind !== 'refused') throw new Error('was not refused');
  return `${decoded.diagnostic.code} ${decoded.diagnostic.message}`;
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const terminated = (text: string): Buffer => utf16(`${text}\0`);
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

function policyEntry(key: string, name: string, type: number, data: Buffer): Buffer {
  const semicolon = utf16(';');
  const parts = [
    utf16('['),
    terminated(key),
    semicolon,
    terminated(name),
    semicolon,
    uint32(type),
    semicolon,
  ];
  return Buffer.concat([...parts, uint32(data.length), semicolon, data, utf16(']')]);
}

function policy(...entries: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('PReg'), uint32(1), ...entries]);
}

describe('Registry.pol', () => {
  const key = 'SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules';

  it('becomes the text of a .reg file', () => {
    const bytes = policy(
      policyEntry(key, 'ssh', 1, terminated(rule)),
      policyEntry(
        'SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\PublicProfile',
        'EnableFirewall',
        4,
        uint32(0),
      ),
    );
    expect(textOf(bytes)).toBe(
      [
        'Windows Registry Editor Version 5.00',
        '; from Registry.pol',
        '',
        `[HKEY_LOCAL_MACHINE\\${key}]`,
        `"ssh"="${rule.replaceAll('"', '\\"')}"`,
        '',
        '[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\PublicProfile]',
        '"EnableFirewall"=dword:00000000',
        '',
      ].join('\n'),
    );
  });

  it('keeps its deletions', () => {
    const bytes = policy(
      policyEntry(key, '**del.old', 1, terminated(' ')),
      policyEntry(key, '**delvals.', 1, terminated(' ')),
      policyEntry(key, '**DeleteValues', 1, terminated('a;b')),
    );
    const text = textOf(bytes);
    expect(text).toContain('"old"=-');
    expect(text).toContain(`[-HKEY_LOCAL_MACHINE\\${key}]`);
    expect(text).toContain('"b"=-');
  });

  it('cannot smuggle lines in by names or values', () => {
    const text = textOf(policy(policyEntry(`${key}]\r\n"x"="`, 'a\nb', 1, terminated('v2.31|\n"y"="z'))));
    expect(text.split('\n').filter((line) => line.startsWith('"'))).toHaveLength(1);
    expect(text).not.toContain('"y"');
  });

  it('says where it is broken', () => {
    const whole = policy(policyEntry(key, 'ssh', 1, terminated(rule)));
    expect(problemOf(whole.subarray(0, whole.length - 3))).toMatch(/^FW1402 .*entry at byte 8/);
  });
});

/** A hive of one root key, its children and their values, with the cells in the order they are written. */
class HiveBuilder {
  private readonly cells: Buffer[] = [];
  private size = 32;

  add(content: Buffer): number {
    const length = Math.ceil((content.length + 4) / 8) * 8;
    const cell = Buffer.alloc(length);
    cell.writeInt32LE(-length);
    content.copy(cell, 4);
    this.cells.push(cell);
    this.size += length;
    return this.size - length;
  }

  value(name: string, type: number, data: Buffer): number {
    const record = Buffer.alloc(0x14 + name.length);
    record.write('vk');
    record.writeUInt16LE(name.length, 2);
    record.writeUInt32LE(data.length <= 4 ? data.length + 0x80000000 : data.length, 4);
    if (data.length <= 4) data.copy(record, 8);
    else record.writeUInt32LE(data.length > 16344 ? this.segments(data) : this.add(data), 8);
    record.writeUInt32LE(type, 0xc);
    record.writeUInt16LE(1, 0x10);
    record.write(name, 0x14, 'latin1');
    return this.add(record);
  }

  private segments(data: Buffer): number {
    const offsets: Buffer[] = [];
    for (let at = 0; at < data.length; at += 16344)
      offsets.push(uint32(this.add(data.subarray(at, at + 16344))));
    const list = this.add(Buffer.concat(offsets));
    const record = Buffer.alloc(8);
    record.write('db');
    record.writeUInt16LE(offsets.length, 2);
    record.writeUInt32LE(list, 4);
    return this.add(record);
  }

  key(name: string, values: readonly number[], children: readonly number[]): number {
    const record = Buffer.alloc(0x4c + name.length);
    record.write('nk');
    record.writeUInt16LE(0x20, 2);
    record.writeUInt32LE(children.length, 0x14);
    record.writeUInt32LE(0xffffffff, 0x1c);
    if (children.length > 0) {
      const list = Buffer.concat(children.flatMap((child) => [uint32(child), uint32(0)]));
      const head = Buffer.alloc(4);
      head.write('lh');
      head.writeUInt16LE(children.length, 2);
      record.writeUInt32LE(this.add(Buffer.concat([head, list])), 0x1c);
    }
    record.writeUInt32LE(values.length, 0x24);
    record.writeUInt32LE(
      values.length === 0 ? 0xffffffff : this.add(Buffer.concat(values.map(uint32))),
      0x28,
    );
    record.writeUInt16LE(name.length, 0x48);
    record.write(name, 0x4c, 'latin1');
    return this.add(record);
  }

  bytes(root: number): Buffer {
    const header = Buffer.alloc(0x1000);
    header.write('regf');
    header.writeUInt32LE(root, 0x24);
    const bin = Buffer.alloc(32);
    bin.write('hbin');
    return Buffer.concat([header, bin, ...this.cells]);
  }
}

describe('registry hive (.wfw)', () => {
  const long = `${rule}Desc=${'x'.repeat(20000)}|`;

  function hive(): Buffer {
    const builder = new HiveBuilder();
    const values = [builder.value('ssh', 1, terminated(rule)), builder.value('long', 1, terminated(long))];
    const rules = builder.key('FirewallRules', values, []);
    const profile = builder.key('PublicProfile', [builder.value('EnableFirewall', 4, uint32(0))], []);
    return builder.bytes(builder.key('ROOT', [], [rules, profile]));
  }

  it('becomes the text of a .reg file', () => {
    const text = textOf(hive());
    expect(text).toContain(
      `[HKEY_LOCAL_MACHINE\\HIVE\\FirewallRules]\n"ssh"="${rule.replaceAll('"', '\\"')}"\n`,
    );
    expect(text).toContain(`"long"="${long.replaceAll('"', '\\"')}"`);
    expect(text).toContain('[HKEY_LOCAL_MACHINE\\HIVE\\PublicProfile]\n"EnableFirewall"=dword:00000000\n');
  });

  it('never hangs or crashes on damage', () => {
    const whole = hive();
    for (let length = 4; length < whole.length; length += 61)
      expect(() => decode(whole.subarray(0, length), 'x', 0)).not.toThrow();
    for (let at = 0x1020; at < 0x1400; at += 3) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(0xff, at);
      expect(() => decode(damaged, 'x', 0)).not.toThrow();
    }
  });

  it('is explained when it cannot be read', () => {
    const decoded = decode(Buffer.from('regf, and no more'), 'policy.wfw', 0);
    expect(decoded.kind).toBe('refused');
    if (decoded.kind === 'refused') {
      expect(decoded.diagnostic.code).toBe('FW1402');
      expect(decoded.diagnostic.help).toContain('reg export');
    }
  });
});
