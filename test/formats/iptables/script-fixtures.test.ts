import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { audit } from '../../../src/audit.ts';
import { createQuery } from '../../../src/query.ts';
import type { Source } from '../../../src/source/source.ts';
import { packetOf } from '../nftables/probe.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/iptables', import.meta.url));
const cases = readdirSync(fixtures).filter((name) => existsSync(join(fixtures, name, 'probes.txt')));

/** What holds commands beside those of iptables: shell scripts, units, configurations. */
function inputOf(name: string): Source {
  const path = readdirSync(join(fixtures, name)).find((file) => file.startsWith('input.'))!;
  return { id: 0, path, text: readFileSync(join(fixtures, name, path), 'utf8'), encoding: 'utf-8' };
}

describe('scripts: each packet of a probe table gets its verdict', () => {
  test.each(cases)('%s', async (name) => {
    const { query } = await createQuery([inputOf(name)]);
    const wrong = readFileSync(join(fixtures, name, 'probes.txt'), 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [verdict, ...words] = line.split(' ');
        if (verdict !== 'allow' && verdict !== 'deny' && verdict !== 'conditional') return [];
        const answer = query(packetOf(words));
        return answer.verdict === verdict
          ? []
          : [`${line}: got ${answer.verdict} ${answer.conditions.join('; ')}`];
      });
    expect(wrong).toEqual([]);
  });

  test.each(cases)('%s has no errors', async (name) => {
    const { diagnostics } = await audit([inputOf(name)]);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('what nft is given has its place in the script', async () => {
    const { exposures } = await audit([inputOf('script-nft-document')]);
    const row = exposures.find(({ ports }) => ports?.from === 443);
    expect(row?.rules.map(({ line, text }) => ({ line, text }))).toEqual([
      { line: 14, text: 'tcp dport { 80, 443 } accept' },
    ]);
    const commands = await audit([inputOf('script-nft-commands')]);
    const looped = commands.exposures.find(({ ports, family }) => ports?.from === 80 && family === 'ipv6');
    expect(looped?.rules.map(({ line, text }) => ({ line, text }))).toEqual([
      { line: 11, text: 'tcp dport 80 accept' },
    ]);
  });
});
