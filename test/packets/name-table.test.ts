import { describe, expect, test } from 'vitest';
import { namePatterns } from '../../src/analysis/cover.ts';
import { NameTable } from '../../src/packets/name-table.ts';

const table = new NameTable([
  { name: 'lo', prefix: false },
  { name: 'eth0', prefix: false },
  { name: 'eth', prefix: true },
  { name: 'eth1', prefix: true },
]);

const index = (name: string): number => table.classOf(name);

describe('names as classes', () => {
  test('a name that no rule mentions belongs to its longest mentioned prefix', () => {
    expect(table.classes[index('eth7')]).toEqual({ kind: 'prefix', name: 'eth' });
    expect(table.classes[index('eth12')]).toEqual({ kind: 'prefix', name: 'eth1' });
    expect(table.classes[index('wlan0')]).toEqual({ kind: 'other' });
    expect(table.classes[index('eth0')]).toEqual({ kind: 'name', name: 'eth0' });
  });

  test('a prefix holds its names, its longer prefixes and nothing else', () => {
    const fitting = table.classesOf({ name: 'eth', prefix: true });
    expect(fitting).toContain(index('eth0'));
    expect(fitting).toContain(index('eth7'));
    expect(fitting).toContain(index('eth12'));
    expect(fitting).not.toContain(index('wlan0'));
    expect(fitting).not.toContain(index('lo'));
  });

  test('every number means some class', () => {
    const last = table.codes(table.classes.length - 1);
    expect(last[1]).toBe(2 ** table.bits - 1);
  });

  test('examples belong to their class', () => {
    table.classes.forEach((_, i) => expect(table.classOf(table.example(i, 'eth0'))).toBe(i));
  });
});

describe('sets of names as patterns', () => {
  const patterns = (names: readonly string[]): readonly (readonly string[])[] =>
    namePatterns(table, new Set(names.map(index)), true);

  test('anything but loopback is any', () => {
    expect(patterns(['eth0', 'eth7', 'eth12', 'wlan0'])).toEqual([[]]);
  });

  test('any but a name, a prefix with an exception, and plain names', () => {
    expect(patterns(['eth7', 'eth12', 'wlan0'])).toEqual([['!eth0']]);
    expect(patterns(['eth7', 'eth12'])).toEqual([['eth*', '!eth0', '!eth1*'], ['eth1*']]);
    expect(patterns(['eth0'])).toEqual([['eth0']]);
    expect(patterns(['wlan0'])).toEqual([['!eth0', '!eth1*', '!eth*']]);
  });
});
