import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { includeFiles } from '../../src/cli/include-files.ts';
import { nodeIo } from '../../src/cli/node-io.ts';
import { readInputs, type InputArguments } from '../../src/cli/read-inputs.ts';
import type { Source } from '../../src/source/source.ts';
import { memoryIo } from './memory-io.ts';

const none: InputArguments = {
  paths: [],
  ipset: [],
  table: [],
  localAddress: [],
  includeRoot: [],
  define: [],
  inputFormat: undefined,
  maxSize: undefined,
};

describe('readInputs', () => {
  it('numbers sources, inputs first, whatever failed between', async () => {
    const io = memoryIo({ a: 'A', bad: 'x\0', set: 'S', t: 'T' }, { input: 'I' });
    const read = await readInputs(
      { ...none, paths: ['a', 'bad', '-'], ipset: ['set'], table: ['bad_hosts=t'] },
      io,
    );
    if (read.kind !== 'inputs') throw new Error(read.message);
    expect(read.sources.map(({ id, path, text }) => [id, path, text])).toEqual([
      [0, 'a', 'A'],
      [1, '-', 'I'],
    ]);
    expect(read.ipsets.map(({ id }) => id)).toEqual([2]);
    expect([...read.tables].map(([name, { id, path }]) => [name, id, path])).toEqual([['bad_hosts', 3, 't']]);
    expect(read.diagnostics).toEqual([
      expect.objectContaining({
        code: 'FW1002',
        location: { path: 'bad', line: 1, column: 2, endLine: 1, endColumn: 3 },
      }),
    ]);
  });

  it('reads a file given twice once', async () => {
    const read = await readInputs({ ...none, paths: ['a', 'a'] }, memoryIo({ a: 'A' }));
    expect(read.kind === 'inputs' && read.sources).toHaveLength(1);
  });

  it('refuses what makes no sense', async () => {
    const message = async (over: Partial<InputArguments>): Promise<string> => {
      const read = await readInputs({ ...none, ...over }, memoryIo({ a: 'A' }));
      return read.kind === 'usage' ? read.message : 'read';
    };
    expect(await message({ paths: ['-', '-'] })).toMatch(/once only/);
    expect(await message({ paths: ['a'], table: ['nofile'] })).toMatch(/NAME=FILE/);
    expect(await message({ paths: ['a'], localAddress: ['eth0=nonsense'] })).toMatch(/\[IFACE=\]ADDRESS/);
    expect(await message({ paths: ['a'], localAddress: ['=10.0.0.1'] })).toMatch(/\[IFACE=\]ADDRESS/);
  });

  it('reads local addresses', async () => {
    const read = await readInputs(
      { ...none, paths: ['a'], localAddress: ['192.0.2.1', 'eth0=2001:db8::1'] },
      memoryIo({ a: '' }),
    );
    expect(read.kind === 'inputs' && read.localAddresses).toEqual([
      { family: 'ipv4', range: [0xc0000201n, 0xc0000201n] },
      expect.objectContaining({ interface: 'eth0', family: 'ipv6' }),
    ]);
  });
});

describe('includeFiles', () => {
  const root = mkdtempSync(join(tmpdir(), 'fw-audit-include-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'etc/nftables.d'), { recursive: true });
  writeFileSync(join(root, 'etc/nftables.d/b.nft'), 'b');
  writeFileSync(join(root, 'etc/nftables.d/a.nft'), 'a');
  writeFileSync(join(root, 'secret'), 's');
  symlinkSync(join(root, 'secret'), join(root, 'etc/nftables.d/link.conf'));
  const main: Source = { id: 0, path: join(root, 'etc/nftables.conf'), text: '', encoding: 'utf-8' };
  const io = nodeIo();
  const include = includeFiles([join(root, 'etc')], io, (path) => {
    const bytes = io.readFile(path);
    return typeof bytes === 'string'
      ? undefined
      : { id: 9, path, text: Buffer.from(bytes).toString(), encoding: 'utf-8' };
  });
  const texts = (path: string): unknown => {
    const found = include(path, main);
    return typeof found === 'string' ? found : found.map(({ text }) => text);
  };

  it('reads relative paths, patterns in order, and absolute ones below a root', () => {
    expect(texts('nftables.d/a.nft')).toEqual(['a']);
    expect(texts('nftables.d/*.nft')).toEqual(['a', 'b']);
    expect(texts('/nftables.d/b.nft')).toEqual(['b']);
    expect(texts(join(root, 'etc/nftables.d/b.nft'))).toEqual(['b']);
  });

  it('lets a pattern match nothing, as nft does', () => {
    expect(texts('nftables.d/*.none')).toEqual([]);
  });

  it('never leaves the roots, by dots, absolute paths or links', () => {
    for (const path of ['../secret', join(root, 'secret'), 'nftables.d/link.conf', '/etc/passwd']) {
      expect(texts(path), path).toMatch(/outside the folders|was not found/);
    }
  });
});
