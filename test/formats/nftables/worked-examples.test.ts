import { describe, expect, it } from 'vitest';
import { cases, failedProbes, inputOf, read } from './probe.ts';

describe('worked examples: each packet of a probe table gets its verdict', () => {
  it.each(cases())('%s', async (name) => {
    expect(await failedProbes(name)).toEqual([]);
  });

  it('are sixteen or more', () => {
    expect(cases().length).toBeGreaterThanOrEqual(16);
  });

  it.each(cases().filter((name) => name !== 'iptables-nft-dump'))(
    '%s is understood to the last rule',
    (name) => {
      const reading = read(inputOf(name).text);
      expect(reading.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(reading.understood).toBe(reading.rules);
    },
  );
});
