import { describe, expect, it } from 'vitest';
import { renderReport } from '../../src/cli/write-report.ts';
import { setOutline, withVerdict } from '../../src/report/row-outline.ts';
import { hostile } from '../reporters/hostile-report.ts';

const args = { quiet: false, verbose: false, failOn: 'medium' } as const;
const io = { columns: 80, color: false, unicode: true };

describe('a report whose rows name more sources than fit', () => {
  const [row] = hostile.exposures;
  const long = withVerdict(row!, null);
  setOutline(long, {
    anySource: false,
    prefixes: 100_000_000,
    firstPrefixes: ['192.0.2.0/24'],
    paths: 100_000_000,
    inward: false,
    toSome: false,
    leadsByPacket: true,
    leadingRule: row!.rules[0],
    lastRule: row!.rules[0],
    short: false,
  });
  const report = { ...hostile, exposures: [long] };

  it.each(['json', 'csv'] as const)('is refused as %s, and the error says what to do', async (reporter) => {
    await expect(renderReport(report, [{ path: undefined, reporter }], args, [], io)).rejects.toThrow(
      /longer than 1 GiB, .*; ask for one that outlines them/,
    );
  });

  it('is outlined on a terminal', async () => {
    const [rendered] = await renderReport(report, [{ path: undefined, reporter: 'terminal' }], args, [], io);
    expect(rendered!.text.join('')).toContain('192.0.2.0/24 and 99999999 more');
  });
});
