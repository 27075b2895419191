import { describe, expect, it } from 'vitest';
import { cases, failedProbes } from './probe.ts';

describe('worked examples: each packet of a probe table gets its verdict', () => {
  it.each(cases())('%s', async (name) => {
    expect(await failedProbes(name)).toEqual([]);
  });

  it('covers all thirty-two', () => {
    const numbers = new Set(cases().flatMap((name) => /^p(\d\d)-/.exec(name)?.[1] ?? []));
    expect([...numbers].sort()).toEqual(Array.from({ length: 32 }, (_, i) => String(i + 1).padStart(2, '0')));
  });
});
