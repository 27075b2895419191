import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { describe, expect, test } from 'vitest';
import { plainCommandsFormat } from '../../../src/formats/iptables/commands-format.ts';
import { detectIptables } from '../../../src/formats/iptables/detect.ts';
import { iptablesFormat } from '../../../src/formats/iptables/format.ts';
import { loadIptables } from '../../../src/formats/iptables/load-format.ts';
import type { ReadOptions } from '../../../src/formats/format.ts';
import type { Source } from '../../../src/source/source.ts';

const options: ReadOptions = {
  localAddresses: [],
  tables: new Map(),
  definitions: new Map(),
  include: () => 'no includes here',
};
const rule = '-A INPUT -p tcp --dport 22 -j ACCEPT';
const dump = `*filter\n:INPUT DROP [0:0]\n${rule}\nCOMMIT\n`;

function sourceOf(text: string, path = 'rules.txt'): Source {
  return { id: 0, path, text, encoding: 'utf-8' };
}

describe('loading iptables', () => {
  test.each([
    ['iptables-save', dump],
    ['iptables-S', `-P INPUT DROP\n${rule}\n`],
    ['iptables-save', `hello\n${dump}`],
  ])('%s waits for no other reader', async (dialect, text) => {
    expect(await loadIptables(sourceOf(text), dialect)).toBe(plainCommandsFormat);
  });

  test.each([
    ['iptables-save', dump.replace('COMMIT', 'COMMIT ')],
    ['iptables-S', `-P INPUT DROP\n-A INPUT -p ! tcp -j ACCEPT\n`],
    ['iptables-save', `${dump.replace('-j', '"-j"')}hello\n`],
  ])('%s of %j waits for the grammar of its lines, and no other reader', async (dialect, text) => {
    const source = sourceOf(text);
    const detection = { score: 1, dialect };
    const format = await loadIptables(source, dialect);
    expect(format).not.toBe(plainCommandsFormat);
    expect(format).not.toBe(iptablesFormat);
    expect(format.read(source, detection, options)).toEqual(iptablesFormat.read(source, detection, options));
  });

  test.each([
    ['iptables-script', dump],
    ['iptables-save', `create s hash:ip\nadd s 192.0.2.1\n${dump}`],
    ['iptables-save', `${dump}Chain INPUT (policy DROP)\n`],
    ['iptables-save', `Name: s\nType: hash:ip\n${dump}`],
  ])('%s of %j takes all readers', async (dialect, text) => {
    expect(await loadIptables(sourceOf(text), dialect)).toBe(iptablesFormat);
  });

  const inputs = globSync('fixtures/iptables/*/input*');
  test.each(inputs)('%s reads alike with what is loaded for it', async (path) => {
    const source = sourceOf(readFileSync(path, 'utf8'), path);
    const detection = detectIptables(source) ?? { score: 0, dialect: 'iptables' };
    const loaded = await loadIptables(source, detection.dialect);
    expect(loaded.read(source, detection, options)).toEqual(iptablesFormat.read(source, detection, options));
  });
});
