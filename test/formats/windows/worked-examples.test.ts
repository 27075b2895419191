import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failedProbes, readSource, sourceOf } from './probe.ts';

const root = fileURLToPath(new URL('../../../fixtures/windows', import.meta.url));

describe('worked examples: each packet of a probe table gets its verdict', () => {
  const cases = readdirSync(root).filter((name) => existsSync(join(root, name, 'probes.txt')));
  it.each(cases)('%s', (name) => {
    const folder = join(root, name);
    const input = readdirSync(folder).find((file) => file.startsWith('input.'))!;
    const reading = readSource(sourceOf(join(folder, input)));
    const table = readFileSync(join(folder, 'probes.txt'), 'utf8');
    expect(failedProbes(reading.firewall, table)).toEqual([]);
  });

  it('covers all thirty', () => {
    const numbers = cases.flatMap((name) => /^w(\d\d)-/.exec(name)?.[1] ?? []);
    expect(numbers).toEqual(Array.from({ length: 30 }, (_, i) => String(i + 1).padStart(2, '0')));
  });
});
