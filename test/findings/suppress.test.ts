import { describe, expect, it } from 'vitest';
import { audit } from '../../src/audit.ts';
import { applyBaseline, baselineText, parseBaseline } from '../../src/findings/baseline.ts';
import { suppress } from '../../src/findings/suppress.ts';
import type { Suppressed } from '../../src/findings/suppress.ts';
import type { Finding } from '../../src/report/report.ts';
import type { Source } from '../../src/source/source.ts';

function source(...rules: readonly string[]): Source {
  const text = `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n${rules.join('\n')}\nCOMMIT\n`;
  return { id: 0, path: 'rules.v4', text, encoding: 'utf-8' };
}

async function suppressedIn(...rules: readonly string[]): Promise<Suppressed> {
  const one = source(...rules);
  const report = await audit([one]);
  return suppress(report.findings, report.exposures, [one]);
}

const reasons = ({ findings }: Suppressed): (string | undefined)[] =>
  findings.map(({ suppressed }) => suppressed?.reason);
const codes = ({ diagnostics }: Suppressed): string[] => diagnostics.map(({ code }) => code);

const rule = '-A INPUT -p tcp -m tcp --dport 3092 -j ACCEPT';

describe('suppress', () => {
  it('takes a comment right above the rule', async () => {
    const result = await suppressedIn('# fw-audit: ignore[FW2001] metering, OPS-1', '# more', rule);
    expect(reasons(result)).toEqual(['metering, OPS-1']);
    expect(result.findings[0]!.suppressed?.by).toBe('comment');
    expect(codes(result)).toEqual([]);
  });

  it("takes the rule's own comment, and names as well as codes", async () => {
    const result = await suppressedIn(
      '-A INPUT -p tcp -m tcp --dport 3092 -m comment --comment "fw-audit: ignore[any-port, unassigned-port] for the meters" -j ACCEPT',
    );
    expect(reasons(result)).toEqual(['for the meters']);
  });

  it('silences nothing without a reason, for another finding or on another rule', async () => {
    expect(await suppressedIn('# fw-audit: ignore[FW2001]', rule).then(codes)).toEqual(['FW3020']);
    expect(await suppressedIn('# fw-audit: ignore[FW2003] x', rule).then(codes)).toEqual(['FW3022']);
    expect(await suppressedIn('# fw-audit: ignore[FW9999] x', rule).then(codes)).toEqual(['FW3021']);
    const far = await suppressedIn(
      '# fw-audit: ignore[FW2001] x',
      '-A INPUT -p tcp --dport 443 -j ACCEPT',
      rule,
    );
    expect(reasons(far)).toEqual([undefined]);
    expect(codes(far)).toEqual(['FW3022']);
  });

  it('never hides what another rule opens', async () => {
    const narrow = '-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 3092 -j ACCEPT';
    const result = await suppressedIn('# fw-audit: ignore[FW2001] inside only', narrow, rule);
    expect(reasons(result)).toEqual([undefined]);
    const both = await suppressedIn(
      '# fw-audit: ignore[FW2001] a',
      narrow,
      '# fw-audit: ignore[FW2001] b',
      rule,
    );
    expect(reasons(both)).toEqual(['a; b']);
  });
});

describe('baseline', () => {
  const findingsOf = async (...rules: readonly string[]): Promise<readonly Finding[]> =>
    (await audit([source(...rules)])).findings;

  it('knows a finding again when its rule has moved, and not when it opens more', async () => {
    const reading = parseBaseline({
      id: 0,
      path: 'baseline.json',
      text: baselineText(await findingsOf(rule)),
      encoding: 'utf-8',
    });
    if (!reading.ok) throw new Error(reading.message);
    const marked = (findings: readonly Finding[]): (string | undefined)[] =>
      applyBaseline(findings, reading.baseline, 'baseline.json').map(({ suppressed }) => suppressed?.by);
    expect(marked(await findingsOf('-A INPUT -p tcp --dport 443 -j ACCEPT', '', rule))).toEqual(['baseline']);
    expect(marked(await findingsOf(rule, '-A INPUT -p tcp --dport 3093 -j ACCEPT'))).toEqual([undefined]);
    expect(marked(await findingsOf(rule.replace('-A INPUT', '-A INPUT -s 10.0.0.0/8')))).toEqual([undefined]);
  });

  it.each([
    ['[', 'not valid JSON'],
    ['{}', 'not of version 1'],
    ['{"version":1}', 'no list of findings'],
    ['{"version":1,"findings":[{}]}', 'finding 1 of the baseline has no fingerprint'],
  ])('refuses %s', (text, message) => {
    expect(parseBaseline({ id: 0, path: 'b', text, encoding: 'utf-8' })).toMatchObject({
      ok: false,
      message: expect.stringContaining(message) as string,
    });
  });
});
