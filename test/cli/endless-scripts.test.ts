import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { memoryIo } from './memory-io.ts';

const head = '#!/bin/bash\niptables -P INPUT DROP\n';
const rule = 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT';

/** Small texts that would run, nest or grow without end. */
const texts: readonly (readonly [string, string])[] = [
  ['loops in loops', `${head}${'for i in 1 2; do '.repeat(50)}:${'; done'.repeat(50)}\n`],
  [
    'functions that call two others each',
    `${head}${Array.from({ length: 40 }, (_, i) => `f${i}() { f${i + 1}; f${i + 1}; }\n`).join('')}f40() { { :; } }\nf0\n`,
  ],
  ['code that runs itself twice', `${head}e='eval "$e"; eval "$e"'\neval "$e"\n${rule}\n`],
  ['nested cases', `${head}${'case a in a) '.repeat(5000)}${rule}${';; esac'.repeat(5000)}\n`],
  ['commands joined without end', `${head}${'a && '.repeat(30_000)}${rule}\n`],
  ['a text that a text is put in', `${head}a=aaaa\n${'a=${a//a/$a}\n'.repeat(20)}${rule}\n`],
  ['prefixes without end', `${head}${'sudo '.repeat(30_000)}${rule}\n`],
  [
    'chains that go to each other',
    `*filter\n:INPUT DROP [0:0]\n${Array.from(
      { length: 10_000 },
      (_, i) => `:c${i} - [0:0]\n-A c${i - 1} -g c${i}\n`,
    )
      .join('')
      .replace('-A c-1', '-A INPUT')}-A c9999 -p tcp --dport 22 -j ACCEPT\nCOMMIT\n`,
  ],
  ...[
    ['sets', '{ 1, 2 }', '{ $dI, $dI }'],
    ['numbers', '1', '$dI | $dI'],
  ].map(([name, first, next]): readonly [string, string] => [
    `variables of nft that double ${name}`,
    `#!/usr/sbin/nft -f\ndefine d0 = ${first}\n${Array.from({ length: 60 }, (_, i) => `define d${i + 1} = ${next!.replaceAll('I', String(i))}\n`).join('')}table inet f {\n chain i {\n type filter hook input priority 0\n tcp dport $d59 accept\n }\n}\n`,
  ]),
  ...['jhash ', '1 | ', '1 << '].map((sign): readonly [string, string] => [
    `${sign}in nft`,
    `table inet f {\n chain i {\n type filter hook input priority 0\n tcp dport ${sign.repeat(30_000)}1 accept\n }\n}\n`,
  ]),
];

describe('texts without end', () => {
  it.each(texts)(
    '%s are read to the end',
    async (_name, text) => {
      const io = memoryIo({ input: text });
      const start = performance.now();
      const code = await run(['audit', '--no-policy', '-f', 'json', 'input'], io);
      expect([0, 1, 3]).toContain(code);
      expect(performance.now() - start).toBeLessThan(20_000);
    },
    60_000,
  );
});
