import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { terminal } from '../../src/reporters/terminal.ts';
import { decode } from '../../src/source/decode.ts';
import type { Source } from '../../src/source/source.ts';

const root = new URL('../../fixtures/iptables/', import.meta.url);

/** Every folder of fixtures/iptables with an input: its report as a user sees it, beside the input. */
const cases = readdirSync(root)
  .filter((name) => existsSync(new URL(`${name}/input.rules`, root)))
  .sort();

describe('reports of fixtures/iptables', () => {
  test('there are at least fifteen', () => {
    expect(cases.length).toBeGreaterThanOrEqual(15);
  });

  test.each(cases)('%s', async (name) => {
    const report = await audit([read(`fixtures/iptables/${name}/input.rules`)]);
    const text = terminal.render(report, {
      columns: 120,
      color: false,
      unicode: true,
      quiet: false,
      verbose: false,
    });
    await expect(text).toMatchFileSnapshot(new URL(`${name}/report.txt`, root).pathname);
  });
});

function read(path: string): Source {
  const decoded = decode(readFileSync(new URL(`../../${path}`, import.meta.url)), path, 0);
  if (decoded.kind !== 'text') throw new Error(`${path} could not be decoded`);
  return decoded.source;
}
